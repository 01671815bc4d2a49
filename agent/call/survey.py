"""Survey: one question at the end of a call, if the profile asks it: from one to five, how was it?

When it is asked lifecycle.py decides; what is no answer is the caller's next wish, and the call goes on.
"""

import asyncio
import re
from dataclasses import dataclass, field

from agent.events import CallerSpoke, Event
from agent.profile.after_call import SurveyChoice

_SCORES = {
    "one": 1, "two": 2, "to": 2, "too": 2, "three": 3, "four": 4, "for": 4, "five": 5,
    **{str(score): score for score in range(1, 6)},
}  # fmt: skip
# Nothing but the number and what people put around it: "one more thing" and "to change my order" are no answers.
_ANSWER = re.compile(
    r"(?:(?:um+|uh+|er|well|oh|okay|ok|so|maybe|probably|i think|i would|i'd|i'll|say|give|it|you|this|that|was|it's|"
    r"that's|definitely|a|an|the|my|rating|score|number|is|would|be|of|solid|straight)\s+)*"
    rf"(?P<score>{'|'.join(_SCORES)})"
    r"(?:\s+(?:out of (?:five|5)|of (?:five|5)|stars?|points?|please|i think|i guess|thanks|thank you|for me|overall))*"
)


def score_in(words: str) -> int | None:
    """From 1 to 5, when that is what the words say and nothing else."""
    plain = " ".join(re.sub(r"[^\w\s']", " ", words.lower()).split())
    found = _ANSWER.fullmatch(plain)
    return _SCORES[found["score"]] if found else None


@dataclass(slots=True)
class Survey:
    """That of one call."""

    choice: SurveyChoice = field(default_factory=SurveyChoice)
    score: int | None = None
    _has_asked: bool = False
    _is_open: bool = False
    _answer: str | None = None
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_due(self) -> bool:
        """Whether it is to be asked; once in a call."""
        return bool(self.choice.question) and not self._has_asked

    def ask(self) -> str:
        """The question; from now on the next words may be its answer."""
        self._has_asked = self._is_open = True
        return self.choice.question

    async def wait(self) -> None:
        """Return when the caller has said something, or nothing for `wait_s`."""
        try:
            async with asyncio.timeout(self.choice.wait_s):
                await self._heard.wait()
        except TimeoutError:
            self._is_open = False

    def on_event(self, event: Event) -> None:
        """The first words after the question are its answer, or it has none."""
        if self._is_open and isinstance(event, CallerSpoke):
            self._is_open = False
            self.score = score_in(event.text)
            self._answer = event.text if self.score is not None else None
            self._heard.set()

    def reply_to(self, words: str) -> str:
        """What to say to these words, which may still be a guess of what is being said; empty when they are no
        answer."""
        is_answer = (self._is_open and score_in(words) is not None) or (
            self._answer is not None and words == self._answer
        )
        return self.choice.thanks if is_answer else ""
