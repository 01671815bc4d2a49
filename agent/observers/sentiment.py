"""Raises the flag `frustrated` when a caller has shown it in several turns, off the speech path; the rule is
rules/sentiment.py's, and what the persona makes of the flag dialog/offering.py's."""

from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from agent.events import CallEnded, CallerSpoke, Event, Outcome, ToolReturned
from agent.observers.plugged import Flags, Given
from agent.rules.sentiment import FRUSTRATED, PACED_WORDS, Sign, Turn, signs_of

FLAG = "frustrated"
FIRST = 2  # turns whose pace is the caller's own


def observer(given: Given) -> "Sentiment":
    """Always there."""
    return Sentiment(given.flags)


@dataclass(slots=True)
class _Heard:
    """What one call has shown so far."""

    frustrations: list[Sign] = field(default_factory=list)
    paces: list[float] = field(default_factory=list)
    tool_failed: bool = False
    is_told: bool = False


class Sentiment:
    """Observer. What words it gets have passed the door: private values are placeholders."""

    def __init__(self, flags: Flags) -> None:
        self._flags = flags
        self._calls: dict[str, _Heard] = {}

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Weigh the caller's turns."""
        match event:
            case CallerSpoke():
                self._weigh(call_id, self._calls.setdefault(call_id, _Heard()), event)
            case ToolReturned(outcome=Outcome.FAILED | Outcome.TIMED_OUT) if call_id in self._calls:
                self._calls[call_id].tool_failed = True
            case CallEnded():
                self._calls.pop(call_id, None)

    def _weigh(self, call_id: str, heard: _Heard, spoke: CallerSpoke) -> None:
        pace = _pace(spoke)
        usual = fmean(heard.paces[:FIRST]) if len(heard.paces) >= FIRST else None
        turn = Turn(spoke.text, spoke.is_repeat, pace, usual, heard.tool_failed)
        heard.tool_failed = False
        if pace is not None:
            heard.paces = [*heard.paces, pace][:FIRST]
        if signs := signs_of(turn):
            heard.frustrations.append(signs[0])
        if len(heard.frustrations) >= FRUSTRATED and not heard.is_told:
            heard.is_told = True
            self._flags.raise_flag(call_id, FLAG, f"the caller {', '.join(heard.frustrations)}")


def _pace(spoke: CallerSpoke) -> float | None:
    """Words a second."""
    if spoke.began_at is None or spoke.ended_at is None or spoke.words < PACED_WORDS:
        return None
    lasted = spoke.ended_at - spoke.began_at
    return spoke.words / lasted if lasted > 0 else None
