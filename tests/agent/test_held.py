"""What is held on a caller, and that nothing of it is left once they are forgotten, and all of everybody else."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import forget, held
from agent.config import Settings
from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    ConsentGiven,
    EndReason,
    Event,
    ToolCalled,
)
from agent.memory.callers import Callers, Remembered, Who
from agent.memory.ledger import Ledger
from agent.memory.store import Store
from agent.observers.audit.records import record_of
from agent.observers.audit.spill import Spill
from agent.observers.record import CallRecord
from agent.redaction.door import Door
from backends import follow_ups
from backends.follow_ups import FollowUp, Kind

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
ANNA, BEN = "+15550100199", "+15550100200"


def call(word: str) -> list[Event]:
    """A whole call, in which that word was said."""
    return [
        CallJoined(profile="shop", channel="phone"),
        CallerSpoke(turn=1, words=4, text=f"I want the {word}"),
        ToolCalled(tool_call="t", tool="search", arguments=json.dumps({"what": word})),
        ConsentGiven(purpose="memory", how="said_yes"),
        CallEnded(reason=EndReason.CALLER_LEFT, duration_s=9.0, turns=1),
    ]


@pytest.fixture(autouse=True)
async def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A worker that has had three calls: Anna's and Ben's, who are remembered, and one of Anna's for a callback."""
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PARLEY_AUDIT_KEY", "a" * 32)
    settings = Settings.load()
    store = Store(settings.store)
    store.prepare()
    ledger, record = Ledger(settings.store, settings.audit_key), CallRecord(store)
    for call_id, word in (("call-anna", "lamp"), ("call-ben", "sofa"), ("call-wish", "rug")):
        door = Door()
        told = [one for event in call(word) for one in door.told(event)]
        for event in told:
            record.on_event(call_id, NOW, event)
        ledger.append([one for event in told if (one := record_of(call_id, NOW, event))])
    callers = Callers(settings.store)
    for number, call_id in ((ANNA, "call-anna"), (BEN, "call-ben")):
        callers.keep(Who(profile="shop", number=number), Remembered(name="N", called_at=NOW), call_id)
    follow_ups.prepare(settings.backend("shop"))
    wishes = follow_ups.connect(settings.backend("shop"), lambda: NOW)
    for number, call_id in ((ANNA, "call-wish"), (BEN, "call-ben")):
        due_at = NOW + timedelta(days=1)
        await wishes.note(FollowUp(kind=Kind.CALLBACK, call_id=call_id, number=number, due_at=due_at))
    await wishes.aclose()
    return settings


def shown(known_by: str) -> str:
    """What `python -m agent.held` prints."""
    return held.main([known_by])


def test_all_that_is_held_on_a_caller_is_shown_and_nothing_of_anybody_else() -> None:
    """Also of a call that only a wish of theirs leads to."""
    told = shown("+1 555 010 0199")
    assert "lamp" in told and "rug" in told and "sofa" not in told
    found = json.loads(told)
    assert {*found["store"]} == {"callers", "calls", "call_events", "caller_calls", "audit_records"}
    assert [row["call_id"] for row in found["backends"]["shop"]["follow_ups"]] == ["call-wish"]
    assert len(found["store"]["audit_records"]) == 10


def test_whoever_is_forgotten_is_held_nowhere_and_all_of_the_others_stays(settings: Settings, tmp_path: Path) -> None:
    """But for the proof of their consent; the audit log is whole, and the certificate agrees with what was there."""
    before, bens = json.loads(shown(ANNA)), json.loads(shown(BEN))
    certificate = tmp_path / "certificate.json"
    forget.main([ANNA, "--certificate", str(certificate)])
    after = json.loads(shown(ANNA))
    assert (after["store"], after["backends"]) == ({}, {})
    assert {**json.loads(shown(BEN)), "at": ""} == {**bens, "at": ""}
    everything = b"".join(path.read_bytes() for path in tmp_path.glob("parley.db*"))
    left = [link for link in Ledger(settings.store, "a" * 32).all() if link.call_id in {"call-anna", "call-wish"}]
    assert {link.kind for link in left} == {"CONSENT"}
    assert b"sofa" in everything
    assert b"lamp" not in everything and b"rug" not in everything, "not even in pages that are free"
    assert Ledger(settings.store, "a" * 32).verify() == []
    told = json.loads(certificate.read_text())
    assert told["erased"]["audit_records"] == len(before["store"]["audit_records"]) - len(left)
    assert told["erased"]["calls"] == len(before["store"]["calls"]) == 2
    assert told["stays"]["records of consent"] == len(left) == 2
    assert ANNA not in certificate.read_text()


def test_a_call_is_forgotten_by_its_id() -> None:
    """For a caller of whom nothing else is known."""
    forget.main(["call-ben"])
    assert json.loads(shown("call-ben"))["store"].keys() == {"audit_records"}, "the consent stays"
    assert "sofa" not in shown("call-ben")
    assert "lamp" in shown("call-anna")


def test_what_waits_on_disk_is_forgotten_too(settings: Settings) -> None:
    """A process that died while the database was away has left it."""
    spill = Spill(settings.var_dir / "audit")
    record = record_of("call-anna", NOW, CallerSpoke(turn=2, words=1, text="the chandelier"))
    assert record is not None
    spill.write([record])
    (path,) = (settings.var_dir / "audit").glob("*.jsonl")
    (path.parent / "dead.jsonl").write_text(path.read_text())
    spill.clear()
    forget.main([ANNA])
    assert not [*path.parent.glob("*.jsonl")]
    assert "chandelier" not in str([*Ledger(settings.store, "a" * 32).all()])
