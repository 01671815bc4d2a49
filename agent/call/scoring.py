"""Score: the figures by which a call is judged afterwards, from its events: done, contained, silent, repeated, costly.

docs/kpis.md says how each is reckoned. What a tool does for a caller is what its author noted (`Intent.noted`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.events import (
    DROPPED,
    AgentSpoke,
    CallCosted,
    CallEnded,
    CallerSpoke,
    CallScored,
    Event,
    FlagRaised,
    Interrupted,
    Outcome,
    TaskCompleted,
    ToolCalled,
    ToolReturned,
    TransferStarted,
)
from agent.intent import Intent

SILENCE_S = 2.0  # a longer pause is one that a caller notices
ESCALATING = frozenset({"wants_human", "distress", "frustrated"})


@dataclass(slots=True)
class Score:
    """One per call. `intents` tell which tools do something for a caller."""

    intents: Mapping[str, Intent] = field(default_factory=dict)
    is_escalated: bool = False
    wanted: dict[str, bool] = field(default_factory=dict)  # tools, and whether what they are for was done
    cost_usd: float | None = None
    final: tuple[CallScored, CallEnded] | None = None  # once the call has ended
    _turns: int = 0
    _replies: int = 0
    _repeats: int = 0
    _interruptions: int = 0
    _silent_s: float = 0.0
    _spoken_until: float | None = None

    def on_event(self, event: Event) -> None:
        """Take it into account."""
        match event:
            case CallerSpoke():
                self._turns += 1
                self._repeats += event.is_repeat
                self._spoke(event.began_at, event.ended_at)
            case AgentSpoke():
                self._replies += 1
                self._spoke(event.began_at, event.ended_at)
            case Interrupted():
                self._interruptions += 1
            case ToolCalled() if self._is_task(event.tool):
                self.wanted.setdefault(event.tool, False)
            case ToolReturned() if self._is_task(event.tool) and not self.intents[event.tool].changes_something:
                self.wanted[event.tool] = event.outcome is Outcome.OK
            case TaskCompleted() if self._is_task(event.task):
                self.wanted[event.task] = True
            case FlagRaised():
                self.is_escalated |= event.flag in ESCALATING
            case CallCosted() if event.total_cents or not event.unpriced:
                self.cost_usd = event.total_cents / 100
            case TransferStarted():
                self.is_escalated = True

    def told(self, end: CallEnded, open_before: tuple[str, ...] | None, csat: int | None = None) -> CallScored:
        """What the call came to. `open_before` are the matters that earlier calls of the caller left open; None where
        nobody is remembered. `csat` is what the caller answered to the survey."""
        scored = CallScored(
            wanted_task=bool(self.wanted),
            completed_task=bool(self.wanted) and all(self.wanted.values()),
            is_contained=end.reason not in DROPPED and not self.is_escalated,
            is_escalated=self.is_escalated,
            handle_s=end.duration_s,
            interruption_rate=_share(self._interruptions, self._replies),
            silence_ratio=_share(self._silent_s, end.duration_s),
            repeat_rate=_share(self._repeats, self._turns),
            is_first_contact=None if open_before is None else not set(open_before) & set(self.wanted),
            csat=csat,
            cost_usd=self.cost_usd,
        )
        self.final = scored, end
        return scored

    def _is_task(self, tool: str) -> bool:
        return tool in self.intents and bool(self.intents[tool].noted)

    def _spoke(self, began_at: float | None, ended_at: float | None) -> None:
        """Somebody did; who writes is silent, and no pause is reckoned around it."""
        if began_at is None or ended_at is None:
            self._spoken_until = None
            return
        if self._spoken_until is not None and began_at - self._spoken_until > SILENCE_S:
            self._silent_s += began_at - self._spoken_until
        self._spoken_until = max(ended_at, self._spoken_until or ended_at)


def _share(part: float, whole: float) -> float:
    return round(min(1.0, part / whole), 3) if whole else 0.0
