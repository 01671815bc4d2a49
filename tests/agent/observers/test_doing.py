"""A turn is that of who did its part, not of who stands first in the profile."""

from datetime import UTC, datetime

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.events import CallEnded, CallerSpoke, CallJoined, EndReason, Event, ProviderReplaced, TurnEnded
from agent.observers.doing import Doing
from agent.observers.metrics import Instruments, Metrics
from agent.observers.spans import Spans

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)
FIRST = {"shop": {"stt": "deepgram", "llm": "openai", "tts": "hibari"}}
LOCAL = ProviderReplaced(role="stt", provider="deepgram", by="local", reason="stalled")
BACK = ProviderReplaced(role="stt", provider="local", by="deepgram", reason="returned")
END = CallEnded(reason=EndReason.CALLER_LEFT, duration_s=9.0, turns=3)


def turn(number: int) -> list[Event]:
    """One exchange that was heard, thought about and spoken."""
    ended = TurnEnded(
        turn=number, endpointing_ms=200.0, stt_ms=100.0, llm_ttft_ms=20.0, tts_ttfb_ms=30.0, e2e_ms=500.0,
        had_tools=False, speech_ended_at=AT.timestamp(), spoke_at=AT.timestamp() + 1,
    )  # fmt: skip
    return [CallerSpoke(turn=number, words=1, text=""), ended]


CALL = [CallJoined(profile="shop", channel="phone"), *turn(1), LOCAL, *turn(2), BACK, *turn(3), END]


def test_each_role_is_its_first_providers_until_another_does_it() -> None:
    """And in the next call, again."""
    doing = Doing(FIRST)
    doing.on_event("a", LOCAL)
    names = [doing.name(call, "shop", role) for call, role in (("a", "stt"), ("a", "llm"), ("b", "stt"))]
    assert names == ["local", "openai", "deepgram"]
    doing.on_event("a", END)
    assert doing.name("a", "shop", "stt") == "deepgram"
    assert doing.name("a", "bank", "stt") is None


def test_metrics_of_a_turn_have_who_answered_it() -> None:
    """Two were heard by the first, one by whoever stepped in."""
    reader = InMemoryMetricReader()
    observer = Metrics(Instruments(MeterProvider([reader]).get_meter("test")), {k: dict(v) for k, v in FIRST.items()})
    for event in CALL:
        observer.on_event("call-1", AT, event)
    found = reader.get_metrics_data()
    assert found is not None
    metrics = {metric.name: metric.data for metric in found.resource_metrics[0].scope_metrics[0].metrics}
    heard = {
        str((point.attributes or {})["provider"]): point.value  # type: ignore[union-attr]
        for point in metrics["voice.provider.answers"].data_points
        if (point.attributes or {})["role"] == "stt"
    }
    assert heard == {"deepgram": 2, "local": 1}


def test_spans_of_a_turn_have_who_answered_it() -> None:
    """As the metrics have."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observer = Spans(provider.get_tracer("test"), FIRST)
    for event in CALL:
        observer.on_event("call-1", AT, event)
    heard = [
        (span.attributes or {})["gen_ai.provider.name"]
        for span in exporter.get_finished_spans()
        if span.name == "voice.stt"
    ]
    assert heard == ["deepgram", "local", "deepgram"]
