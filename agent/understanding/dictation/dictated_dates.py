"""Whether a date or a time of day was dictated to its end: "march" lacks its day, "half past" its hour, a birthday its
year. What day it is, when.py reads."""

import re

from agent.language.en.calendar_words import DAYS, MONTHS, with_ordinals
from agent.understanding.dictation.expected import Expected
from agent.understanding.reading.trailing import (
    NONE,
    OPEN,
    UNFINISHED,
    WHOLE,
    Completeness,
    before_value,
    ends_round,
    is_aside,
)
from agent.understanding.reading.words import NOISES, with_digits, word_set, words

_HANGING = NOISES | word_set(
    "of the in on next last and at from or this coming for by to past half quarter a an until before after between my "
    "is it's its day week"
)
_POLITE = (
    r"(?:[\s,.]*\b(?:please|thanks|thank you|i think|would be (?:great|fine|good)|works|if possible)\b)*[\s,.!?]*$"
)
_MONTH = rf"(?:{MONTHS})\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?\b"
_YEAR = re.compile(r"\b(?:(?:19|20)\d\d|(?:19|20) \d\d|'?\d\d)$")
_RELATIVE = re.compile(
    rf"\b(?:today|tonight|tomorrow|yesterday|(?:next|last|this|coming)\s+(?:week|month|weekend)|(?:{'|'.join(DAYS)})|"
    r"(?:in )?(?:a|an|\d+) (?:day|week|month)s?(?: from (?:now|today|tomorrow))?|as soon as possible|asap)" + _POLITE
)
_AFTER_NEXT = re.compile(r"\b(?:week|weekend|month|[a-z]+day) after next" + _POLITE)
_NUMERIC = re.compile(
    r"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|\d{1,2} \d{1,2} (?:19|20)?\d\d)" + _POLITE
)
_NUMERIC_SHORT = re.compile(r"\b\d{1,2}[/.]\d{1,2}" + _POLITE)
_MONTH_DAY = re.compile(rf"\b(?:{_MONTH}[\s,]+(?:the\s+)?(?P<a>{_DAY})|(?P<b>{_DAY})[\s,]+(?:of[\s,]+)?{_MONTH})")
_ONLY_MONTH = re.compile(rf"\b{_MONTH}$")
_ONLY_DAY = re.compile(rf"\b(?:the\s+)?{_DAY}" + _POLITE)
_CLOCK = re.compile(
    r"\b(?:noon|midday|midnight|\d{1,2}:\d\d(?:\s*[ap]\.?m\b\.?)?|\d{1,2}\s*(?:[ap]\.?m\b\.?|oclock)|"
    r"\d{1,2} [0-5]\d|(?:half|quarter|\d{1,2}(?: minutes)?) (?:past|to) \d{1,2})"
    r"(?:\s*(?:[ap]\.?m\b\.?|(?:in the |tomorrow |this )?(?:morning|afternoon|evening|night)))?" + _POLITE
)
_PART = re.compile(r"\b(?:in the |at |this )?(?:morning|afternoon|evening|night)" + _POLITE)
_HOUR = re.compile(r"^\D*?\b\d{1,2}" + _POLITE)


def judge_date(said: str, wanted: Expected) -> Completeness:
    """ "March" is begun, "march fifth" whole unless the year is wanted, "the fifth" may go on with its month."""
    spoken = with_ordinals(with_digits(said)).rstrip(" .,!")
    if _AFTER_NEXT.search(spoken) and not wanted.is_birth:
        return WHOLE
    if _is_hanging(spoken):
        return _hanging(said, spoken)
    if _NUMERIC.search(spoken):
        return WHOLE
    if match := list(_MONTH_DAY.finditer(spoken)):
        return _after_day(said, spoken[match[-1].end() :].strip(" ,."), wanted, match[-1]["a"] or match[-1]["b"])
    if not wanted.is_birth and _RELATIVE.search(spoken):
        return WHOLE
    if _ONLY_MONTH.search(spoken):
        return UNFINISHED
    if _NUMERIC_SHORT.search(spoken) or (_ONLY_DAY.search(spoken) and not is_aside(said)):
        return UNFINISHED if wanted.is_birth else OPEN
    return before_value(said)


def _after_day(said: str, rest: str, wanted: Expected, day: str) -> Completeness:
    """What follows "march 5th": nothing, a year or its first half, or something else."""
    if not rest or rest in {"please", "thanks", "thank you"}:
        if wanted.is_birth:
            return UNFINISHED
        return OPEN if day.isdigit() and ends_round(said, ()) else WHOLE
    if rest in {"19", "20", "'"}:
        return UNFINISHED
    if _YEAR.search(rest):
        return OPEN if ends_round(said, ()) and not re.search(r"\d{4}", said) else WHOLE
    return NONE


def judge_time(said: str) -> Completeness:
    """ "Half past" is begun, "three" may go on with "thirty" or "p.m.", "three thirty" is whole."""
    spoken = with_digits(re.sub(r"\bo'?\s?clock\b", "oclock", said)).rstrip(" ,!")  # its "o" is no zero
    if _is_hanging(spoken.rstrip(".")):
        return _hanging(said, spoken)
    if _CLOCK.search(spoken):
        return OPEN if ends_round(said, ()) and not re.search(r"\d:\d", said) else WHOLE
    if _HOUR.search(spoken) and not is_aside(said):
        return OPEN
    if _PART.search(spoken):
        return WHOLE
    return before_value(said)


def _is_hanging(spoken: str) -> bool:
    return (words(spoken) or [""])[-1] in _HANGING


def _hanging(said: str, spoken: str) -> Completeness:
    """ "The fifth of", "friday at", "on the": more follows, if it is a date at all."""
    has_value = bool(re.search(rf"\d|\b{_MONTH}|\b(?:{'|'.join(DAYS)}|half|quarter|next|last)\b", spoken))
    if has_value and not is_aside(said):
        return UNFINISHED
    return before_value(said) if before_value(said) is not NONE or is_aside(said) else _short(spoken)


def _short(spoken: str) -> Completeness:
    """ "On the" alone."""
    return UNFINISHED if len(words(spoken)) <= 3 else NONE
