"""One turn as the policy sees it: the words, what they could mean, which tools there are, and the sentences to use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.nlu.clauses import follow_up, normal
from agent.nlu.codes import digits_only, has_code
from agent.nlu.endings import Endings
from agent.nlu.history import AgentSaid
from agent.nlu.intent import Intent
from agent.nlu.intents import Evidence, Talk, Wish, choose
from agent.nlu.money import has_amount
from agent.nlu.small_talk import Small, fixed
from agent.nlu.words import plain, words
from agent.nlu.yes_no import is_bare
from agent.profile import Sentences

_QUESTION = re.compile(
    r"^(?:(?:and|so|but|okay|well|hi|hello|um|uh)\b[\s,]*)*(?:what|when|where|who|whom|whose|which|why|how|is|are|am|do|"
    r"does|did|can|could|will|would|should|may|have|has|tell me|any)\b"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """`evidence` holds every reading of the text; `intents` only those whose tools may be called now."""

    text: str
    prompt: AgentSaid | None
    previous: str
    evidence: Mapping[str, Evidence]
    intents: Mapping[str, Intent]
    sentences: Sentences
    min_passage: float
    now: datetime
    endings: Endings
    is_day_first: bool = False

    def wish(self, clause: str) -> Wish | None:
        """What a clause of this turn wants; None when that is not sure enough."""
        if small := fixed(clause):
            return Talk(small, 1.0)
        if digits_only(clause) or is_bare(clause):
            return None  # a number, a yes or a no wants nothing by itself
        if (evidence := self.evidence.get(normal(clause))) is None:
            return None
        said = {"has_code": has_code(clause), "has_amount": has_amount(clause)}
        return choose(evidence, self.intents, self.min_passage, **said)

    @property
    def joined(self) -> str:
        """The text as a follow-up of the turn before it, or "" when it is none."""
        return follow_up(self.text, self.previous)

    @property
    def is_question(self) -> bool:
        """True when it was asked rather than told, as far as words show it, or is about something else entirely."""
        if self.text.rstrip().endswith("?") or _QUESTION.match(plain(self.text)):
            return True
        evidence = self.evidence.get(normal(self.text))
        return bool(evidence and evidence.small.kind is Small.ELSEWHERE and evidence.small.score > 0.6)

    def sentence(self, template: str) -> str:
        """One of the profile's sentences with its `{help}` and `{human}` filled in."""
        return template.format(help=self.sentences.help, human=self.sentences.human)

    def has(self, *said: str) -> bool:
        """True when one of the words was said."""
        return not set(said).isdisjoint(words(self.text))
