"""Calls as `voice.*` metrics. METRICS is the whole list; docs/metrics.md has a heading for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from opentelemetry.metrics import Counter, Histogram, Meter

from agent.events import (
    AnswerReused,
    BreakerChanged,
    CallCosted,
    CallEnded,
    CallJoined,
    Event,
    FillerSpoken,
    FlagRaised,
    HandedOver,
    Hedged,
    Interrupted,
    ProviderFailed,
    ProviderReplaced,
    RouterDecided,
    ToolReturned,
    TurnEnded,
)

_CALL_S = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0)
_TURN_S = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 3.0, 5.0, 10.0)
_TOOL_S = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 8.0)
_STAGES = ("endpointing", "stt", "llm_ttft", "tts_ttfb")


@dataclass(frozen=True, slots=True)
class Metric:
    """One instrument: a counter, or with `buckets` a histogram. `labels` are its attributes."""

    name: str
    unit: str
    about: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


METRICS = (
    Metric("voice.calls", "{call}", "Calls that ended.", ("profile", "channel", "reason")),
    Metric("voice.call.duration", "s", "From join to end.", ("profile", "channel", "reason"), _CALL_S),
    Metric("voice.turns", "{turn}", "Turns that the agent answered.", ("profile",)),
    Metric("voice.turn.e2e", "s", "End of the caller's speech to first sound of the answer.", ("profile",), _TURN_S),
    Metric("voice.turn.stage", "s", "One stage of the same.", ("profile", "stage"), _TURN_S),
    Metric("voice.tools", "{call}", "Tool calls that came back.", ("profile", "tool", "outcome")),
    Metric("voice.tool.duration", "s", "Time in a tool.", ("profile", "tool", "outcome"), _TOOL_S),
    Metric("voice.fillers", "{filler}", "Fillers spoken while a tool ran.", ("profile", "tool")),
    Metric("voice.answers.reused", "{answer}", "Answers given without asking the LLM again.", ("profile",)),
    Metric("voice.routes", "{turn}", "Turns that the router judged.", ("profile", "why")),
    Metric("voice.interruptions", "{interruption}", "Times a caller stopped the agent.", ("profile",)),
    Metric("voice.provider.failures", "{failure}", "Times a provider failed.", ("profile", "role", "provider")),
    Metric(
        "voice.provider.replacements", "{time}", "Times another provider did it.", ("profile", "role", "provider", "by")
    ),
    Metric("voice.provider.breakers", "{change}", "Breakers changed.", ("profile", "role", "provider", "state")),
    Metric("voice.provider.hedges", "{request}", "LLM requests asked twice.", ("profile", "provider", "winner")),
    Metric("voice.cost", "{cent}", "US cents by list prices.", ("profile", "role")),
    Metric("voice.handovers", "{handover}", "Hand-overs to another persona.", ("profile", "persona")),
    Metric("voice.flags", "{flag}", "Flags raised.", ("profile", "flag")),
)


class Metrics:
    """Observer. Labels are names out of code and profile, never a caller's or a call's."""

    def __init__(self, meter: Meter) -> None:
        self._counters = {m.name: _counter(meter, m) for m in METRICS if not m.buckets}
        self._histograms = {m.name: _histogram(meter, m) for m in METRICS if m.buckets}
        self._calls: dict[str, tuple[str, str]] = {}

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Count and measure."""
        if isinstance(event, CallJoined):
            self._calls[call_id] = event.profile, event.channel
        profile, channel = self._calls.get(call_id, ("unknown", "unknown"))
        match event:
            case TurnEnded():
                self._turn(event, profile)
            case ToolReturned():
                self._tool(event, profile)
            case CallEnded():
                self._calls.pop(call_id, None)
                self._end(event, profile, channel)
            case _:
                self._happened(event, profile)

    def _happened(self, event: Event, profile: str) -> None:
        """What is only counted."""
        match event:
            case FillerSpoken():
                self._count("voice.fillers", profile=profile, tool=event.tool)
            case AnswerReused():
                self._count("voice.answers.reused", profile=profile)
            case RouterDecided():
                self._count("voice.routes", profile=profile, why=event.why)
            case Interrupted():
                self._count("voice.interruptions", profile=profile)
            case FlagRaised():
                self._count("voice.flags", profile=profile, flag=event.flag)
            case HandedOver():
                self._count("voice.handovers", profile=profile, persona=event.to)
            case _:
                self._of_providers(event, profile)

    def _of_providers(self, event: Event, profile: str) -> None:
        """Who failed, and who did it instead."""
        match event:
            case ProviderFailed(role=role, provider=provider):
                self._count("voice.provider.failures", profile=profile, role=role, provider=provider)
            case ProviderReplaced(role=role, provider=provider, by=by):
                self._count("voice.provider.replacements", profile=profile, role=role, provider=provider, by=by)
            case BreakerChanged(role=role, provider=provider, state=state):
                self._count("voice.provider.breakers", profile=profile, role=role, provider=provider, state=state)
            case CallCosted():
                for part, cents in (("stt", event.stt_cents), ("llm", event.llm_cents), ("tts", event.tts_cents)):
                    self._counters["voice.cost"].add(cents, {"profile": profile, "role": part})
            case Hedged(provider=provider, rival=rival, has_won=has_won):
                winner = rival if has_won else provider
                self._count("voice.provider.hedges", profile=profile, provider=provider, winner=winner)

    def _turn(self, event: TurnEnded, profile: str) -> None:
        self._count("voice.turns", profile=profile)
        self._measure("voice.turn.e2e", event.e2e_ms, profile=profile)
        stages: Sequence[float | None] = (event.endpointing_ms, event.stt_ms, event.llm_ttft_ms, event.tts_ttfb_ms)
        for stage, value in zip(_STAGES, stages, strict=True):
            self._measure("voice.turn.stage", value, profile=profile, stage=stage)

    def _tool(self, event: ToolReturned, profile: str) -> None:
        labels = {"profile": profile, "tool": event.tool, "outcome": event.outcome.value}
        self._count("voice.tools", **labels)
        self._measure("voice.tool.duration", event.duration_ms, **labels)

    def _end(self, event: CallEnded, profile: str, channel: str) -> None:
        labels = {"profile": profile, "channel": channel, "reason": event.reason.value}
        self._count("voice.calls", **labels)
        self._measure("voice.call.duration", event.duration_s * 1000, **labels)

    def _count(self, name: str, **labels: str) -> None:
        self._counters[name].add(1, labels)

    def _measure(self, name: str, milliseconds: float | None, **labels: str) -> None:
        if milliseconds is not None:
            self._histograms[name].record(milliseconds / 1000, labels)


def _counter(meter: Meter, metric: Metric) -> Counter:
    return meter.create_counter(metric.name, metric.unit, metric.about)


def _histogram(meter: Meter, metric: Metric) -> Histogram:
    return meter.create_histogram(
        metric.name, metric.unit, metric.about, explicit_bucket_boundaries_advisory=list(metric.buckets)
    )
