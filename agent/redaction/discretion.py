"""What must not stand in a note for people, whoever worded it: figures that no tool has named, e-mail addresses, and
whatever the call has heard of who somebody is. An LLM's text and the caller's pass here before they are kept."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rapidfuzz.distance import JaroWinkler

from agent.events import AgentSpoke, CallerSpoke, Event, ToolCalled
from agent.intent import Intent, SlotKind
from agent.redaction.cues import Kind, asked_for
from agent.redaction.figures import EMAIL, Token, digits_of, figures, tokens_of
from agent.redaction.finding import find
from agent.rules.names import SAME_SOUND, is_place, parts
from agent.understanding.history import arguments_of
from agent.understanding.identity_factors import CITY, NAME, find_factors
from agent.understanding.reading.person_names import find_name

_SENTENCE = re.compile(r"(?<=\w\w[.?!])\s+")
HIDDEN = "[…]"
# that are more than a figure; figures and names are looked for more strictly than `find` does
_SHAPED = frozenset({Kind.ADDRESS, Kind.EMAIL, Kind.IBAN, Kind.ID, Kind.SECRET})
_FACTORS: dict[Kind | None, str] = {Kind.NAME: NAME, Kind.PLACE: CITY}


@dataclass(slots=True)
class Discretion:
    """One per call, in its memory only. `intents` tell which arguments of tools are somebody's name."""

    intents: Mapping[str, Intent]
    clock: Callable[[], datetime]
    is_of_customer: bool = False  # verified: from now on sums are what somebody has
    _names: set[str] = field(default_factory=set)  # word by word: a first name alone tells as well
    _places: set[str] = field(default_factory=set)  # as a whole: "new" is no secret of New York's
    _codes: set[str] = field(default_factory=set)
    _asked: str = ""

    def on_event(self, event: Event) -> None:
        """Hear what is said and what tools are asked with."""
        match event:
            case AgentSpoke():
                self._asked = _FACTORS.get(asked_for(event.text)[0], "")
            case CallerSpoke():
                for said in _SENTENCE.split(event.text):  # somebody may name several people, one after the other
                    found = find_factors(said, self.clock(), self._asked)
                    name = find_name(said, is_answer=self._asked == NAME)
                    self.learn(names=(found.get(NAME), name), places=(found.get(CITY),))
            case ToolCalled(tool=tool) if tool in self.intents:
                self._hear_arguments(self.intents[tool], arguments_of(event.arguments))

    def learn(
        self, *, names: Iterable[object] = (), places: Iterable[object] = (), codes: Iterable[object] = ()
    ) -> None:
        """These are who somebody is, where they live, and what only they know; None is nothing."""
        # new sets each time: another thread may be looking at the old ones
        self._names = self._names | {part for name in names if name for part in _parts(str(name)) if len(part) > 1}
        self._places = self._places | {" ".join(_parts(str(place))) for place in places if place} - {""}
        self._codes = self._codes | {digits_of(str(code)) for code in codes if code} - {""}

    def masked(self, text: str, known: Collection[str] = ()) -> str:
        """What somebody worded, with HIDDEN in place of all that. `known` are digits that may stand: a tool has told
        them as the reference of what the call is about."""
        text = EMAIL.sub(HIDDEN, " ".join(text.split()))
        tokens = tokens_of(text)
        private = [(one.start, one.end) for one in find(text) if one.kind in _SHAPED]
        may_stand = {*known} - self._codes
        found = figures(text, tokens)
        spans = [span for span, whole, each in found if whole not in may_stand and not each <= may_stand]
        shaped = [span for span in private if digits_of(text[slice(*span)]) not in may_stand]
        return _without(text, [*spans, *shaped, *self.of_somebody(tokens)])

    def checked(self, text: str) -> str:
        """What we worded ourselves, whose other figures are meant to stand."""
        tokens = tokens_of(text)
        spans = [span for span, whole, each in figures(text, tokens) if {whole, *each} & self._codes]
        return _without(text, [*spans, *self.of_somebody(tokens)])

    def _hear_arguments(self, intent: Intent, given: Mapping[str, object]) -> None:
        """What the tool's author names in `noted` is no secret; the name, city or code beside it is."""
        for slot in intent.slots:
            value = None if intent.notes(slot.name) else given.get(slot.name)
            match slot.kind:
                case SlotKind.NAME if slot.name == CITY:
                    self.learn(places=(value,))
                case SlotKind.NAME:
                    self.learn(names=(value,))
                case SlotKind.CODE:
                    self.learn(codes=(value,))

    def of_somebody(self, tokens: list[Token]) -> Iterator[tuple[int, int]]:
        """Where names and places stand that the call has heard of somebody, word by word."""
        for index, token in enumerate(tokens):
            if any(_is_alike(part, name) for part in _parts(token.text) for name in self._names):
                yield token.start, token.end
            for place in self._places:
                said = tokens[index : index + len(place.split())]
                if _is_alike(" ".join(part.text for part in said), place):
                    yield token.start, said[-1].end


def _parts(name: str) -> tuple[str, ...]:
    """Its words, comparable; those of a script without sounds that we know as they are."""
    return parts(name) or tuple(name.casefold().split())


def _is_alike(said: str, known: str) -> bool:
    """However an LLM or an STT spells it."""
    said = said.casefold()
    # most words are nothing like a name, and this tells it at a hundredth of the cost
    return said == known or (JaroWinkler.similarity(said, known) >= SAME_SOUND and is_place(said, known))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with HIDDEN for these spans; what only signs part is one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and not re.search(r"\w", text[joined[-1][1] : start]):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    for start, end in reversed(joined):
        text = f"{text[:start]}{HIDDEN}{text[end:]}"
    return text
