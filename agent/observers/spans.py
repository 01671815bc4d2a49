"""A call as OpenTelemetry spans: voice.call > voice.turn > voice.stt, voice.llm, voice.tts and voice.tool, made of
public event fields only. The stages of a turn are known when it has ended, and are told then with their own times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    CallScored,
    EndReason,
    Event,
    Outcome,
    TakenUp,
    ToolCalled,
    ToolReturned,
    TurnEnded,
    public,
)
from agent.observers.doing import Doing
from agent.observers.session_metrics import VoiceSessionMetrics

_BAD_ENDS = {EndReason.CRASHED, EndReason.PROVIDER_FAILED, EndReason.CONNECTION_LOST}
_BAD_OUTCOMES = {Outcome.FAILED, Outcome.TIMED_OUT}
Attributes = dict[str, str | int | float | bool]


@dataclass(slots=True)
class _Open:
    """The spans of one call that have not ended."""

    id: str
    call: Span
    figures: VoiceSessionMetrics = field(default_factory=VoiceSessionMetrics)
    profile: str = ""
    turn: Span | None = None
    tools: dict[str, Span] = field(default_factory=dict)


class Spans:
    """Observer. A turn's span begins with the end of the caller's speech and ends with the agent's answer. `providers`
    are the names of who hears, thinks and speaks first, by profile and role."""

    def __init__(self, tracer: Tracer, providers: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._tracer = tracer
        self._doing = Doing(providers or {})
        self._open: dict[str, _Open] = {}
        self._parents: dict[str, Context] = {}

    def under(self, call_id: str, traceparent: str) -> None:
        """The call's span will belong to that trace (W3C's header): the one of LiveKit's own spans of its job."""
        self._parents[call_id] = TraceContextTextMapPropagator().extract({"traceparent": traceparent})

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Open, note on or close the span that the event is about."""
        call = self._open.get(call_id)
        if call is None:
            parent = self._parents.pop(call_id, None)
            span = self._tracer.start_span("voice.call", parent, kind=SpanKind.SERVER, start_time=_ns(at))
            span.set_attributes({"voice.call.id": call_id, "gen_ai.conversation.id": call_id})
            call = self._open[call_id] = _Open(call_id, span)
        call.figures.on_event(event)
        self._doing.on_event(call_id, event)
        self._note(call, at, event)
        if isinstance(event, CallEnded):
            del self._open[call_id]

    def _note(self, call: _Open, at: datetime, event: Event) -> None:
        match event:
            case CallJoined() | TakenUp():
                call.profile = event.profile
                call.call.set_attributes({**attributes(event), "voice.is_taken_up": isinstance(event, TakenUp)})
            case CallerSpoke():
                _end(call.turn, _ns(at))
                began = _ns(at) if event.ended_at is None else min(_ns(at), _epoch_ns(event.ended_at))
                call.turn = self._child(call, call.call, "voice.turn", began, attributes(event))
            case TurnEnded():
                self._end_turn(call, at, event)
            case ToolCalled():
                own = {
                    "gen_ai.operation.name": "execute_tool",
                    "gen_ai.tool.name": event.tool,
                    "gen_ai.tool.call.id": event.tool_call,
                }
                tool = self._child(call, call.turn or call.call, "voice.tool", _ns(at), {**attributes(event), **own})
                call.tools[event.tool_call] = tool
            case ToolReturned():
                _end_tool(call.tools.pop(event.tool_call, None), at, event)
            case CallScored():
                call.call.set_attributes(attributes(event))
            case CallEnded():
                _end_call(call, at, event)
            case _:
                (call.turn or call.call).add_event(type(event).__name__, attributes(event), _ns(at))

    def _end_turn(self, call: _Open, at: datetime, event: TurnEnded) -> None:
        if call.turn is None:
            return
        call.turn.set_attributes(attributes(event))
        for role, (began, ended, took_ms) in stages(event).items():
            own: Attributes = {"voice.latency_ms": took_ms}
            if role == "llm":
                own["gen_ai.operation.name"] = "chat"
            if name := self._doing.name(call.id, call.profile, role):
                own["gen_ai.provider.name"] = name
            span = self._child(call, call.turn, f"voice.{role}", _epoch_ns(began), own)
            _end(span, _epoch_ns(ended))
        _end(call.turn, _ns(at))
        call.turn = None

    def _child(self, call: _Open, parent: Span, name: str, began: int, own: Attributes) -> Span:
        with_id = {**own, "gen_ai.conversation.id": call.id}
        return self._tracer.start_span(name, set_span_in_context(parent), start_time=began, attributes=with_id)


def stages(event: TurnEnded) -> dict[str, tuple[float, float, float]]:
    """When each stage began and was done, in seconds since the epoch, and how long it took in milliseconds; only those
    that can be placed. What was prepared on a guess began before the turn was judged over."""
    found: dict[str, tuple[float, float, float]] = {}
    ended = event.speech_ended_at
    if ended is not None and event.stt_ms is not None:
        found["stt"] = (ended, ended + event.stt_ms / 1000, event.stt_ms)
    if event.tts_ttfb_ms is not None and event.spoke_at is not None:
        sounded = event.spoke_at - (event.output_ms or 0.0) / 1000
        found["tts"] = (sounded - event.tts_ttfb_ms / 1000, sounded, event.tts_ttfb_ms)
    if event.llm_ttft_ms is not None and (began := _thought_from(event, found)) is not None:
        found["llm"] = (began, began + event.llm_ttft_ms / 1000, event.llm_ttft_ms)
    return found


def _thought_from(event: TurnEnded, others: dict[str, tuple[float, float, float]]) -> float | None:
    """When the model was asked: at the turn's end, or before it on a guess; what was written, right before it was
    spoken."""
    if event.speech_ended_at is not None and event.endpointing_ms is not None:
        return event.speech_ended_at + (event.endpointing_ms - (event.prepared_ms or 0.0)) / 1000
    return others["tts"][0] - (event.llm_ttft_ms or 0.0) / 1000 if "tts" in others else None


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
    _end(span, _ns(at))


def _end_call(call: _Open, at: datetime, event: CallEnded) -> None:
    for span in (*call.tools.values(), call.turn):
        _end(span, _ns(at))
    call.call.set_attributes({**attributes(event), **call.figures.to_otel_attributes()})
    if event.reason in _BAD_ENDS:
        call.call.set_status(Status(StatusCode.ERROR, event.reason.value))
    _end(call.call, _ns(at))


def _end(span: Span | None, at: int) -> None:
    if span is not None:
        span.end(at)


def _ns(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000


def _epoch_ns(seconds: float) -> int:
    return int(seconds * 1_000_000) * 1000
