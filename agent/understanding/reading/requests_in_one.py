"""One sentence, several requests: where it may be cut, and which shorter readings of it are worth an embedding."""

import re
from functools import lru_cache

from agent.language.en.calendar_words import MONTHS
from agent.understanding.reading.codes import digits_only, mask
from agent.understanding.reading.words import plain, words

_CUT = re.compile(
    r"(?:[.!?;]+\s+)|(?:,?\s+(?:and then|and also|and|also|plus|as well as|oh and|then)\s+(?!then\b))|(?:,\s+(?=(?:"
    r"when|where|what|how|who|which|can|could|do|does|is|are|has|have|did|will|i)\b))",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:(?:i'd like|i would like|i want|i need) to know|i was wondering|(?:can|could) you (?:please )?tell me|"
    r"please tell me|and|but|so|also|okay|ok|oh|well|um|uh|er|hi|hello|hey|please|yes|yeah|right|thanks|thank you|"
    r"sorry|excuse me|good morning|good afternoon)\b[\s,.!]*)+",
    re.IGNORECASE,
)
_FOLLOW_UP = re.compile(r"^(?:and|or|what about|how about|and what about|and how about|what if)\b[\s,]*", re.IGNORECASE)
_MONTH = re.compile(rf"(?:{MONTHS})(?: \d{{4}})?")
MAX_CLAUSES = 5


@lru_cache(maxsize=1024)
def clauses(text: str) -> tuple[str, ...]:
    """The parts of a sentence that could be requests of their own, in order; one part when there is nothing to cut.

    A number or a month alone is no part: "where are 4571 and 4572" is one.
    """
    parts: list[str] = []
    for part in (part.strip(" ,.;?!") for part in _CUT.split(text)):
        if parts and (digits_only(part) or _MONTH.fullmatch(plain(part))):
            parts[-1] = f"{parts[-1]} and {part}"
        elif words(part):
            parts.append(part)
    return tuple(parts[:MAX_CLAUSES]) or (text.strip(),)


@lru_cache(maxsize=2048)
def normal(clause: str) -> str:
    """The form that is embedded: no greeting or filler in front, every code the same, no final mark."""
    said = _LEAD.sub("", plain(clause))
    return mask(said or clause).strip(" .,!?")


@lru_cache(maxsize=1024)
def readings(text: str, previous: str = "") -> tuple[str, ...]:
    """Every text whose embedding the policy may ask for: the whole, its parts, and a follow-up joined to the question
    before it."""
    found = [text, *clauses(text)]
    if joined := follow_up(text, previous):
        found.append(joined)
    return tuple(dict.fromkeys(normal(part) for part in found if words(part)))


@lru_cache(maxsize=1024)
def follow_up(text: str, previous: str) -> str:
    """ "and on sunday?" after "when do you close" is "when do you close on sunday"; empty when it is no follow-up."""
    said = plain(text).strip(" .,!?")
    match = _FOLLOW_UP.match(said)
    if not match or not previous or len(words(said)) > 7:
        return ""
    return f"{clauses(plain(previous))[-1].strip(' .,!?')} {said[match.end() :]}"
