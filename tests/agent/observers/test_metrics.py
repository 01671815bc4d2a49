"""What is counted, and by which labels."""

from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from agent.events import (
    AnswerReused,
    BreakerChanged,
    CallCosted,
    CallEnded,
    CallJoined,
    CallScored,
    ConnectionFound,
    ConnectionLost,
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
from agent.observers.metrics import METRICS, Instruments, Metrics

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)
EVENTS: list[Event] = [
    CallJoined(profile="shop", channel="phone"),
    TurnEnded(
        turn=1, endpointing_ms=200.0, stt_ms=100.0, llm_ttft_ms=20.0, tts_ttfb_ms=None, e2e_ms=500.0, had_tools=True
    ),
    TurnEnded(
        turn=2, endpointing_ms=200.0, stt_ms=None, llm_ttft_ms=20.0, tts_ttfb_ms=150.0, e2e_ms=600.0, had_tools=True
    ),
    ToolReturned(tool_call="t1", tool="lookup_order", outcome=Outcome.TIMED_OUT, duration_ms=4.0, sentence="canary"),
    FillerSpoken(turn=1, tool="lookup_order"),
    AnswerReused(source="returns.md#Returns"),
    Interrupted(turn=1, words_heard=1),
    Interrupted(turn=2, words_heard=9),
    ProviderFailed(role="stt", provider="moonshine", reason="Timeout", is_recoverable=True),
    FlagRaised(flag="wants_human", reason="asked"),
    RouterDecided(why="acted", tool="lookup_order", confidence=0.97),
    HandedOver(by="desk", to="billing"),
    BreakerChanged(role="stt", provider="deepgram", state="open", reason="stalled"),
    ProviderReplaced(role="stt", provider="deepgram", by="moonshine", reason="stalled"),
    CallCosted(stt_cents=2.3, llm_cents=0.4, tts_cents=1.2, total_cents=3.9, unpriced="", prices_of="2026-06-01"),
    Hedged(provider="openai", rival="anthropic", has_won=True),
    ConnectionLost(),
    ConnectionFound(away_s=2.0),
    TakenUp(profile="shop", channel="phone", turn=2),
    LoopStalled(stalled_ms=400.0),
    ObserverBehind(observer="CallRecord", waiting=90, dropped=2),
    TransferEnded(way="cold", department="billing", outcome="joined"),
    CallScored(
        wanted_task=True, completed_task=True, is_contained=False, is_escalated=True, handle_s=42.0,
        interruption_rate=0.5, silence_ratio=0.1, repeat_rate=0.0, csat=4, cost_usd=0.02,
    ),
    CallEnded(reason=EndReason.CONNECTION_LOST, duration_s=42.0, turns=2),
]  # fmt: skip
OF_THE_WORKER = {"voice.calls.refused", "voice.calls.capacity"}


def measured(*events: Event) -> dict[str, list[Any]]:
    """The data points after one call of these events, by metric."""
    reader = InMemoryMetricReader()
    meter: Meter = MeterProvider([reader]).get_meter("test")
    instruments = Instruments(meter)
    observer = Metrics(instruments, {"shop": {"stt": "moonshine", "llm": "understanding", "tts": "hibari"}})
    for event in events:
        observer.on_event("call-1", AT, event)
    found = reader.get_metrics_data()
    assert found is not None
    scope = found.resource_metrics[0].scope_metrics[0]
    return {metric.name: list(metric.data.data_points) for metric in scope.metrics}


def test_a_call_moves_every_metric() -> None:
    """None is declared that nothing feeds."""
    assert set(measured(*EVENTS)) | OF_THE_WORKER == {metric.name for metric in METRICS}


def test_labels_are_those_that_are_declared() -> None:
    """And none of them can be a call, a room or a caller."""
    points = measured(*EVENTS)
    for metric in METRICS:
        if metric.name in OF_THE_WORKER:
            continue
        assert all(set(point.attributes) == set(metric.labels) for point in points[metric.name]), metric.name
        assert not {"call", "room", "job"} & set(metric.labels)


def test_durations_are_in_the_unit_that_the_name_says() -> None:
    """Milliseconds where it ends so, else seconds, which is OpenTelemetry's custom."""
    points = measured(*EVENTS)
    assert points["voice.turn.latency_ms"][0].sum == 1100.0
    assert points["voice.call.duration"][0].sum == 42.0
    assert points["voice.tool.duration"][0].sum == 0.004


def test_a_stage_that_did_not_happen_is_not_measured() -> None:
    """None is not zero, and whoever was not asked has not answered."""
    points = measured(*EVENTS)
    assert [points[name][0].count for name in ("voice.stt.latency_ms", "voice.llm.ttft_ms")] == [1, 2]
    answers = {point.attributes["provider"]: point.value for point in points["voice.provider.answers"]}
    assert answers == {"moonshine": 1, "understanding": 2, "hibari": 1}


def test_who_speaks_on_into_the_first_words_was_cut_off() -> None:
    """Who stops the agent later has heard it out and wants to say something."""
    points = measured(*EVENTS)
    assert points["voice.barge_in.total"][0].value == 2
    assert points["voice.cut_offs"][0].value == 1


def test_calls_are_active_from_their_join_to_their_end() -> None:
    """Also the one that another job took up."""
    joined, ended = EVENTS[0], EVENTS[-1]
    assert measured(joined)["voice.calls.active"][0].value == 1
    assert measured(joined, EVENTS[14])["voice.calls.active"][0].value == 1
    assert measured(joined, ended)["voice.calls.active"][0].value == 0


@pytest.mark.parametrize("reason", EndReason)
def test_a_call_that_should_not_have_ended_was_dropped(reason: EndReason) -> None:
    """Who hung up, said goodbye, was silent or talked for too long was not."""
    found = measured(EVENTS[0], CallEnded(reason=reason, duration_s=1.0, turns=0))
    should_not = {"crashed", "provider_failed", "connection_lost", "worker_stopped"}
    assert ("voice.calls.dropped" in found) == (reason.value in should_not)


def test_a_call_in_which_nothing_was_wanted_says_nothing_about_tasks() -> None:
    """A wrong number is no failure."""
    scored = CallScored(
        wanted_task=False, completed_task=False, is_contained=True, is_escalated=False, handle_s=4.0,
        interruption_rate=0.0, silence_ratio=0.0, repeat_rate=0.0,
    )  # fmt: skip
    assert not {"voice.task.wanted", "voice.task.completed", "voice.csat"} & set(measured(EVENTS[0], scored))


def test_an_event_before_the_call_was_joined_has_no_profile() -> None:
    """It is counted all the same."""
    (point,) = measured(EVENTS[8])["voice.provider.failures"]
    assert point.attributes == {"profile": "unknown", "role": "stt", "provider": "moonshine"}


def test_what_waits_is_that_of_all_running_calls() -> None:
    """Each tells its own; one that has ended keeps nobody waiting."""
    reader = InMemoryMetricReader()
    observer = Metrics(Instruments(MeterProvider([reader]).get_meter("test")))

    def waiting() -> float:
        found = reader.get_metrics_data()
        assert found is not None
        metrics = {metric.name: metric for metric in found.resource_metrics[0].scope_metrics[0].metrics}
        return float(metrics["voice.observers.waiting"].data.data_points[0].value)  # type: ignore[union-attr]

    for call in ("one", "two"):
        observer.on_event(call, AT, EVENTS[0])
        observer.on_event(call, AT, ObserverBehind(observer="Audit", waiting=30, dropped=0))
    assert waiting() == 60
    observer.on_event("one", AT, ObserverBehind(observer="Audit", waiting=5, dropped=0))
    assert waiting() == 35
    observer.on_event("two", AT, EVENTS[-1])
    assert waiting() == 5
