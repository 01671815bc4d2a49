"""The audit log as an observer: what becomes a record, and that none is lost when the database or the process goes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.events import (
    AgentSpoke,
    CallEnded,
    CallerSpoke,
    CallJoined,
    EndReason,
    Event,
    FillerSpoken,
    Outcome,
    ToolCalled,
    ToolReturned,
    name_of,
)
from agent.memory.ledger import Ledger
from agent.memory.store import Store
from agent.observers.audit.records import KINDS, UNTOLD, record_of
from agent.observers.audit.spill import Spill
from agent.observers.audit.writer import Audit
from agent.observers.bus import Bus
from tests.fakes.databases import locked
from tests.test_pii import every_event

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
KEY = "a" * 32
KILLS = 6
EVENTS: list[Event] = [
    CallJoined(profile="shop", channel="browser"),
    AgentSpoke(turn=0, words=3, is_whole=True, text="Hello, I'm an AI."),
    CallerSpoke(turn=1, words=6, text="my card is 4111 1111 1111 1111"),
    ToolCalled(tool_call="t", tool="pay", arguments='{"card": "4111111111111111"}'),
    ToolReturned(tool_call="t", tool="pay", outcome=Outcome.REFUSED, duration_ms=3.0, sentence="No. " * 300),
    FillerSpoken(turn=1, tool="pay"),
    CallEnded(reason=EndReason.CALLER_LEFT, duration_s=3.0, turns=1),
]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Of a prepared SQLite file, without a record."""
    store = Store(f"sqlite:///{tmp_path / 'parley.db'}")
    store.prepare()
    store.close()
    return Ledger(f"sqlite:///{tmp_path / 'parley.db'}", KEY, lambda: NOW)


@pytest.fixture
def ticks() -> list[float]:
    """The monotonic clock's time, to be set."""
    return [0.0]


@pytest.fixture
def audit(ledger: Ledger, tmp_path: Path, ticks: list[float]) -> Audit:
    """With its folder for bad times."""
    return Audit(ledger, Spill(tmp_path / "audit"), now=lambda: ticks[0])


def tell(audit: Audit, *numbers: int) -> None:
    """So many turns, one after the other."""
    for number in numbers:
        audit.on_event("call-1", NOW, CallerSpoke(turn=number, words=1, text="hi"))
    audit.rest()


def turns(ledger: Ledger) -> list[int]:
    """Which turns are in the log, in its order."""
    return [json.loads(link.body or "")["turn"] for link in ledger.all()]


async def test_a_call_becomes_records_with_placeholders_and_a_preview(ledger: Ledger, audit: Audit) -> None:
    """Through the bus, as in a call; what nobody is accountable for is no record."""
    bus = Bus([audit])
    for event in EVENTS:
        bus.publish("call-1", NOW, event)
    await bus.aclose()
    found = [(link.kind, json.loads(link.body or "")) for link in ledger.of("call-1")]
    assert [kind for kind, _ in found] == [
        "CALL_START", "TRANSCRIPT", "TRANSCRIPT", "TOOL_CALL", "TOOL_RESULT", "CALL_END",
    ]  # fmt: skip
    assert found[2][1]["text"] == "my card is <CARD_1>"
    assert json.loads(found[3][1]["arguments"]) == {"card": "<CARD_1>"}
    assert found[4][1]["outcome"] == "refused" and len(found[4][1]["sentence"]) == 500
    assert ledger.verify() == []


def test_every_event_can_be_recorded(ledger: Ledger, audit: Audit) -> None:
    """Also one that somebody adds tomorrow."""
    for event in every_event("words"):
        audit.on_event("call-1", NOW, event)
    audit.rest()
    names = {name_of(event) for event in every_event("words")}
    assert {json.loads(link.body or "")["event"] for link in ledger.of("call-1")} == names - UNTOLD
    assert {*KINDS, *UNTOLD} <= names, "the list names no event that is none"


def test_while_the_database_is_away_records_wait_on_disk_and_then_come_in_their_order(
    ledger: Ledger, audit: Audit, ticks: list[float], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Told once when it goes, and once when it is back; it is not asked at every event."""
    caplog.set_level("INFO", "parley.observers")
    tell(audit, 1)
    with locked(tmp_path / "parley.db"):
        tell(audit, 2, 3)
        started = time.perf_counter()
        tell(audit, 4)
        assert time.perf_counter() - started < 0.5, "it is known to be away"
        assert audit.behind == 3
        assert [*(tmp_path / "audit").glob("*.jsonl")]
    ticks[0] += 5
    tell(audit, 5)
    assert turns(ledger) == [1, 2, 3, 4, 5]
    assert audit.behind == 0 and not [*(tmp_path / "audit").glob("*.jsonl")]
    assert ledger.verify() == []
    told = [record.getMessage() for record in caplog.records if record.name == "parley.observers"]
    assert told == ["the audit log waits on disk", "the audit log has caught up"]


def test_a_silent_call_catches_up_too(ledger: Ledger, audit: Audit, ticks: list[float], tmp_path: Path) -> None:
    """`rest` comes every two seconds, with or without an event."""
    with locked(tmp_path / "parley.db"):
        tell(audit, 1)
    ticks[0] += 5
    audit.rest()
    assert turns(ledger) == [1]


def test_when_the_disk_is_full_too_records_wait_in_memory(ledger: Ledger, tmp_path: Path, ticks: list[float]) -> None:
    """None is dropped."""
    (tmp_path / "audit").write_text("no folder")
    audit = Audit(ledger, Spill(tmp_path / "audit"), now=lambda: ticks[0])
    with locked(tmp_path / "parley.db"):
        tell(audit, 1, 2)
        assert audit.behind == 2
    ticks[0] += 5
    tell(audit, 3)
    assert turns(ledger) == [1, 2, 3]


def test_what_a_dead_process_left_is_taken_in_and_a_living_ones_is_left_alone(
    ledger: Ledger, audit: Audit, tmp_path: Path
) -> None:
    """Half a line was told to nobody."""
    other = Audit(ledger, Spill(tmp_path / "audit"))
    with locked(tmp_path / "parley.db"):
        tell(other, 1)
    dead = tmp_path / "audit" / "dead.jsonl"
    (living,) = (tmp_path / "audit").glob("*.jsonl")
    dead.write_text(living.read_text().replace("call-1", "call-0").replace(': "', ': "1', 1) + '{"id": "half')
    tell(audit, 2)
    assert [link.call_id for link in ledger.all()] == ["call-1", "call-0"]
    assert living.exists() and not dead.exists()


def test_a_disk_that_was_full_in_the_middle_of_a_line_costs_no_other(tmp_path: Path) -> None:
    """The record is written again, and the one behind it is whole."""
    spill = Spill(tmp_path / "audit")
    first, second = (
        record for word in "ab" if (record := record_of("call-1", NOW, CallerSpoke(turn=1, words=1, text=word)))
    )
    spill.write([first])
    (path,) = (tmp_path / "audit").glob("*.jsonl")
    with path.open("a") as file:
        file.write('{"id": "half')
    spill.write([second])
    assert spill.read() == [first, second]


def test_a_process_that_is_killed_at_any_moment_has_lost_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    """Several times over, with the database locked for a while each time."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    Store(url).prepare()
    said: list[str] = []
    chosen = random.Random(7)
    for round_ in range(KILLS):
        writer = _writer(url, tmp_path / "audit", f"call-{round_}")
        assert writer.stdout is not None and writer.stdout.readline() == b"begun\n"
        if round_ % 2:
            with locked(tmp_path / "parley.db"):
                time.sleep(chosen.uniform(0.1, 0.4))
                os.kill(writer.pid, signal.SIGKILL)
        else:
            time.sleep(chosen.uniform(0.02, 0.3))
            os.kill(writer.pid, signal.SIGKILL)
        said += writer.communicate()[0].decode().split()
    ledger = Ledger(url, KEY, lambda: datetime.now(UTC))
    Audit(ledger, Spill(tmp_path / "audit")).rest()
    there = {f"{link.call_id}:{json.loads(link.body or '')['turn']}" for link in ledger.all()}
    assert said and not {one for one in said if one.count(":") == 1} - there
    assert ledger.verify() == []


def _writer(url: str, folder: Path, call: str) -> "subprocess.Popen[bytes]":
    """A process that writes record after record, and prints each one's name when it is acknowledged."""
    code = f"""
import sys
from datetime import UTC, datetime
from agent.events import CallerSpoke
from agent.memory.ledger import Ledger
from agent.observers.audit.spill import Spill
from agent.observers.audit.writer import Audit
from pathlib import Path
now = lambda: datetime.now(UTC)
audit = Audit(Ledger({url!r}, {KEY!r}, now), Spill(Path({str(folder)!r})))
print("begun", flush=True)
for turn in range(100000):
    audit.on_event({call!r}, now(), CallerSpoke(turn=turn, words=1, text="hi"))
    if turn % 3 == 2:
        audit.rest()
        sys.stdout.write("".join({call!r} + f":{{n}}\\n" for n in range(turn - 2, turn + 1)))
        sys.stdout.flush()
"""
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)


def test_a_call_waits_for_no_audit(audit: Audit, tmp_path: Path) -> None:
    """Publishing takes microseconds while the database hangs."""
    bus = Bus([audit])
    with locked(tmp_path / "parley.db"):
        started = time.perf_counter()
        for turn in range(200):
            bus.publish("call-1", NOW, CallerSpoke(turn=turn, words=1, text="hi"))
        assert time.perf_counter() - started < 0.2
        bus.flush(5)
    assert bus.dropped == 0
    assert bus.waiting["Audit"] == audit.behind
