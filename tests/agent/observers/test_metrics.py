"""What is counted, and by which labels."""

from datetime import UTC, datetime
from typing import Any

from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from agent.events import (
    AnswerReused,
    BreakerChanged,
    CallCosted,
    CallEnded,
    CallJoined,
    EndReason,
    Event,
    FillerSpoken,
    FlagRaised,
    HandedOver,
    Hedged,
    Interrupted,
    Outcome,
    ProviderFailed,
    ProviderReplaced,
    RouterDecided,
    ToolReturned,
    TurnEnded,
)
from agent.observers.metrics import METRICS, Metrics

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)
EVENTS: list[Event] = [
    CallJoined(profile="shop", channel="phone"),
    TurnEnded(
        turn=1, endpointing_ms=200.0, stt_ms=100.0, llm_ttft_ms=None, tts_ttfb_ms=150.0, e2e_ms=500.0, had_tools=True
    ),
    ToolReturned(tool_call="t1", tool="lookup_order", outcome=Outcome.OK, duration_ms=4.0, sentence="canary"),
    FillerSpoken(turn=1, tool="lookup_order"),
    AnswerReused(source="returns.md#Returns"),
    Interrupted(turn=1, words_heard=3),
    ProviderFailed(role="stt", provider="moonshine", reason="Timeout", is_recoverable=True),
    FlagRaised(flag="wants_human", reason="asked"),
    RouterDecided(why="acted", tool="lookup_order", confidence=0.97),
    HandedOver(by="desk", to="billing"),
    BreakerChanged(role="stt", provider="deepgram", state="open", reason="stalled"),
    ProviderReplaced(role="stt", provider="deepgram", by="moonshine", reason="stalled"),
    CallCosted(stt_cents=2.3, llm_cents=0.4, tts_cents=1.2, total_cents=3.9, unpriced="", prices_of="2026-06-01"),
    Hedged(provider="openai", rival="anthropic", has_won=True),
    CallEnded(reason=EndReason.CALLER_GOODBYE, duration_s=42.0, turns=1),
]


def measured(*events: Event) -> dict[str, list[Any]]:
    """The data points after one call of these events, by metric."""
    reader = InMemoryMetricReader()
    meter: Meter = MeterProvider([reader]).get_meter("test")
    observer = Metrics(meter)
    for event in events:
        observer.on_event("call-1", AT, event)
    found = reader.get_metrics_data()
    assert found is not None
    scope = found.resource_metrics[0].scope_metrics[0]
    return {metric.name: list(metric.data.data_points) for metric in scope.metrics}


def test_a_call_moves_every_metric() -> None:
    """None is declared that nothing feeds."""
    assert set(measured(*EVENTS)) == {metric.name for metric in METRICS}


def test_labels_are_those_that_are_declared() -> None:
    """And none of them can be a call, a room or a caller."""
    points = measured(*EVENTS)
    for metric in METRICS:
        assert all(set(point.attributes) == set(metric.labels) for point in points[metric.name]), metric.name
        assert not {"call", "room", "job"} & set(metric.labels)


def test_durations_are_seconds() -> None:
    """Events count milliseconds, OpenTelemetry's custom is seconds."""
    points = measured(*EVENTS)
    assert points["voice.turn.e2e"][0].sum == 0.5
    assert points["voice.call.duration"][0].sum == 42.0
    assert points["voice.tool.duration"][0].sum == 0.004


def test_a_stage_that_did_not_happen_is_not_measured() -> None:
    """None is not zero."""
    stages = {point.attributes["stage"] for point in measured(*EVENTS)["voice.turn.stage"]}
    assert stages == {"endpointing", "stt", "tts_ttfb"}


def test_an_event_before_the_call_was_joined_has_no_profile() -> None:
    """It is counted all the same."""
    (point,) = measured(EVENTS[6])["voice.provider.failures"]
    assert point.attributes == {"profile": "unknown", "role": "stt", "provider": "moonshine"}
