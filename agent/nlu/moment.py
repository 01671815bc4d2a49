"""One turn as the policy sees it: the words, what they could mean, which tools there are, and the sentences to use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.nlu.clauses import follow_up, normal
from agent.nlu.codes import digits_only, has_code
from agent.nlu.endings import Ending, Endings
from agent.nlu.foreign import by_script, by_words
from agent.nlu.history import AgentSaid
from agent.nlu.intent import Intent, SlotKind
from agent.nlu.intents import TOOL_MIN, Evidence, Question, Talk, Tool, Wish, choose
from agent.nlu.money import has_amount
from agent.nlu.several import read
from agent.nlu.small_talk import Small, fixed
from agent.nlu.trailing import tail
from agent.nlu.words import plain, words
from agent.nlu.yes_no import is_bare
from agent.profile import Sentences

_OPENING = r"^(?:(?:and|so|but|okay|well|hi|hello|um|uh)\b[\s,]*)*"
_QUESTION = re.compile(
    _OPENING + r"(?:what|when|where|who|whom|whose|which|why|how|is|are|am|do|"
    r"does|did|can|could|will|would|should|may|have|has|tell me|any)\b"
)
_TELLS = re.compile(_OPENING + r"(?:i|i'm|i've|my|we|our|it|it's|the|this|that)\b")
_WANTS = ("want", "need", "like", "love", "looking", "calling", "asking", "wondering", "help", "please")
_NEAR = 0.1
_ASKS = re.compile(
    r"^(?:(?:and|so|but|okay|well|um|uh)\b[\s,]*)*(?:what|when|where|which|who|whose|why|how)\b(?! about\b)"
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
        evidence = self._known_of(clause)
        if evidence is None:
            return None
        said = {"has_code": has_code(clause), "has_amount": has_amount(clause)}
        wish = choose(evidence, self.intents, self.min_passage, **said)
        if isinstance(wish, Tool) and self.intents[wish.name].confirm and _ASKS.match(plain(clause)):
            # "how do I return something" wants to know, not to have it done
            looking = {name: intent for name, intent in self.intents.items() if not intent.confirm}
            wish = choose(evidence, looking, self.min_passage, **said)
        return self._told(clause, evidence, wish) if isinstance(wish, Question) else wish

    def _known_of(self, clause: str) -> Evidence | None:
        return self.evidence.get(normal(clause))

    def _told(self, clause: str, evidence: Evidence, wish: Question) -> Wish:
        """ "A root canal on Monday" sounds like what is known about root canals, but says what is wanted, and when."""
        if _QUESTION.match(plain(clause)) or clause.rstrip().endswith("?"):
            return wish
        near = sorted(((s, name) for name, s in evidence.tools.items() if name in self.intents), reverse=True)[:1]
        for score, name in near:
            if score >= max(TOOL_MIN, wish.score - _NEAR) and self._fills(name, clause):
                return Tool(name, score)
        return wish

    def _fills(self, tool: str, clause: str) -> bool:
        """A code, or two values of any other kind."""
        slots = self.intents[tool].slots
        found = read(slots, clause, self.now)
        return len(found) > 1 or any(s.kind is SlotKind.CODE and s.name in found for s in slots)

    @property
    def joined(self) -> str:
        """The text as a follow-up of the turn before it, or "" when it is none."""
        return follow_up(self.text, self.previous)

    @property
    def other_language(self) -> str:
        """The language of the text, where that is none that is spoken here; asked when nothing was understood."""
        return by_script(self.text) or by_words(self.text, frozenset(self.sentences.other_languages))

    @property
    def is_torn(self) -> bool:
        """True when what is known of it are two passages, equally near."""
        evidence = self._known_of(self.text)
        return bool(evidence and evidence.is_torn)

    @property
    def ending(self) -> Ending:
        """Whether more may come, by what was said rather than by what the STT made of it."""
        evidence = self._known_of(self.text)
        return self.endings.of((evidence and evidence.sounds_like) or self.text)

    @property
    def is_told(self) -> bool:
        """True when it tells what has happened, and neither asks nor wants: "I forgot my password"."""
        return bool(_TELLS.match(plain(self.text))) and not self.is_question and not self.has(*_WANTS)

    @property
    def tells_code(self) -> bool:
        """True when it tells of a code and ends with it, "I'm looking for order 1003": what of it may follow."""
        said = tail(self.text)
        return bool(said.groups and not said.after and _TELLS.match(plain(self.text)) and not self.is_question)

    @property
    def is_question(self) -> bool:
        """True when it was asked rather than told, as far as words show it, or is about something else entirely."""
        if self.text.rstrip().endswith("?") or _QUESTION.match(plain(self.text)):
            return True
        evidence = self._known_of(self.text)
        return bool(evidence and evidence.small.kind is Small.ELSEWHERE and evidence.small.score > 0.6)

    def sentence(self, template: str) -> str:
        """One of the profile's sentences with its `{help}` and `{human}` filled in."""
        return template.format(help=self.sentences.help, human=self.sentences.human)

    def has(self, *said: str) -> bool:
        """True when one of the words was said."""
        return not set(said).isdisjoint(words(self.text))
