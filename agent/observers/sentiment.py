"""Raises the flag `frustrated` when a caller has shown it in several turns, off the speech path; the rule is
rules/sentiment.py's, and what the persona makes of the flag dialog/offering.py's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from agent.events import AiDisclosed, CallEnded, CallerSpoke, Event, LanguageChosen, Outcome, ToolReturned
from agent.observers import frustration
from agent.observers.plugged import Flags, Given
from agent.rules.sentiment import FRUSTRATED, PACED_WORDS, Sign, Turn, signs_of

FLAG = "frustrated"
FIRST = 2  # turns whose pace is the caller's own
KNOWN = "en"  # the language of the rule and of the model

Likelihood = Callable[[str], float | None]  # of a turn, that it is said in frustration


def observer(given: Given) -> "Sentiment":
    """Always there."""
    return Sentiment(given.flags, frustration.likelihood_of)


@dataclass(slots=True)
class _Heard:
    """What one call has shown so far."""

    frustrations: list[Sign] = field(default_factory=list)
    paces: list[float] = field(default_factory=list)
    tool_failed: bool = False
    is_told: bool = False
    language: str = KNOWN


class Sentiment:
    """Observer. What words it gets have passed the door: private values are placeholders. `likelihood` may wait for
    the speech process; without it, and where it gives None, the words are weighed by the rule alone."""

    def __init__(self, flags: Flags, likelihood: Likelihood = lambda _: None) -> None:
        self._flags = flags
        self._likelihood = likelihood
        self._calls: dict[str, _Heard] = {}

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Weigh the caller's turns."""
        match event:
            case CallerSpoke():
                self._weigh(call_id, self._calls.setdefault(call_id, _Heard()), event)
            case ToolReturned(outcome=Outcome.FAILED | Outcome.TIMED_OUT) if call_id in self._calls:
                self._calls[call_id].tool_failed = True
            case AiDisclosed(language=language) | LanguageChosen(language=language):
                self._calls.setdefault(call_id, _Heard()).language = language.partition("-")[0]
            case CallEnded():
                self._calls.pop(call_id, None)

    def _weigh(self, call_id: str, heard: _Heard, spoke: CallerSpoke) -> None:
        pace = _pace(spoke)
        usual = fmean(heard.paces[:FIRST]) if len(heard.paces) >= FIRST else None
        likelihood = self._likelihood(spoke.text) if heard.language == KNOWN and not heard.is_told else None
        turn = Turn(spoke.text, likelihood, spoke.is_repeat, pace, usual, heard.tool_failed)
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
