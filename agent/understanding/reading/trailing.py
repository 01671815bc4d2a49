"""How a text ends, as far as dictation goes: its last digits and what stands around them, "my number is", "double".

Pure words; what the ending means for a code, a date or an address is judged in dictation.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agent.understanding.reading.codes import MARKERS, TOKEN, sounds_as_digits
from agent.understanding.reading.words import FILLERS, NOISES, plain, with_digits, word_set, words


class Completeness(StrEnum):
    """How much of a dictated value was said. `OPEN`: all, or it goes on (a code of unknown length, "the fifth")."""

    NONE = "none"
    UNFINISHED = "unfinished"
    OPEN = "open"
    WHOLE = "whole"


NONE, UNFINISHED, OPEN, WHOLE = Completeness
THROUGH = FILLERS | NOISES | word_set("and plus dash hyphen comma thanks thank you be area country")
HANGING = word_set(
    "and double triple dash hyphen plus dot point at then oh o underscore slash in of for to from starts with "
    "is it's its number code my the a was or"
)
_NOT_YET = NOISES | word_set("oh is it's its number code my the that's reference order account be like just so well a")
_ROUND = word_set("twenty thirty forty fifty sixty seventy eighty ninety hundred thousand")
_LEAD = re.compile(
    r"(?:\b(?:number|code|reference|pin|id|digits|it|address|e-?mail|name|birthday|birth|date|phone|this|that|order)\s+"
    r"(?:is|was|would be|should be|starts with|begins with|ends (?:in|with)|goes)|"
    r"\bit'?s|\bthat'?s|\bit'd be|\bborn(?: on| in)?)"
    r"(?:[\s,]+(?:um|uh|er|erm|like|just|so|well|oh))*$"
)
_ASIDE = re.compile(
    r"\b(?:what|what's|why|how|where|where's|when|who|whose|which|whether|if|don't|do not|can't|cannot|didn't|haven't|"
    r"never|hold on|hang on|(?:one|a|just a) (?:moment|minute|second|sec)|let me|forgot|forget|lost|do you|can you|"
    r"could you|can i|could i|i have|i want|i need|i'd|i'm|i am|wondering|sure about|no idea|not sure|"
    r"nothing|none|person|human|help)\b"
)
THING = r"(?:order|account|booking|reservation|reference|confirmation|tracking|customer|invoice|card|case|ticket)"
# "where is my order number", "it's about order": nobody says so without the number, unless they lack it
_PROMISES = re.compile(
    r"\b(?:double|triple|underscore|[a-z] as in|dot)$|"
    rf"\b{THING}[,\s-]*numbers?$|"
    rf"\b(?:about|for|of|up|check|track) {THING}$|\b(?:it's|its|it is|is) number$"
)
_LACKS = re.compile(
    r"\b(?:find|see|get|have|know|lost|forgot|forgotten|remember|what|what's|need)\b(?:\W+\w+)?\W+"
    r"(?:my|the|an?|that|this|your|our|any)\b(?:\W+\w+){0,2} number$"
)
_CLAUSE = re.compile(r"[,.;!?]+\s+")


@dataclass(frozen=True, slots=True)
class Tail:
    """The digits said last in one go, in their `groups`; `previous` are those that a correction replaces, `before` the
    word in front, `after` what followed. `has_other` is true when the text holds more than digits and fillers."""

    groups: tuple[str, ...] = ()
    previous: str = ""
    before: str = ""
    after: tuple[str, ...] = ()
    has_other: bool = False
    is_correction: bool = False

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(self.groups)

    @property
    def goes_on(self) -> bool:
        """True when another matter follows the digits: "4571 has it been sent", "2 lamps"."""
        return any(word not in THROUGH | HANGING and not _MARKER.fullmatch(word) for word in self.after)

    @property
    def hangs(self) -> str:
        """The word at the end that promises more: "double", "and", "uh", "no"; empty when there is none."""
        last = self.after[-1] if self.after else ""
        return last if last in HANGING | NOISES or _MARKER.fullmatch(last) else ""


_MARKER = re.compile(rf"(?:{MARKERS})")


@lru_cache(maxsize=256)
def tail(text: str, *, with_homophones: bool = False) -> Tail:
    """The text's last digits. `with_homophones` takes "for" and "to" in front of digits for digits."""
    found = Tail()
    for token in TOKEN.finditer(sounds_as_digits(with_digits(text), is_anywhere=with_homophones)):
        found = _digits(found, token["digits"]) if token["digits"] else _word(found, token["marker"] or token["word"])
    return found


def _digits(tail: Tail, said: str) -> Tail:
    group = re.sub(r"[.,]", "", said)
    if not tail.groups:
        return Tail((group,), before=tail.before, has_other=tail.has_other, is_correction=tail.is_correction)
    if any(_MARKER.fullmatch(word) for word in tail.after):
        return Tail((group,), tail.digits, tail.before, has_other=tail.has_other, is_correction=True)
    if tail.goes_on:
        return Tail((group,), before=tail.after[-1], has_other=True)
    return Tail((*tail.groups, group), tail.previous, tail.before, (), tail.has_other, tail.is_correction)


def _word(tail: Tail, word: str) -> Tail:
    if tail.groups:
        return Tail(tail.groups, tail.previous, tail.before, (*tail.after, word), tail.has_other, tail.is_correction)
    is_marker = bool(_MARKER.fullmatch(word))
    is_other = tail.has_other or not (is_marker or word in THROUGH)
    return Tail(before=word, has_other=is_other, is_correction=tail.is_correction or is_marker)


def before_value(text: str) -> Completeness:
    """A text in which no value has begun: "my number is" and "it's, um" promise one, "yes" may, "I lost it" not."""
    said = plain(text).rstrip(" .,!-")
    heard = words(said)
    if not heard or said.endswith("?"):
        return NONE
    if all(word in THROUGH or word in HANGING for word in heard):
        return UNFINISHED if heard[-1] in _NOT_YET | HANGING else OPEN
    if _LEAD.search(said) and not is_aside(_CLAUSE.split(said)[-1]):
        return UNFINISHED
    return NONE


def promises(text: str) -> bool:
    """True for an ending that nobody ends on: "double", "dot", "B as in", "it's about order"."""
    said = plain(text).rstrip(" .,?")
    return bool(_PROMISES.search(said)) and not _LACKS.search(said)


def is_aside(text: str) -> bool:
    """True when the caller talks about the value instead of saying it: "I don't have it", "where do I find that"."""
    return bool(_ASIDE.search(plain(text)))


def ends_round(text: str, groups: tuple[str, ...]) -> bool:
    """True when "seventy" may still become "seventy-one"."""
    last = (words(text) or [""])[-1]
    if last in _ROUND:
        return True
    return last.isdigit() and len(groups) > 1 and len(groups[-1]) == 2 and groups[-1][1] == "0" and groups[-1] > "10"
