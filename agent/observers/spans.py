"""A call as OpenTelemetry spans: the call, its turns, the tools of each turn. Made of public event fields only."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    EndReason,
    Event,
    Outcome,
    ToolCalled,
    ToolReturned,
    TurnEnded,
    public,
)

_BAD_ENDS = {EndReason.CRASHED, EndReason.PROVIDER_FAILED, EndReason.CONNECTION_LOST}
_BAD_OUTCOMES = {Outcome.FAILED, Outcome.TIMED_OUT}
Attributes = dict[str, str | int | float | bool]


@dataclass(slots=True)
class _Open:
    """The spans of one call that have not ended."""

    call: Span
    turn: Span | None = None
    tools: dict[str, Span] = field(default_factory=dict)


class Spans:
    """Observer. A turn's span begins when the caller's words are known and ends with the agent's answer."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._open: dict[str, _Open] = {}

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Open, note on or close the span that the event is about."""
        call = self._open.get(call_id)
        if call is None:
            span = self._tracer.start_span("call", kind=SpanKind.SERVER, start_time=_ns(at))
            span.set_attribute("voice.call.id", call_id)
            call = self._open[call_id] = _Open(span)
        self._note(call, at, event)
        if isinstance(event, CallEnded):
            del self._open[call_id]

    def _note(self, call: _Open, at: datetime, event: Event) -> None:
        match event:
            case CallJoined():
                call.call.set_attributes(attributes(event))
            case CallerSpoke():
                _end(call.turn, at)
                call.turn = self._child(call.call, "turn", at, event)
            case TurnEnded():
                if call.turn is not None:
                    call.turn.set_attributes(attributes(event))
                _end(call.turn, at)
                call.turn = None
            case ToolCalled():
                call.tools[event.tool_call] = self._child(call.turn or call.call, f"tool {event.tool}", at, event)
            case ToolReturned():
                _end_tool(call.tools.pop(event.tool_call, None), at, event)
            case CallEnded():
                _end_call(call, at, event)
            case _:
                (call.turn or call.call).add_event(type(event).__name__, attributes(event), _ns(at))

    def _child(self, parent: Span, name: str, at: datetime, event: Event) -> Span:
        context = set_span_in_context(parent)
        return self._tracer.start_span(name, context, start_time=_ns(at), attributes=attributes(event))


def attributes(event: Event) -> Attributes:
    """The event's public fields as `voice.<field>`; what did not happen (None) is left out."""
    return {f"voice.{name}": _plain(value) for name, value in public(event).items() if value is not None}


def _plain(value: str | float) -> str | int | float | bool:
    return value.value if isinstance(value, StrEnum) else value


def _end_tool(span: Span | None, at: datetime, event: ToolReturned) -> None:
    if span is not None:
        span.set_attributes(attributes(event))
        if event.outcome in _BAD_OUTCOMES:
            span.set_status(Status(StatusCode.ERROR, event.outcome.value))
    _end(span, at)


def _end_call(call: _Open, at: datetime, event: CallEnded) -> None:
    for span in (*call.tools.values(), call.turn):
        _end(span, at)
    call.call.set_attributes(attributes(event))
    if event.reason in _BAD_ENDS:
        call.call.set_status(Status(StatusCode.ERROR, event.reason.value))
    _end(call.call, at)


def _end(span: Span | None, at: datetime) -> None:
    if span is not None:
        span.end(_ns(at))


def _ns(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
