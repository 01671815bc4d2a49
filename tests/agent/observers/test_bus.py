"""The bus: never blocks, never raises, hands over in order, and one observer's fault is its own."""

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.config import Settings
from agent.events import CallerSpoke, Event
from agent.observers.bus import Bus
from agent.observers.plugged import Flags, Given, load_observers
from agent.redaction.door import Door

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)


def spoke(turn: int) -> CallerSpoke:
    """The turn's number tells events apart."""
    return CallerSpoke(turn=turn, words=1, text="canary")


@dataclass
class Listener:
    """Keeps what it hears; waits at `gate` first, as a slow disk would."""

    gate: threading.Event = field(default_factory=threading.Event)
    heard: list[tuple[str, Event]] = field(default_factory=list)

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Wait, keep."""
        assert self.gate.wait(10)
        self.heard.append((call_id, event))


class Broken:
    """Fails at everything, quoting the caller."""

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Fail."""
        raise ValueError(f"cannot do {event}")


def ready() -> Listener:
    """A listener that does not wait."""
    listener = Listener()
    listener.gate.set()
    return listener


async def test_every_event_arrives_in_order_at_every_observer() -> None:
    """With the id of its call."""
    first, second = ready(), ready()
    bus = Bus([first, second])
    for turn in range(100):
        bus.publish("call-1", AT, spoke(turn))
    await bus.aclose()
    assert first.heard == second.heard == [("call-1", spoke(turn)) for turn in range(100)]


async def test_a_broken_observer_hurts_nobody_and_is_logged_once_without_the_callers_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its message may hold what was said, so only the kind of error is told."""
    listener = ready()
    bus = Bus([Broken(), listener])
    for turn in range(5):
        bus.publish("call-1", AT, spoke(turn))
    await bus.aclose()
    assert len(listener.heard) == 5
    (record,) = caplog.records
    assert record.getMessage() == "an observer failed"
    assert record.__dict__["observer"] == "Broken"
    assert "canary" not in str(record.__dict__)


async def test_publish_does_not_wait_for_a_slow_observer() -> None:
    """The call goes on while a disk hangs."""
    listener = Listener()
    bus = Bus([listener])
    started = time.perf_counter()
    for turn in range(500):
        bus.publish("call-1", AT, spoke(turn))
    assert time.perf_counter() - started < 0.5
    listener.gate.set()
    await bus.aclose()
    assert len(listener.heard) == 500


async def test_beyond_its_capacity_events_are_dropped_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """One line when it begins and one with the number, not one for each."""
    listener = Listener()
    bus = Bus([listener], capacity=10)
    for turn in range(50):
        bus.publish("call-1", AT, spoke(turn))
    assert bus.flush(0.5) is False
    assert bus.dropped in {39, 40}, "ten wait, and perhaps one is with the observer already"
    listener.gate.set()
    await bus.aclose()
    assert bus.dropped_by == {"Listener": bus.dropped}
    assert [event.turn for _, event in listener.heard if isinstance(event, CallerSpoke)][-10:] == [*range(40, 50)]
    assert len(listener.heard) == 50 - bus.dropped
    assert [record.getMessage() for record in caplog.records] == [
        "an observer is behind, events are dropped",
        "observers missed events",
        "observers missed events",
    ]
    assert caplog.records[1].__dict__["count"] == bus.dropped


@dataclass
class Ledger(Listener):
    """Loses nothing, and writes when it finds time."""

    lossless = True
    rests: int = 0
    behind: int = 0

    def rest(self) -> None:
        """Count."""
        self.rests += 1


async def test_a_lossless_observer_gets_every_event_however_late_and_rests_after_them() -> None:
    """And the one beside it, who hangs, delays it by nothing."""
    ledger, hanging = Ledger(), Listener()
    bus = Bus([ledger, hanging], capacity=10)
    for turn in range(500):
        bus.publish("call-1", AT, spoke(turn))
    ledger.gate.set()
    assert bus.flush(1) is False, "the other one hangs"
    assert len(ledger.heard) == 500 and ledger.rests
    assert bus.dropped_by["Ledger"] == 0
    hanging.gate.set()
    await bus.aclose()


async def test_no_observer_gets_a_private_word() -> None:
    """Whoever opened the call, or nobody."""
    listener = ready()
    bus = Bus([listener])
    bus.publish("call-1", AT, CallerSpoke(turn=1, words=6, text="my card is 4111 1111 1111 1111"))
    await bus.aclose()
    assert "4111" not in str(listener.heard)


class Alarmed:
    """Raises a flag at the caller's third turn."""

    def __init__(self, flags: Flags) -> None:
        self._flags = flags

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Flag."""
        if isinstance(event, CallerSpoke) and event.turn == 3:
            self._flags.raise_flag(call_id, "alarmed", "third turn")


async def test_a_flag_raised_by_an_observer_reaches_its_call_in_the_calls_own_loop() -> None:
    """And none that is over."""
    raised: list[tuple[str, str, str]] = []
    flags = Flags()
    bus = Bus([Alarmed(flags)], flags=flags)
    bus.open("call-1", Door(), lambda name, reason: raised.append((threading.current_thread().name, name, reason)))
    for call_id in ("call-1", "call-2"):
        for turn in range(5):
            bus.publish(call_id, AT, spoke(turn))
    await bus.aclose()
    await asyncio.sleep(0.05)
    assert raised == [(threading.current_thread().name, "alarmed", "third turn")]


def test_observers_are_found_by_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call's record is always among them."""
    monkeypatch.setenv("PARLEY_VAR_DIR", str(tmp_path))
    given = Given(Settings.load(), Flags())
    assert "CallRecord" in {type(one).__name__ for one in load_observers(given)}


async def test_flush_gives_up_in_time_when_an_observer_hangs(caplog: pytest.LogCaptureFixture) -> None:
    """A call's end waits for its record, but not for ever."""
    caplog.set_level(logging.WARNING)
    listener = Listener()
    bus = Bus([listener], capacity=3)
    for turn in range(3):
        bus.publish("call-1", AT, spoke(turn))
    started = time.perf_counter()
    assert bus.flush(0.1) is False
    assert time.perf_counter() - started < 1
    assert "observers missed events" in caplog.messages
    listener.gate.set()
    assert bus.flush(5) is True
    await bus.aclose()


async def test_closing_twice_and_publishing_after_it_are_harmless() -> None:
    """Calls end in any order."""
    bus = Bus([ready()])
    await bus.aclose()
    await bus.aclose()
    bus.publish("call-1", AT, spoke(1))
    assert bus.flush(0.1) is False
