"""The figures of one call, as its span gets them."""

from agent.events import CallEnded, EndReason, Interrupted, Outcome, ProviderFailed, ToolReturned, TurnEnded
from agent.observers.session_metrics import VoiceSessionMetrics


def turn(number: int, e2e_ms: float | None) -> TurnEnded:
    """One exchange."""
    return TurnEnded(
        turn=number, endpointing_ms=None, stt_ms=None, llm_ttft_ms=None, tts_ttfb_ms=None, e2e_ms=e2e_ms,
        had_tools=False,
    )  # fmt: skip


def returned(outcome: Outcome) -> ToolReturned:
    """A tool came back."""
    return ToolReturned(tool_call="t", tool="x", outcome=outcome, duration_ms=1.0, sentence="")


def test_everything_that_happened_is_in_the_attributes() -> None:
    """Refusals are no errors; the latency is the mean of those that were measured."""
    figures = VoiceSessionMetrics()
    for event in (
        turn(1, 400.0), turn(2, None), turn(3, 601.0), Interrupted(turn=3, words_heard=4),
        returned(Outcome.OK), returned(Outcome.REFUSED), returned(Outcome.FAILED),
        ProviderFailed(role="tts", provider="x", reason="Timeout", is_recoverable=True),
        CallEnded(reason=EndReason.CALLER_LEFT, duration_s=12.5, turns=4),
    ):  # fmt: skip
        figures.on_event(event)
    assert figures.to_otel_attributes() == {
        "voice.turns": 4, "voice.avg_turn_latency_ms": 500.5, "voice.interruptions": 1, "voice.tool_calls": 3,
        "voice.errors": 2, "voice.duration_s": 12.5,
    }  # fmt: skip


def test_a_call_without_a_turn_has_no_latency() -> None:
    """Zero would look like the fastest call of all."""
    assert "voice.avg_turn_latency_ms" not in VoiceSessionMetrics().to_otel_attributes()
