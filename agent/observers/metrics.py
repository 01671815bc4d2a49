"""Calls as `voice.*` metrics. METRICS is the whole list; docs/metrics.md has a heading for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from opentelemetry.metrics import Meter
from opentelemetry.util.types import Attributes

from agent.events import (
    DROPPED,
    AnswerReused,
    BreakerChanged,
    CallCosted,
    CallEnded,
    CallJoined,
    CallScored,
    Channel,
    ConnectionFound,
    EndReason,
    Event,
    FillerSpoken,
    FlagRaised,
    HandedOver,
    Hedged,
    Interrupted,
    LoopStalled,
    ObserverBehind,
    Outcome,
    ProviderFailed,
    ProviderReplaced,
    RouterDecided,
    TakenUp,
    ToolReturned,
    TransferEnded,
    TurnEnded,
)
from agent.observers.doing import Doing

_CALL_S = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0)
_TURN_MS = (100, 200, 300, 400, 500, 600, 800, 1000, 1300, 1600, 2000, 3000, 4000, 5000, 10_000)
_TOOL_S = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 8.0)
_STALL_MS = (100, 200, 500, 1000, 2000, 5000)
_USD = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
_SHARE = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)

ERRORS = ("provider", "tool", "crash")
CUT_OFF_WORDS = 2  # who speaks on into the agent's first words had not finished
UNKNOWN = "unknown"
Value = int | float
Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One instrument: a counter, with `buckets` a histogram, or a gauge. `labels` are its attributes. A name that ends
    in its unit has no other one, or Prometheus would say it twice."""

    name: str
    unit: str
    about: str
    labels: tuple[str, ...] = ("profile",)
    buckets: tuple[float, ...] = ()
    is_gauge: bool = False


METRICS = (
    Metric("voice.calls.total", "{call}", "Calls that ended.", ("profile", "channel", "reason")),
    Metric("voice.calls.active", "{call}", "Calls that run now.", is_gauge=True),
    Metric("voice.calls.dropped", "{call}", "Calls that ended and should not have.", ("profile", "reason")),
    Metric("voice.calls.reconnected", "{call}", "Times a caller came back whose connection had dropped."),
    Metric("voice.calls.taken_up", "{call}", "Calls whose job had died and that another went on with."),
    Metric("voice.calls.refused", "{call}", "Calls that this worker had no room for.", ()),
    Metric("voice.calls.capacity", "{call}", "How many calls this worker takes at once.", (), is_gauge=True),
    Metric("voice.call.duration", "s", "From join to end.", ("profile", "channel", "reason"), _CALL_S),
    Metric("voice.call.silence_ratio", "", "Share of a call in which nobody spoke for 2 s.", buckets=_SHARE),
    Metric("voice.turns", "{turn}", "Turns that the agent answered."),
    Metric("voice.turn.latency_ms", "", "End of the caller's speech to first sound of the answer.", buckets=_TURN_MS),
    Metric("voice.endpointing.latency_ms", "", "End of speech to the turn's end.", buckets=_TURN_MS),
    Metric("voice.stt.latency_ms", "", "End of speech to transcript.", ("profile", "provider"), _TURN_MS),
    Metric("voice.llm.ttft_ms", "", "Question to first words.", ("profile", "provider"), _TURN_MS),
    Metric("voice.tts.ttfb_ms", "", "First sentence to first sound.", ("profile", "provider"), _TURN_MS),
    Metric("voice.tools", "{call}", "Tool calls that came back.", ("profile", "tool", "outcome")),
    Metric("voice.tool.duration", "s", "Time in a tool.", ("profile", "tool", "outcome"), _TOOL_S),
    Metric("voice.fillers", "{filler}", "Fillers spoken while a tool ran.", ("profile", "tool")),
    Metric("voice.answers.reused", "{answer}", "Answers given without asking the LLM again."),
    Metric("voice.routes", "{turn}", "Turns that the router judged.", ("profile", "why")),
    Metric("voice.barge_in.total", "{interruption}", "Times a caller stopped the agent."),
    Metric("voice.cut_offs", "{turn}", "Turns that were answered before the caller had finished."),
    Metric("voice.errors.total", "{error}", "What went wrong.", ("profile", "kind")),
    Metric(
        "voice.provider.answers", "{turn}", "Turns in which a provider did its part.", ("profile", "role", "provider")
    ),
    Metric("voice.provider.failures", "{failure}", "Times a provider failed.", ("profile", "role", "provider")),
    Metric(
        "voice.provider.replacements", "{time}", "Times another provider did it.", ("profile", "role", "provider", "by")
    ),
    Metric("voice.provider.breakers", "{change}", "Breakers changed.", ("profile", "role", "provider", "state")),
    Metric("voice.provider.hedges", "{request}", "LLM requests asked twice.", ("profile", "provider", "winner")),
    Metric("voice.cost", "{cent}", "US cents by list prices.", ("profile", "role")),
    Metric("voice.handovers", "{handover}", "Hand-overs to another persona.", ("profile", "persona")),
    Metric("voice.transfers", "{transfer}", "Transfers that came to something.", ("profile", "way", "outcome")),
    Metric("voice.flags", "{flag}", "Flags raised.", ("profile", "flag")),
    Metric("voice.escalations.total", "{call}", "Calls that asked for a person, or needed one."),
    Metric("voice.task.wanted", "{call}", "Calls in which something was to be done."),
    Metric("voice.task.completed", "{call}", "Those of them in which it was done."),
    Metric("voice.csat", "{answer}", "What callers said when they were asked how it went.", ("profile", "score")),
    Metric("voice.cost.per_call_usd", "", "What providers cost in a call.", buckets=_USD),
    Metric("voice.observers.waiting", "{event}", "Events that wait for one.", ("profile", "observer"), is_gauge=True),
    Metric("voice.observers.dropped", "{event}", "Events that one will never see.", ("profile", "observer")),
    Metric("voice.loop.stalled_ms", "", "How long a call's event loop stood still.", buckets=_STALL_MS),
)

# Events that are counted one by one: the counter, and which field is which label.
COUNTED: dict[type[Event], tuple[str, Labels]] = {
    FillerSpoken: ("voice.fillers", {"tool": "tool"}),
    AnswerReused: ("voice.answers.reused", {}),
    RouterDecided: ("voice.routes", {"why": "why"}),
    Interrupted: ("voice.barge_in.total", {}),
    ProviderFailed: ("voice.provider.failures", {"role": "role", "provider": "provider"}),
    FlagRaised: ("voice.flags", {"flag": "flag"}),
    HandedOver: ("voice.handovers", {"persona": "to"}),
    ConnectionFound: ("voice.calls.reconnected", {}),
    TakenUp: ("voice.calls.taken_up", {}),
    TransferEnded: ("voice.transfers", {"way": "way", "outcome": "outcome"}),
}


class Instruments:
    """METRICS in OpenTelemetry. Every thread may write; values are read when somebody collects."""

    def __init__(self, meter: Meter) -> None:
        self._write: dict[str, Callable[[Value, Attributes], None]] = {m.name: _writer(meter, m) for m in METRICS}

    def begin(self, providers: dict[str, Labels]) -> None:
        """Let every counter whose labels are known stand at zero: Prometheus does not see the first step of a series
        that comes to be with it."""
        for profile, of_role in providers.items():
            for metric in METRICS:
                if metric.labels == ("profile",) and not metric.buckets:
                    self.add(metric.name, 0, profile=profile)
            for kind in ERRORS:
                self.add("voice.errors.total", 0, profile=profile, kind=kind)
            for reason in EndReason:
                for channel in get_args(Channel):
                    self.add("voice.calls.total", 0, profile=profile, channel=channel, reason=reason.value)
            for reason in DROPPED:
                self.add("voice.calls.dropped", 0, profile=profile, reason=reason.value)
            for role, provider in of_role.items():
                for name in ("voice.provider.answers", "voice.provider.failures"):
                    self.add(name, 0, profile=profile, role=role, provider=provider)
        self.add("voice.calls.refused", 0)

    def add(self, name: str, value: Value = 1, /, **labels: str) -> None:
        """Count, or measure, or set a gauge."""
        self._write[name](value, labels)


class Metrics:
    """Observer. Labels are names out of code and profile, never a caller's or a call's. `providers` are the names of
    who hears ("stt"), thinks ("llm") and speaks ("tts") first, by profile."""

    def __init__(self, instruments: Instruments, providers: dict[str, Labels] | None = None) -> None:
        self._add = instruments.add
        self._doing = Doing(providers or {})
        self._calls: dict[str, tuple[str, str]] = {}
        self._waiting: dict[tuple[str, str], dict[str, int]] = {}  # by profile and observer, of each call

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Count and measure."""
        self._doing.on_event(call_id, event)
        if isinstance(event, CallJoined | TakenUp):
            self._calls[call_id] = event.profile, event.channel
            self._tell_active(event.profile)
        profile, channel = self._calls.get(call_id, (UNKNOWN, UNKNOWN))
        match event:
            case TurnEnded():
                self._turn(call_id, event, profile)
            case ToolReturned():
                self._tool(event, profile)
            case CallScored():
                self._score(event, profile)
            case CallEnded():
                self._calls.pop(call_id, None)
                self._end(event, profile, channel)
                for (of, observer), waiting in self._waiting.items():
                    if waiting.pop(call_id, None) is not None:
                        self._tell_waiting(of, observer)
            case _:
                self._happened(call_id, event, profile)

    def _happened(self, call_id: str, event: Event, profile: str) -> None:
        """What is only counted, and what goes beside it."""
        if counted := COUNTED.get(type(event)):
            name, labels = counted
            self._add(name, profile=profile, **{label: str(getattr(event, of)) for label, of in labels.items()})
        match event:
            case Interrupted() if event.words_heard <= CUT_OFF_WORDS:
                self._add("voice.cut_offs", profile=profile)
            case ProviderFailed():
                self._add("voice.errors.total", profile=profile, kind="provider")
            case ObserverBehind(observer=observer):
                self._waiting.setdefault((profile, observer), {})[call_id] = event.waiting
                self._tell_waiting(profile, observer)
                self._add("voice.observers.dropped", event.dropped, profile=profile, observer=observer)
            case LoopStalled():
                self._add("voice.loop.stalled_ms", event.stalled_ms, profile=profile)
            case _:
                self._of_providers(event, profile)

    def _of_providers(self, event: Event, profile: str) -> None:
        """Who did it instead of one that failed, or was late."""
        match event:
            case ProviderReplaced(role=role, provider=provider, by=by):
                self._add("voice.provider.replacements", profile=profile, role=role, provider=provider, by=by)
            case BreakerChanged(role=role, provider=provider, state=state):
                self._add("voice.provider.breakers", profile=profile, role=role, provider=provider, state=state)
            case CallCosted():
                for part, cents in (("stt", event.stt_cents), ("llm", event.llm_cents), ("tts", event.tts_cents)):
                    self._add("voice.cost", cents, profile=profile, role=part)
            case Hedged(provider=provider, rival=rival, has_won=has_won):
                winner = rival if has_won else provider
                self._add("voice.provider.hedges", profile=profile, provider=provider, winner=winner)

    def _turn(self, call_id: str, event: TurnEnded, profile: str) -> None:
        self._add("voice.turns", profile=profile)
        self._measure("voice.turn.latency_ms", event.e2e_ms, profile=profile)
        self._measure("voice.endpointing.latency_ms", event.endpointing_ms, profile=profile)
        stages = (
            ("voice.stt.latency_ms", "stt", event.stt_ms),
            ("voice.llm.ttft_ms", "llm", event.llm_ttft_ms),
            ("voice.tts.ttfb_ms", "tts", event.tts_ttfb_ms),
        )
        for name, role, value in stages:
            provider = self._doing.name(call_id, profile, role) or UNKNOWN
            self._measure(name, value, profile=profile, provider=provider)
            if value is not None:
                self._add("voice.provider.answers", profile=profile, role=role, provider=provider)

    def _tool(self, event: ToolReturned, profile: str) -> None:
        labels = {"profile": profile, "tool": event.tool, "outcome": event.outcome.value}
        self._add("voice.tools", **labels)
        self._add("voice.tool.duration", event.duration_ms / 1000, **labels)
        if event.outcome in {Outcome.FAILED, Outcome.TIMED_OUT}:
            self._add("voice.errors.total", profile=profile, kind="tool")

    def _score(self, event: CallScored, profile: str) -> None:
        if event.is_escalated:
            self._add("voice.escalations.total", profile=profile)
        if event.wanted_task:
            self._add("voice.task.wanted", profile=profile)
            self._add("voice.task.completed", int(event.completed_task), profile=profile)
        if event.csat is not None:
            self._add("voice.csat", profile=profile, score=str(event.csat))
        self._measure("voice.cost.per_call_usd", event.cost_usd, profile=profile)
        self._measure("voice.call.silence_ratio", event.silence_ratio, profile=profile)

    def _end(self, event: CallEnded, profile: str, channel: str) -> None:
        labels = {"profile": profile, "channel": channel, "reason": event.reason.value}
        self._add("voice.calls.total", **labels)
        self._add("voice.call.duration", event.duration_s, **labels)
        self._tell_active(profile)
        if event.reason in DROPPED:
            self._add("voice.calls.dropped", profile=profile, reason=event.reason.value)
        if event.reason is EndReason.CRASHED:
            self._add("voice.errors.total", profile=profile, kind="crash")

    def _tell_active(self, profile: str) -> None:
        if profile != UNKNOWN:
            self._add("voice.calls.active", sum(of == profile for of, _ in self._calls.values()), profile=profile)

    def _tell_waiting(self, profile: str, observer: str) -> None:
        waiting = sum(self._waiting[profile, observer].values())
        self._add("voice.observers.waiting", waiting, profile=profile, observer=observer)

    def _measure(self, name: str, value: float | None, **labels: str) -> None:
        if value is not None:
            self._add(name, value, **labels)


def _writer(meter: Meter, metric: Metric) -> Callable[[Value, Attributes], None]:
    if metric.is_gauge:
        return meter.create_gauge(metric.name, metric.unit, metric.about).set
    if not metric.buckets:
        return meter.create_counter(metric.name, metric.unit, metric.about).add
    buckets = list(metric.buckets)
    return meter.create_histogram(
        metric.name, metric.unit, metric.about, explicit_bucket_boundaries_advisory=buckets
    ).record
