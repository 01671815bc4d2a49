"""Days that are told by another one: "and the day after?", "two days later", "a week earlier". Which one that is, is
known to who asks; without it such words name no day, and a parser of dates would take them for today."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from agent.language.moments import ANY_DAY, moments

_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_UNITS = {"day": 1, "week": 7}
_RELATIVE = re.compile(
    rf"\b(?:the (?:(?P<next>following|next)|(?:previous|preceding)) (?P<unit>day)\b(?! after| before)|"
    rf"(?P<open>the (?P<same>day|week) (?:(?P<after>after)|before))\b(?: (?P<told>that|this|it)\b)?|"
    rf"(?P<count>{'|'.join(_COUNTS)}|\d) (?P<units>day|week)s? (?:(?P<later>later)|earlier)\b)",
    re.IGNORECASE,
)
_OWNED = re.compile(r"\s*(?:the|my|our|your|his|her|their|an?|next|last|i|we|you|he|she|they)\b", re.IGNORECASE)


def absolute(text: str, day: date | None) -> str:
    """The text with each such day as an ISO date, counted from `day`; without one it is left out. "The day after
    tomorrow", "the week before Christmas" and "the day before my flight" say theirs themselves, and stay."""
    for found in reversed(list(_told_by_another(text))):
        text = text[: found.start()] + (_named(found, day) if day else "") + text[found.end() :]
    return text


def is_told_by_another(text: str) -> bool:
    """True when the text names a day by another one, which it does not tell."""
    return any(_told_by_another(text))


def _told_by_another(text: str) -> Iterator[re.Match[str]]:
    for found in _RELATIVE.finditer(text):
        if not found["open"] or found["told"] or not _tells_its_own(text[found.end() :]):
            yield found


def _tells_its_own(rest: str) -> bool:
    """True when what follows "the day after" is a day, or anything that somebody has or does."""
    first = len(rest) - len(rest.lstrip())
    days = (moment for moment in moments(rest, ANY_DAY) if moment.has_day)
    return bool(_OWNED.match(rest)) or any(moment.start == first for moment in days)


def _named(found: re.Match[str], day: date) -> str:
    unit = found["unit"] or found["same"] or found["units"]
    count = _COUNTS.get((found["count"] or "a").lower()) or int(found["count"])
    is_later = bool(found["next"] or found["after"] or found["later"])
    return (day + timedelta(days=_UNITS[unit.lower()] * count * (1 if is_later else -1))).isoformat()
