"""What the audit log lacks of what callers were told, by kind and by the numbers of turns."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from agent.events import CallEnded, CallerSpoke, EndReason, Event
from agent.memory.ledger import Ledger
from agent.memory.store import Store
from agent.observers.audit.records import record_of
from evals.observers import missing, turns_missing

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)


def ledger_with(folder: Path, *events: Event) -> Ledger:
    """A log of one call in which that happened."""
    url = f"sqlite:///{folder / 'parley.db'}"
    Store(url).prepare()
    ledger = Ledger(url, "")
    ledger.append([record for event in events if (record := record_of("call-1", AT, event))])
    return ledger


def spoke(turn: int) -> CallerSpoke:
    """The caller's turn of that number."""
    return CallerSpoke(turn=turn, words=1, text="yes")


END = CallEnded(reason=EndReason.CALLER_LEFT, duration_s=9.0, turns=3)


def test_a_turn_that_is_missing_shows_by_its_number(tmp_path: Path) -> None:
    """In the middle, and at the end."""
    assert turns_missing(ledger_with(tmp_path, spoke(1), spoke(3), END)) == 1


def test_a_whole_call_misses_nothing(tmp_path: Path) -> None:
    """Its end says how many there were."""
    assert turns_missing(ledger_with(tmp_path, spoke(1), spoke(2), spoke(3), END)) == 0


def test_what_pages_were_told_and_the_log_has_not_is_lost() -> None:
    """But for what is none of an auditor's business."""
    told = [{"type": "tool_called"}, {"type": "tool_called"}, {"type": "turn_ended"}]
    caller = SimpleNamespace(events=told)
    assert missing([caller], Counter(tool_called=1)) == Counter(tool_called=1)  # type: ignore[list-item]
