"""Spans of calls that do not go as planned."""

from datetime import UTC, datetime, timedelta

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from agent.events import (
    CallEnded,
    CallerSpoke,
    CallJoined,
    EndReason,
    Event,
    FlagRaised,
    Outcome,
    ProviderFailed,
    ToolCalled,
    ToolReturned,
    TurnEnded,
)
from agent.observers.spans import Spans, stages

START = datetime(2026, 11, 20, 17, tzinfo=UTC)


def spans_of(*events: Event) -> dict[str, ReadableSpan]:
    """The spans of one call of these events, a second apart, by name."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observer = Spans(provider.get_tracer("test"))
    for index, event in enumerate(events):
        observer.on_event("call-1", START + timedelta(seconds=index), event)
    return {span.name: span for span in exporter.get_finished_spans()}


def ended(reason: EndReason) -> CallEnded:
    """The call's end."""
    return CallEnded(reason=reason, duration_s=3.0, turns=1)


JOINED = CallJoined(profile="shop", channel="phone")
SPOKE = CallerSpoke(turn=1, words=2, text="canary")
CALLED = ToolCalled(tool_call="t1", tool="lookup_order", arguments="canary")


def test_a_caller_who_leaves_in_the_middle_leaves_no_open_span() -> None:
    """Tool, turn and call end with the call."""
    spans = spans_of(JOINED, SPOKE, CALLED, ended(EndReason.CALLER_LEFT))
    assert set(spans) == {"voice.call", "voice.turn", "voice.tool"}
    assert all(span.end_time == spans["voice.call"].end_time for span in spans.values())
    assert spans["voice.call"].status.status_code is StatusCode.UNSET


def test_a_call_that_ends_badly_is_an_error() -> None:
    """With its reason."""
    call = spans_of(JOINED, ended(EndReason.PROVIDER_FAILED))["voice.call"]
    assert call.status.status_code is StatusCode.ERROR
    assert call.status.description == "provider_failed"


def test_a_tool_that_failed_is_an_error_and_one_that_refused_is_not() -> None:
    """A rule that says no works as it should."""
    for outcome, expected in ((Outcome.FAILED, StatusCode.ERROR), (Outcome.REFUSED, StatusCode.UNSET)):
        returned = ToolReturned(
            tool_call="t1", tool="lookup_order", outcome=outcome, duration_ms=1.0, sentence="canary"
        )
        spans = spans_of(JOINED, SPOKE, CALLED, returned, ended(EndReason.CALLER_LEFT))
        assert spans["voice.tool"].status.status_code is expected


def test_what_happens_in_between_is_noted_where_it_happened() -> None:
    """A flag before any turn on the call, a failure in a turn on the turn."""
    failed = ProviderFailed(role="tts", provider="hibari", reason="APITimeoutError", is_recoverable=True)
    flag = FlagRaised(flag="wants_human", reason="asked")
    spans = spans_of(JOINED, flag, SPOKE, failed, ended(EndReason.CALLER_LEFT))
    assert [event.name for event in spans["voice.call"].events] == ["FlagRaised"]
    (noted,) = spans["voice.turn"].events
    assert (noted.name, dict(noted.attributes or {})["voice.provider"]) == ("ProviderFailed", "hibari")


def test_a_tool_result_without_its_call_is_harmless() -> None:
    """Late results of an earlier turn."""
    returned = ToolReturned(tool_call="t9", tool="x", outcome=Outcome.OK, duration_ms=1.0, sentence="")
    assert set(spans_of(JOINED, returned, ended(EndReason.CALLER_LEFT))) == {"voice.call"}


def test_a_written_turn_has_the_stages_that_it_went_through() -> None:
    """Nobody was heard; the model was asked right before the voice began."""
    spoke_at = START.timestamp() + 10
    turn = TurnEnded(
        turn=1, endpointing_ms=None, stt_ms=None, llm_ttft_ms=200.0, tts_ttfb_ms=100.0, e2e_ms=None, had_tools=False,
        spoke_at=spoke_at, output_ms=30.0,
    )  # fmt: skip
    placed = {name: (round(at - spoke_at, 3), round(to - spoke_at, 3)) for name, (at, to, _) in stages(turn).items()}
    assert placed == {"tts": (-0.13, -0.03), "llm": (-0.33, -0.13)}
