"""A name as callers give it: "my name is Anna Miller", "under Miller", "S M I T H", or, asked for it, just "Miller".

Whether two names are one person's, the backends judge.
"""

import re

from agent.language.en.calendar_words import DAYS
from agent.language.en.yes_no import find_yes_no
from agent.language.moments import ANY_DAY
from agent.understanding.reading.codes import MARKERS
from agent.understanding.reading.when import find_date, is_only_moment
from agent.understanding.reading.words import with_digits, word_set

_SURE_LEAD = re.compile(
    r"\b(?:name(?: is|'s| (?:would|will|should) be)|(?:under|in|on|for) (?:the )?name(?: of)?|under|call me|"
    r"speaking with)\s+",
    re.IGNORECASE,
)
# "This is urgent": what follows these is a name only where it is written like one.
_LEAD = re.compile(r"\b(?:i am|i'm|this is|it's|it is)(?: for)?\s+", re.IGNORECASE)
_OPENING = re.compile(
    rf"^(?:(?:{MARKERS}|yes|sure|okay|ok|uh|um|well|hi|hello|it'?s|it is|for|under|that'?s)[\s,.]+)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_END = re.compile(
    rf"[.;:!?\d]|(?<=\w\w),|\b(?:and|for|at|on|to|in|with|my|phone|number|tomorrow|today|tonight|next|{'|'.join(DAYS)}|"
    r"speaking|here|please|thanks|thank you|calling|again|then|if)\b",
    re.IGNORECASE,
)
_NO_NAMES = word_set(
    "yes no not sure what why who when where how okay ok the a an i you we they my your order hello hi please "
    "don't can't know calling looking asking trying wondering make it change it's name all"
)
_MOST_WORDS = 4
_INTRODUCES = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|yes|well|okay)(?: there)?[\s,.!]+)*"
    r"(?:my (?:full )?name(?:'s| is)|the name(?:'s| is)|this is|i'm|i am)\s+",
    re.IGNORECASE,
)
# "my name is wrong", "the name isn't spelled right": what the name is like, and not which it is
_ABOUT_IT = re.compile(
    r"\bname(?:'s| is| was|'s been| has been)? (?:(?:still|all|completely|just|spelled|spelt|written|said) )*"
    r"(?:(?:not|isn't|wasn't) (?:\w+ )?(?:right|correct|mine|that|it)\b|(?:in)?correct\b|wrong(?:ly)?\b|right\b|"
    r"mis(?:spel\w+|heard|pronounced|understood|typed|written)\b|missing\b|different\b|(?:a )?mistake\b)"
    r"(?!.*\b(?:it's|it is|should be|is actually)\b)"
)
_AFTER_NAME = re.compile(r"(?: (?:speaking|calling|here))?[\s.!]*")
# "what's his number", "is outdoor seating available": no name begins so ("Will" and "May" may)
_ASKS = re.compile(
    r"^(?:(?:and|so|but|okay|ok|well|um|uh)\b[\s,]*)*(?:(?:what|who|whose|when|where|which|why|how)(?:'s|'re)?|is|are|am|"
    r"was|were|do|does|did|have|has|can|could|would|should)\b"
)


def find_name(text: str, *, is_answer: bool = False) -> str | None:
    """The name said; `is_answer` also takes words that nothing announces."""
    said = text.replace("\u2019", "'").strip().strip(".!?,")
    if _ABOUT_IT.search(said.lower()):
        return None
    if leads := list(_SURE_LEAD.finditer(said)):
        return _named(said[leads[-1].end() :])
    for lead in _LEAD.finditer(said):
        if (name := _named(said[lead.end() :])) and (is_answer or said[lead.end()].isupper()):
            return name
    if _ASKS.match(said.lower()):
        return None  # "ok, what's his phone number?"
    name = _named(_OPENING.sub("", said)) if is_answer and not _is_day(said) else None
    return None if name and find_yes_no(name) else name  # "that works"


def introduces(text: str) -> str | None:
    """The name of who says it and nothing else: "hi, I'm John O'Brien", "this is Ana Lima calling"."""
    said = text.replace("\u2019", "'").strip()
    lead = _INTRODUCES.match(said)
    name = find_name(said) if lead else None
    rest = said[lead.end() :] if lead else ""
    return name if name and _AFTER_NAME.fullmatch(rest.lower().removeprefix(name.lower())) else None


def _is_day(said: str) -> bool:
    """ "December 2nd"; April is a name."""
    return is_only_moment(said) and find_date(said, ANY_DAY) is not None


def _named(said: str) -> str | None:
    """The words up to where something else begins, when they can be a name."""
    end = _END.search(said)
    parts = _WORD.findall(said[: end.start()] if end else said)
    if len(parts) > 2 and all(len(part) == 1 for part in parts):
        parts = ["".join(parts).capitalize()]
    if not 1 <= len(parts) <= _MOST_WORDS or any(part.lower() in _NO_NAMES for part in parts):
        return None
    if any(c.isdigit() for part in parts for c in with_digits(part)):
        return None  # "under thirty"
    return " ".join(part if any(c.isupper() for c in part[1:]) else part[:1].upper() + part[1:] for part in parts)
