"""What must not stand in a note for people, whoever worded it: figures that no tool has named, e-mail addresses, and
whatever the call has heard of who somebody is. An LLM's text and the caller's pass here before they are kept."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rapidfuzz.distance import JaroWinkler

from agent.events import AgentSpoke, CallerSpoke, Event, ToolCalled
from agent.language.calendar_words import MONTHS
from agent.language.sums import has_sum
from agent.nlu.addresses import SIGNS
from agent.nlu.factors import CITY, NAME, find_factors
from agent.nlu.history import arguments_of
from agent.nlu.intent import Intent, SlotKind
from agent.nlu.names import find_name
from agent.nlu.words import with_digits, word_set, words
from agent.rules.names import SAME_SOUND, is_place, parts

HIDDEN = "[…]"
SMALL = 12  # "asked for two people twice": a lone number up to here says how many, and names nothing

_SIGN = rf"(?:{'|'.join(SIGNS)})"
_EMAIL = re.compile(
    rf"[\w.+-]+\s*@\s*[\w-]+(?:\.[\w-]+)*|"
    rf"(?:\b\w\s+)*\b[\w+-]+(?:\s+{_SIGN}\s+[\w+-]+)*\s+at\s+[\w-]+(?:\s+(?:dot|point|period)\s+[\w-]+)+",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)?\b|(?:[^\W\d_][ .-]){2,}[^\W\d_]\b|[^\W_]+(?:['\u2019-][^\W_]+)*")
_MONTH = re.compile(rf"(?:{MONTHS})", re.IGNORECASE)
_WITHIN = word_set("oh o double triple point dot dash hyphen slash and")  # between a number's words
_IN_DATE = word_set("of the in")  # and only beside its month: "one of the two" is no number
_LARGE = word_set("lakh lakhs lac crore crores k m bn grand")


@dataclass(frozen=True, slots=True)
class _Token:
    """One word or figure of a text: where it stands, and its digits if it is part of a number."""

    start: int
    end: int
    text: str
    digits: str = ""
    is_month: bool = False
    is_large: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is more than what may stand between a number's words."""
        return bool(self.digits) or self.is_month or self.is_large


@dataclass(slots=True)
class Discretion:
    """One per call, in its memory only. `intents` tell which arguments of tools are somebody's name."""

    intents: Mapping[str, Intent]
    clock: Callable[[], datetime]
    _names: set[str] = field(default_factory=set)  # word by word: a first name alone tells as well
    _places: set[str] = field(default_factory=set)  # as a whole: "new" is no secret of New York's
    _codes: set[str] = field(default_factory=set)
    _asked: str = ""

    def on_event(self, event: Event) -> None:
        """Hear what is said and what tools are asked with."""
        match event:
            case AgentSpoke():
                asked = words(event.text)
                self._asked = next((factor for factor in (NAME, CITY) if factor in asked), "")
            case CallerSpoke():
                found = find_factors(event.text, self.clock(), self._asked)
                name = find_name(event.text, is_answer=self._asked == NAME)
                self.learn(names=(found.get(NAME), name), places=(found.get(CITY),))
            case ToolCalled(tool=tool) if tool in self.intents:
                self._hear_arguments(self.intents[tool], arguments_of(event.arguments))

    def learn(
        self, *, names: Iterable[object] = (), places: Iterable[object] = (), codes: Iterable[object] = ()
    ) -> None:
        """These are who somebody is, where they live, and what only they know; None is nothing."""
        self._names |= {part for name in names if name for part in _parts(str(name)) if len(part) > 1}
        self._places |= {" ".join(_parts(str(place))) for place in places if place} - {""}
        self._codes |= {_digits(str(code)) for code in codes if code} - {""}

    def masked(self, text: str, known: Collection[str] = ()) -> str:
        """What somebody worded, with HIDDEN in place of all that. `known` are digits that may stand: a tool has told
        them as the reference of what the call is about."""
        text = _EMAIL.sub(HIDDEN, " ".join(text.split()))
        tokens = [_token(match) for match in _TOKEN.finditer(text)]
        may_stand = {*known} - self._codes
        found = _figures(text, tokens)
        figures = [span for span, whole, each in found if whole not in may_stand and not each <= may_stand]
        return _without(text, [*figures, *self._of_somebody(tokens)])

    def checked(self, text: str) -> str:
        """What we worded ourselves, whose other figures are meant to stand."""
        tokens = [_token(match) for match in _TOKEN.finditer(text)]
        figures = [span for span, whole, each in _figures(text, tokens) if {whole, *each} & self._codes]
        return _without(text, [*figures, *self._of_somebody(tokens)])

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

    def _of_somebody(self, tokens: list[_Token]) -> Iterator[tuple[int, int]]:
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


def _token(match: re.Match[str]) -> _Token:
    text = match[0]
    is_month, is_large = bool(_MONTH.fullmatch(text)), text.lower() in _LARGE
    return _Token(match.start(), match.end(), text, _digits(text), is_month=is_month, is_large=is_large)


def _digits(text: str) -> str:
    return "".join(c for c in with_digits(text) if c.isdecimal())


def _figures(text: str, tokens: list[_Token]) -> Iterator[tuple[tuple[int, int], str, set[str]]]:
    """Where numbers stand that are more than a small count: a run of digits or of number words, a date, a sum. With
    the digits of each, all together and part by part."""
    for run in _runs(tokens):
        counted = [token for token in run if token.counts]
        digits, span = "".join(token.digits for token in counted), (run[0].start, run[-1].end)
        is_small = len(digits) <= len(str(SMALL)) and int(digits or 0) <= SMALL
        if len(counted) > 1 or not is_small or _is_sum(text, *span):
            yield span, digits, {token.digits for token in counted}


def _runs(tokens: list[_Token]) -> Iterator[list[_Token]]:
    """Tokens of one number, with what stands between its words."""
    run: list[_Token] = []
    between: list[_Token] = []
    for token in [*tokens, _Token(0, 0, "")]:
        if not token.counts and run and token.text.lower() in _WITHIN | _IN_DATE:
            between.append(token)
            continue
        if run and not (token.counts and _is_one_number(run[-1], between, token)):
            if any(part.digits or part.is_month for part in run):
                yield run
            run = []
        run += [*between, token] if run else [token] * token.counts
        between = []


def _is_one_number(before: _Token, between: list[_Token], after: _Token) -> bool:
    is_date = before.is_month or after.is_month
    return is_date or not any(token.text.lower() in _IN_DATE for token in between)


def _is_sum(text: str, start: int, end: int) -> bool:
    """Whether a currency stands before or behind."""
    behind = " ".join(text[end:].split()[:1])
    return has_sum(f"{text[max(0, start - 2) : start].strip()}{text[start:end]} {behind}")


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
