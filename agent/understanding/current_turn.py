"""One turn as the policy sees it: the words, what they could mean, which tools there are, and the sentences to use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agent.intent import HAND_OVER, HUMANS, Intent, SlotKind
from agent.language.en.sums import has_sum
from agent.language.en.yes_no import is_bare
from agent.profile.profile import Sentences
from agent.understanding.history import AgentSaid
from agent.understanding.matching.intents import SURE, TOOL_MIN, Evidence, Question, Talk, Tool, Wish, choose
from agent.understanding.offers import Offer
from agent.understanding.reading.codes import digits_only, has_code
from agent.understanding.reading.denials import Against, against, has_denial, takes_back
from agent.understanding.reading.endings import Ending, Endings
from agent.understanding.reading.foreign import by_script, by_words
from agent.understanding.reading.person_names import find_name, introduces
from agent.understanding.reading.requests_in_one import follow_up, normal
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import in_figures
from agent.understanding.reading.small_talk import Small, fixed
from agent.understanding.reading.trailing import tail
from agent.understanding.reading.wanting import wants
from agent.understanding.reading.when import is_only_moment, without_moments
from agent.understanding.reading.words import content_words, plain, word_set, words

_OPENING = r"^(?:(?:and|so|but|okay|well|hi|hello|um|uh)\b[\s,]*)*"
_QUESTION = re.compile(
    _OPENING + r"(?:what|when|where|who|whom|whose|which|why|how|is|are|am|do(?! (?:it|that|so)\b)|"
    r"does|did|can|could|will|would|should|may|have|has|tell me|any)\b"
)
_TELLS = re.compile(_OPENING + r"(?:i|i'm|i've|my|we|our|it|it's|the|this|that)\b")
_WANTS = ("want", "need", "like", "love", "looking", "calling", "asking", "wondering", "help", "please")
_NEAR = 0.1
_ENOUGH = 2  # values: a sentence that holds more of a tool's is about that, whatever else it is near to
_WANTED = 0.6  # how near a tool must be to a wish that names none of its values
_NEARLY_ANNOUNCED = 0.4
_CHANGED = 0.65  # likewise to a wish for a change that is proposed at once: all of the bank's held-out ones are
_STATES = ("is", "are", "will", "has", "have", "were")
_OWN = ("i", "i'm", "i'd", "i've", "i'll", "me", "my", "we", "we're", "we've", "mine")
_WHOLE = {Ending.WHOLE, Ending.DECLARED}
_SUBJECTS = word_set("i we you they he she it that this")
_ASKS = re.compile(
    r"^(?:(?:and|so|but|okay|well|um|uh)\b[\s,]*)*(?:what|when|where|which|who|whose|why|how)\b(?! about\b)"
)


def asks(text: str) -> bool:
    """True when it was asked rather than told, as far as words show it."""
    return text.rstrip().endswith("?") or bool(_QUESTION.match(plain(text)))


@dataclass(frozen=True, slots=True)
class CurrentTurn:
    """`evidence` holds every reading of the text, `intents` only those whose tools may be called now, and `offers` the
    ways out that the agent has just said."""

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
    offers: tuple[Offer, ...] = ()

    def wish(self, clause: str) -> Wish | None:
        """What a clause of this turn wants; None when that is not sure enough."""
        if small := fixed(clause):
            return Talk(small, 1.0)
        if digits_only(clause) or is_bare(clause) or is_only_moment(clause):
            return None  # a number, a day, a yes or a no wants nothing by itself
        if introduces(clause):
            return Talk(Small.HELLO, 1.0)  # whatever "I'm John" is near to
        evidence = self._known_of(clause)
        if evidence is None:
            return None
        said = {"has_code": has_code(clause), "has_amount": has_sum(clause)}
        wish = choose(evidence, self.intents, self.min_passage, **said)
        if isinstance(wish, Talk) and _is_only_near(wish.kind, clause):
            untalked = replace(evidence, small=Talk(wish.kind, 0.0))
            other = choose(untalked, self.intents, self.min_passage, **said)
            is_known = isinstance(other, Question) and other.score >= SURE
            wish = other if is_known or wish.kind is Small.ANNOUNCEMENT else wish
        if isinstance(wish, Tool) and self._only_asks(wish, clause):
            looking = {name: intent for name, intent in self.intents.items() if not intent.confirm}
            wish = choose(evidence, looking, self.min_passage, **said)
        if isinstance(wish, Tool) and self._is_guessed(wish, clause):
            looking = {name: intent for name, intent in self.intents.items() if not intent.changes_something}
            wish = choose(evidence, looking, self.min_passage, **said)
        if isinstance(wish, Tool) and (opposite := self._opposite(clause, wish)):
            return opposite
        if (
            isinstance(wish, Talk)
            and wish.kind is Small.ROBOT
            and not _QUESTION.match(plain(clause))
            and find_name(clause)
        ):
            return Talk(Small.HELLO, wish.score)  # "my name is Maria Santos" is near to "what's your name"
        return self._told(clause, evidence, wish) if isinstance(wish, Question) else wish

    def _only_asks(self, wish: Tool, clause: str) -> bool:
        """ "How do I return something" wants to know, not to have it done."""
        return bool(self.intents[wish.name].confirm) and bool(_ASKS.match(plain(clause)))

    def _is_guessed(self, wish: Tool, clause: str) -> bool:
        """Whether a change that its tool proposes at once would be proposed on words that are hardly near to it and say
        nothing that it takes."""
        intent = self.intents[wish.name]
        asks_first = any(slot.kind is SlotKind.MONEY for slot in intent.slots)  # nothing is paid without a sum
        is_hardly_near = intent.reads_back and not asks_first and wish.score < _CHANGED
        return is_hardly_near and not any(read(intent.slots, clause, self.now).values())

    @property
    def says_goodbye(self) -> bool:
        """True when it takes leave in so many words."""
        return self.has("bye", "goodbye")

    def is_stray(self, wish: Wish) -> bool:
        """True for a wish for what only tells and needs no value, by words that neither ask nor want anything: half an
        answer is near to "what day is it"."""
        if not isinstance(wish, Tool) or wish.name in HUMANS or wish.name.startswith(HAND_OVER):
            return False
        intent = self.intents[wish.name]
        tells_only = not intent.slots and not intent.changes_something
        return tells_only and wish.score < SURE and not self.is_question and not wants(self.text)

    def _opposite(self, clause: str, wish: Tool) -> Talk | None:
        """What the clause wants instead of a tool that changes something, or that leads to one."""
        led = self.intents.get(self.intents[wish.name].leads_to)
        intent = self.intents[wish.name]
        if not intent.changes_something and led is None:
            return None
        match against(clause, intent, is_undoing=wish.name in self.undoing):
            case Against.LEAVE:
                return Talk(Small.NEVER_MIND, wish.score)
            case Against.UNDO:
                return Talk(Small.UNDO, wish.score)
            case None:
                return None

    @property
    def known(self) -> Question | None:
        """What is known about it, whatever tools it is near to; None where that is not near enough."""
        evidence = self._known_of(self.text)
        wish = choose(evidence, {}, self.min_passage, has_code=False) if evidence else None
        return wish if isinstance(wish, Question) else None

    @property
    def asks_how(self) -> bool:
        """True when it wants to know how, when, or what something is: "how do I cancel a return"."""
        return bool(_ASKS.match(plain(self.text)))

    @property
    def undoing(self) -> frozenset[str]:
        """The tools that undo what others have done."""
        return frozenset(intent.undone_by for intent in self.intents.values()) & self.intents.keys()

    def undone_by(self, tool: str) -> str:
        """The tool that undoes what this one has done; "" when none does."""
        return self.intents[tool].undone_by if tool in self.intents else ""

    @property
    def nearest_change(self) -> str:
        """The tool that changes something and is nearest to the words; "" when none can be called."""
        evidence = self._known_of(self.text)
        scores = evidence.tools if evidence else {}
        changing = [name for name, intent in self.intents.items() if intent.changes_something]
        return max(changing, key=lambda name: scores.get(name, 0.0), default="")

    @property
    def is_denied(self) -> bool:
        """True when the caller says that they never did or wanted it, rather than that it be taken back."""
        return has_denial(self.text)

    def _known_of(self, clause: str) -> Evidence | None:
        return self.evidence.get(normal(clause))

    def _told(self, clause: str, evidence: Evidence, wish: Question) -> Wish:
        """ "A root canal on Monday" sounds like what is known about root canals, but says what is wanted, and when."""
        if wanted := self._wanted(clause, evidence):
            return wanted
        if asks(clause):
            return wish
        near = sorted(((s, name) for name, s in evidence.tools.items() if name in self.intents), reverse=True)[:1]
        for score, name in near:
            is_full = score >= TOOL_MIN and len(read(self.intents[name].slots, clause, self.now)) > _ENOUGH
            if is_full or (score >= max(TOOL_MIN, wish.score - _NEAR) and self._fills(name, clause)):
                return Tool(name, score)
        return wish

    def _wanted(self, clause: str, evidence: Evidence) -> Tool | None:
        """ "I need a cleaning" wants one: the tool that does it, and not what is known about cleanings."""
        if not wants(clause):
            return None
        doing = [(evidence.tools[name], name) for name, intent in self.intents.items() if intent.confirm]
        score, name = max(doing, default=(0.0, ""))
        is_about = score >= TOOL_MIN and bool(read(self.intents[name].slots, clause, self.now))
        return Tool(name, score) if score >= _WANTED or is_about else None

    def _fills(self, tool: str, clause: str) -> bool:
        """A code, or two values of any other kind."""
        slots = self.intents[tool].slots
        found = read(slots, clause, self.now)
        return len(found) > 1 or any(s.kind is SlotKind.CODE and s.name in found for s in slots)

    def nearness(self, tool: str) -> float:
        """How near the words are to what a tool's callers say, whether it may be called now or not."""
        evidence = self._known_of(self.text)
        return evidence.tools.get(tool, 0.0) if evidence else 0.0

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
    def is_whole_question(self) -> bool:
        """True for a question of which nothing is missing, though a time or a place may follow: "when are you open"."""
        return self.is_question and (self.ending in _WHOLE or self.endings.is_adjoined(self.text))

    @property
    def has_object(self) -> bool:
        """True when the last word is what is asked about, and neither who does it nor what is done: "can I bring"."""
        said = words(self.text)
        return len(said) > 2 and bool(content_words(self.text)) and _SUBJECTS.isdisjoint(said[-2:])

    @property
    def is_told(self) -> bool:
        """True when it tells what has happened, and neither asks nor wants: "I forgot my password"."""
        return bool(_TELLS.match(plain(self.text))) and not self.is_question and not self.has(*_WANTS)

    @property
    def is_announced(self) -> bool:
        """True for what a line says while it is on hold: by itself, or, where it speaks of agents as those do who want
        one, since it tells of them and asks for nothing."""
        wish = self.wish(self.text)
        if isinstance(wish, Talk) and wish.kind is Small.ANNOUNCEMENT:
            return True
        evidence = self._known_of(self.text)
        small = evidence.small if evidence else None
        is_near = small is not None and small.kind is Small.ANNOUNCEMENT and small.score >= _NEARLY_ANNOUNCED
        is_statement = self.has(*_STATES) and not self.has(*_OWN) and not self.is_question
        is_of_people = isinstance(wish, Tool) and wish.name in HUMANS and not self._fills(wish.name, self.text)
        return is_near and is_statement and is_of_people

    @property
    def tells_number(self) -> bool:
        """True when a number was said that is neither a day nor a time."""
        return bool(set(re.findall(r"\d+", without_moments(in_figures(self.text)))) - {"1"})  # "the best one"

    @property
    def tells_code(self) -> bool:
        """True when it tells of a code and ends with it, "I'm looking for order 1003": what of it may follow."""
        said = tail(self.text)
        return bool(said.groups and not said.after and _TELLS.match(plain(self.text)) and not self.is_question)

    @property
    def is_question(self) -> bool:
        """True when it was asked rather than told, as far as words show it, or is about something else entirely."""
        if asks(self.text):
            return True
        evidence = self._known_of(self.text)
        return bool(evidence and evidence.small.kind is Small.ELSEWHERE and evidence.small.score > 0.6)

    def sentence(self, template: str) -> str:
        """One of the profile's sentences with its `{help}` and `{human}` filled in."""
        return template.format(help=self.sentences.help, human=self.sentences.human)

    def has(self, *said: str) -> bool:
        """True when one of the words was said."""
        return not set(said).isdisjoint(words(self.text))


def _is_only_near(kind: Small, clause: str) -> bool:
    """True for what is near to the talk and is none: no announcement asks, and who has something undone mostly says a
    word of taking back; "can I give it back" has none, and rather wants what is surely known. What the house itself
    says of complaints is surer than our sentence."""
    match kind:
        case Small.ANNOUNCEMENT:
            return asks(clause)
        case Small.UNDO:
            return not takes_back(clause) and not has_denial(clause)
        case Small.GRIEVANCE:
            return True
        case _:
            return False
