"""Writes the record of each call to the store: one row that grows, and its events without the caller's words."""

import logging
import statistics
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent.errors import StoreError
from agent.events import (
    CallEnded,
    CallJoined,
    ConnectionLost,
    Event,
    FlagRaised,
    Interrupted,
    Outcome,
    ProviderFailed,
    TakenUp,
    ToolReturned,
    TurnEnded,
    public,
)
from agent.memory.store import Store, StoredCall, StoredEvent
from agent.observers.plugged import Given

logger = logging.getLogger("parley.observers")

BATCH = 20  # events; a plain turn makes five or so
BATCH_AGE = timedelta(seconds=5)
RETRY_AFTER = timedelta(seconds=10)  # a full disk is asked again this late, not at every event
KEEP = 5000  # events of one call that wait for a store that fails; the oldest go first


@dataclass(slots=True)
class _Open:
    """A call that is not over: its row so far and what has not been written."""

    row: StoredCall
    pending: list[StoredEvent] = field(default_factory=list)
    e2e_ms: list[float] = field(default_factory=list)
    count: int = 0
    written_at: datetime | None = None
    retry_at: datetime | None = None
    has_complained: bool = False


def observer(given: Given) -> "CallRecord":
    """Always there: what an operator knows of a call begins with its record."""
    return CallRecord(Store(given.settings.store))


class CallRecord:
    """Observer that keeps calls and call_events up to date, in batches. A store that fails costs one log line a call;
    what could not be written is tried again, at the latest when the call ends."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[str, _Open] = {}

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Count the event, and write when enough has come together."""
        call = self._open.get(call_id) or self._begin(call_id, at, event)
        kind = type(event).__name__
        call.pending.append(StoredEvent(position=call.count, at=at, kind=kind, fields=public(event)))
        del call.pending[:-KEEP]
        call.count += 1
        _count(call, at, event)
        if isinstance(event, CallEnded):
            self._write(call, at)
            del self._open[call_id]
        elif _is_due(call, at):
            self._write(call, at)

    def _begin(self, call_id: str, at: datetime, event: Event) -> _Open:
        if isinstance(event, TakenUp) and (before := self._written_before(call_id)):
            call = self._open[call_id] = before
            return call
        # a call that fails before anyone joined has a record too
        profile, channel = (event.profile, event.channel) if isinstance(event, CallJoined) else ("unknown", "unknown")
        row = StoredCall(id=call_id, profile=profile, channel=channel, started_at=at)
        call = self._open[call_id] = _Open(row)
        return call

    def _written_before(self, call_id: str) -> _Open | None:
        """What the job that died had written of the call."""
        try:
            row, events = self._store.call(call_id), self._store.events(call_id)
        except StoreError:
            return None
        return _Open(row, count=1 + max((one.position for one in events), default=-1)) if row else None

    def _write(self, call: _Open, at: datetime) -> None:
        try:
            self._store.save(call.row, call.pending)
        except StoreError as error:
            call.retry_at = at + RETRY_AFTER
            if not call.has_complained:
                call.has_complained = True
                logger.error("call record not written", extra={"call": call.row.id, "reason": str(error)})
        else:
            call.pending.clear()
            call.written_at, call.retry_at = at, None


def _is_due(call: _Open, at: datetime) -> bool:
    if call.retry_at is not None:
        return at >= call.retry_at
    return call.written_at is None or len(call.pending) >= BATCH or at - call.written_at >= BATCH_AGE


def _count(call: _Open, at: datetime, event: Event) -> None:
    row = call.row
    match event:
        case CallJoined():
            call.row = replace(row, profile=event.profile, channel=event.channel)
        case TurnEnded():
            call.row = _with_latency(call, event.e2e_ms)
        case ToolReturned():
            is_failure = event.outcome in {Outcome.FAILED, Outcome.TIMED_OUT}
            call.row = replace(row, tool_calls=row.tool_calls + 1, tool_failures=row.tool_failures + is_failure)
        case ProviderFailed():
            call.row = replace(row, provider_failures=row.provider_failures + 1)
        case Interrupted():
            call.row = replace(row, interruptions=row.interruptions + 1)
        case ConnectionLost():
            call.row = replace(row, connection_losses=row.connection_losses + 1)
        case TakenUp():
            call.row = replace(row, taken_up=row.taken_up + 1, ended_at=None, end_reason=None)
        case FlagRaised():
            call.row = replace(row, flags=(*row.flags, event.flag))
        case CallEnded():
            call.row = replace(row, ended_at=at, end_reason=event.reason.value, turns=event.turns)


def _with_latency(call: _Open, e2e_ms: float | None) -> StoredCall:
    row = replace(call.row, turns=call.row.turns + 1)
    if e2e_ms is None:
        return row
    call.e2e_ms.append(e2e_ms)
    return replace(row, e2e_p50_ms=percentile(call.e2e_ms, 50), e2e_p95_ms=percentile(call.e2e_ms, 95))


def percentile(values: list[float], percent: int) -> float:
    """The value below which that share of `values` lies; of one value, that value."""
    if len(values) == 1:
        return values[0]
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)
