"""The record of a call in a real store, and what becomes of it when the store fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    ConnectionLost,
    EndReason,
    Event,
    FlagRaised,
    Interrupted,
    Outcome,
    ProviderFailed,
    TakenUp,
    ToolReturned,
    TurnEnded,
)
from agent.memory.store import Store, StoredCall, StoredEvent
from agent.observers.record import CallRecord, percentile

START = datetime(2026, 11, 20, 17, tzinfo=UTC)
JOINED = CallJoined(profile="shop", channel="browser")
ENDED = CallEnded(reason=EndReason.CALLER_GOODBYE, duration_s=30.0, turns=2)


class Failing(Store):
    """A store that fails while `is_broken`, and counts how often it was asked to save."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.is_broken = False
        self.saves = 0

    def save(self, call: StoredCall, events: "list[StoredEvent]") -> None:  # type: ignore[override]  # ours is a list
        """Fail, or save."""
        self.saves += 1
        if self.is_broken:
            raise StoreError("the disk is full")
        super().save(call, events)


@pytest.fixture
def store(tmp_path: Path) -> Failing:
    """Prepared, whole so far."""
    store = Failing(f"sqlite:///{tmp_path / 'parley.db'}")
    store.prepare()
    return store


def turn(number: int, e2e_ms: float | None = 500.0) -> TurnEnded:
    """An exchange that took so long."""
    return TurnEnded(
        turn=number, endpointing_ms=1.0, stt_ms=None, llm_ttft_ms=2.0, tts_ttfb_ms=3.0, e2e_ms=e2e_ms, had_tools=False
    )


def tell(record: CallRecord, events: list[Event], step: timedelta = timedelta(milliseconds=100)) -> None:
    """One after the other, a step apart."""
    for index, event in enumerate(events):
        record.on_event("call-1", START + index * step, event)


def test_a_whole_call_becomes_one_row_and_its_events(store: Failing) -> None:
    """Counted as it went."""
    returned = [
        ToolReturned(tool_call=str(i), tool="lookup_order", outcome=outcome, duration_ms=3.0, sentence="canary")
        for i, outcome in enumerate([Outcome.OK, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.REFUSED])
    ]
    failed = ProviderFailed(role="tts", provider="hibari", reason="APITimeoutError", is_recoverable=True)
    flag = FlagRaised(flag="wants_human", reason="asked")
    happened = [JOINED, turn(1, 400), *returned, Interrupted(turn=1, words_heard=2), failed, ConnectionLost(), flag]
    tell(CallRecord(store), [*happened, turn(2, 800), turn(3, None), ENDED])
    assert store.call("call-1") == StoredCall(
        id="call-1", profile="shop", channel="browser", started_at=START, ended_at=START + timedelta(seconds=1.2),
        end_reason="caller_goodbye", turns=2, interruptions=1, tool_calls=4, tool_failures=2, provider_failures=1,
        connection_losses=1, flags=("wants_human",), e2e_p50_ms=600.0, e2e_p95_ms=780.0,
    )  # fmt: skip
    events = store.events("call-1")
    assert [event.position for event in events] == list(range(13))
    assert [event.kind for event in events][:3] == ["CallJoined", "TurnEnded", "ToolReturned"]
    told = {"tool_call": "0", "tool": "lookup_order", "outcome": "ok", "duration_ms": 3.0, "was_rehearsed": False}
    assert events[2].fields == told


def test_a_call_is_there_from_its_first_event(store: Failing) -> None:
    """So that a job that dies has left something."""
    tell(CallRecord(store), [JOINED])
    found = store.call("call-1")
    assert found is not None
    assert found.end_reason is None


def test_events_are_written_in_batches(store: Failing) -> None:
    """Forty quick events are not forty transactions."""
    tell(CallRecord(store), [JOINED, *(turn(n) for n in range(40)), ENDED])
    assert store.saves == 4, "the first, two batches of twenty, the end"
    assert len(store.events("call-1")) == 42


def test_a_slow_call_is_written_every_five_seconds(store: Failing) -> None:
    """Not only when twenty events have come together."""
    tell(CallRecord(store), [JOINED, turn(1), turn(2)], step=timedelta(seconds=6))
    assert store.saves == 3


def test_a_store_that_fails_costs_one_line_and_everything_is_written_once_it_works(
    store: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked again after ten seconds, not at every event."""
    record = CallRecord(store)
    store.is_broken = True
    tell(record, [JOINED, *(turn(n) for n in range(150))])
    assert store.saves <= 3
    store.is_broken = False
    record.on_event("call-1", START + timedelta(seconds=20), ENDED)
    assert len(store.events("call-1")) == 152
    assert caplog.messages == ["call record not written"]
    assert caplog.records[0].__dict__["reason"] == "the disk is full"


def test_two_calls_in_one_process_do_not_mix(store: Failing) -> None:
    """Each has its own row and positions."""
    record = CallRecord(store)
    for call_id in ("call-1", "call-2"):
        record.on_event(call_id, START, JOINED)
    record.on_event("call-1", START, turn(1))
    for call_id in ("call-1", "call-2"):
        record.on_event(call_id, START, ENDED)
    assert [len(store.events(call_id)) for call_id in ("call-1", "call-2")] == [3, 2]


def test_a_call_that_nobody_joined_has_a_record_too(store: Failing) -> None:
    """A provider failed before the caller came."""
    tell(CallRecord(store), [CallEnded(reason=EndReason.CRASHED, duration_s=0.1, turns=0)])
    found = store.call("call-1")
    assert found is not None
    assert (found.profile, found.end_reason) == ("unknown", "crashed")


def test_the_callers_words_are_not_kept(store: Failing, tmp_path: Path) -> None:
    """Not in the tables, not anywhere in the file."""
    tell(CallRecord(store), [JOINED, CallerSpoke(turn=1, words=2, text="canary bird"), ENDED])
    store.close()
    assert all(b"canary" not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("values", "percent", "expected"), [([7.0], 95, 7.0), ([1.0, 2.0, 3.0], 50, 2.0), ([0.0, 100.0], 95, 95.0)]
)
def test_percentiles_lie_within_what_was_measured(values: list[float], percent: int, expected: float) -> None:
    """Also of one value."""
    assert percentile(values, percent) == expected


def test_a_call_that_is_taken_up_goes_on_in_its_record(store: Failing) -> None:
    """By another process, which has never seen it: counts and events go on, and the record says that it happened."""
    tell(CallRecord(store), [JOINED, *(turn(n) for n in range(20))])
    tell(CallRecord(store), [TakenUp(profile="shop", channel="browser", turn=20), turn(21), ENDED])
    call, events = store.call("call-1"), store.events("call-1")
    assert call is not None
    assert (call.taken_up, call.profile, call.end_reason) == (1, "shop", "caller_goodbye")
    assert [event.position for event in events] == list(range(len(events)))
    assert [event.kind for event in events][-3:] == ["TakenUp", "TurnEnded", "CallEnded"]


def test_a_call_that_was_closed_too_early_is_opened_again(store: Failing) -> None:
    """A worker that started meanwhile took it for lost."""
    tell(CallRecord(store), [JOINED])
    closed = store.call("call-1")
    assert closed is not None
    store.save(replace(closed, ended_at=START, end_reason="crashed"), [])
    record = CallRecord(store)
    record.on_event("call-1", START, TakenUp(profile="shop", channel="browser", turn=0))
    opened = store.call("call-1")
    assert opened is not None and (opened.end_reason, opened.ended_at) == (None, None)
