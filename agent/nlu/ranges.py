"""Which days and times a caller will take, where they name none: "before noon", "any day except Tuesday", "sometime the
week after next". A single day or time beside it is read by when.py, from what these words leave."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from agent.language.moments import moments
from agent.nlu.words import plain
from agent.rules.ranges import Range

_NOT = re.compile(
    r"\b(?:not|never|except(?: for)?|besides|but not|just not|other than|apart from|(?:any ?(?:day|time)|every ?day|"
    r"anything) but|(?:can't|cannot|don't)(?: (?:do|make|come|work))?)(?: on| for| a| an| the)*\s*$"
)
_CLOCK = (
    r"(?:noon|midday|\d{1,2}(?::\d\d)?(?! (?:people|days?|weeks?|of)\b)(?: ?[ap]\.?m\b\.?| o'clock)?|"
    r"(?:half past |quarter past |quarter to )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"(?: thirty| o'clock)?(?: ?[ap]\.?m\b\.?)?)(?: in the (?:morning|afternoon|evening))?"
)
_SINCE = re.compile(
    rf"\b(?:not before|no earlier than|not earlier than|(?<!not )after|(?<!no )(?<!not )later than)\s+(?P<at>{_CLOCK})"
)
_UNTIL = re.compile(
    rf"\b(?:not after|no later than|not later than|(?<!not )before|until|till|by|earlier than)\s+(?P<at>{_CLOCK})"
)
_WEEK_AFTER_NEXT = re.compile(
    r"\b(?:the )?week after next(?: week)?\b|\bin (?:two|2) weeks\b|\b(?:two|2) weeks from now\b"
)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Said:
    """A range, and the words without those that told it, every other at its place."""

    range: Range
    rest: str


def find_range(text: str, now: datetime, first_hour: int = 8) -> Said:
    """What the words leave open and what they bound. An hour before `first_hour` is one after noon."""
    said, today = plain(text), now.date()
    found = Range()
    for part in (_between, _bounds, _week_after_next, _days):
        more, said = part(said, today, first_hour)
        found = found.joined(more)
    return Said(found, said)


def _between(said: str, today: date, first_hour: int) -> tuple[Range, str]:
    """ "Between two and four", "from five to seven"."""
    for moment in moments(said, today):
        words = said[moment.start : moment.end]
        if moment.since and moment.until and not moment.at and re.search(r"\b(?:between|from|to|-)\b|\d-\d", words):
            last = _at((moment.until,), 0)
            if ":" not in words and last.minute == 0 and last.hour:
                last = last.replace(hour=last.hour - 1)  # the whole last hour is meant to be in it, not the next one
            since = _after_noon(_at((moment.since,), 0), first_hour)
            until = _after_noon(last, first_hour)
            if since < until:
                return Range(since=since, until=until), _blanked(said, [(moment.start, moment.end)])
    return Range(), said


def _bounds(said: str, today: date, first_hour: int) -> tuple[Range, str]:
    """ "After three", "no later than ten"."""
    found = Range()
    for pattern, name in ((_SINCE, "since"), (_UNTIL, "until")):
        if (match := pattern.search(said)) and (at := next((m.at for m in moments(match["at"], today) if m.at), ())):
            bound = _at(at, first_hour)
            found = replace(found, since=bound) if name == "since" else replace(found, until=bound)
            said = _blanked(said, [match.span()])
    return found, said


def _week_after_next(said: str, today: date, _: int) -> tuple[Range, str]:
    week = _WEEK_AFTER_NEXT.search(said)
    if week is None:
        return Range(), said
    monday = today - timedelta(days=today.weekday()) + 2 * _WEEK
    return Range(first=monday, last=monday + timedelta(days=6)), _blanked(said, [week.span()])


def _days(said: str, today: date, _: int) -> tuple[Range, str]:
    """Several days of which none is named, and weekdays that will not do."""
    there = moments(said, today)
    named = [moment for moment in there if moment.day and not _NOT.search(said[: moment.start])]
    found, spans = Range(), []
    for moment in there:
        if moment.days and not named and not moment.at:
            found = found.joined(Range(first=moment.days[0], last=moment.days[1]))
            spans.append((moment.start, moment.end))
        denied = _NOT.search(said[: moment.start])
        if denied and moment.day and not named and moment.day.weekday() in found.weekdays:
            found = replace(found, weekdays=found.weekdays - {moment.day.weekday()})
            spans.append((denied.start(), moment.end))
    return found, _blanked(said, spans)


def _at(at: Sequence[str], first_hour: int) -> time:
    early = time.fromisoformat(at[0])
    return early if len(at) == 1 or early.hour >= first_hour else time.fromisoformat(at[1])


def _after_noon(at: time, first_hour: int) -> time:
    return at.replace(hour=at.hour + 12) if 0 < at.hour < min(first_hour, 12) else at


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text
