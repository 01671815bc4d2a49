"""The figures of one call that go on its span, in the names that dashboards of voice agents ask for."""

from dataclasses import dataclass

from agent.events import CallEnded, Event, Interrupted, Outcome, ProviderFailed, ToolReturned, TurnEnded


@dataclass(slots=True)
class VoiceSessionMetrics:
    """Counts what happens in one call; times in milliseconds, `duration_s` in seconds, 0 until the call has ended."""

    turns: int = 0
    interruptions: int = 0
    tool_calls: int = 0
    errors: int = 0
    duration_s: float = 0.0
    _latency_ms: float = 0.0
    _measured: int = 0

    @property
    def avg_turn_latency_ms(self) -> float | None:
        """From the end of the caller's speech to the first sound of the answer; None before one was measured."""
        return round(self._latency_ms / self._measured, 1) if self._measured else None

    def on_event(self, event: Event) -> None:
        """Count it."""
        match event:
            case TurnEnded():
                self.turns += 1
                if event.e2e_ms is not None:
                    self._latency_ms += event.e2e_ms
                    self._measured += 1
            case Interrupted():
                self.interruptions += 1
            case ToolReturned():
                self.tool_calls += 1
                self.errors += event.outcome in {Outcome.FAILED, Outcome.TIMED_OUT}
            case ProviderFailed():
                self.errors += 1
            case CallEnded():
                self.duration_s = event.duration_s
                self.turns = max(self.turns, event.turns)  # the last may have had no answer

    def to_otel_attributes(self) -> dict[str, int | float]:
        """`voice.turns`, `voice.avg_turn_latency_ms` and so on; without the latency where none was measured."""
        found: dict[str, int | float] = {
            "voice.turns": self.turns,
            "voice.interruptions": self.interruptions,
            "voice.tool_calls": self.tool_calls,
            "voice.errors": self.errors,
            "voice.duration_s": self.duration_s,
        }
        latency = self.avg_turn_latency_ms
        return found if latency is None else {**found, "voice.avg_turn_latency_ms": latency}
