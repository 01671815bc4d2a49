"""Which days and times a caller will take, where they name none: "before noon", "any day except Tuesday", "sometime the
week after next". A single day or time beside it is read by when.py, from what these words leave."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from agent.language.en.times_left_open import (
    ANYTHING,
    FROM_TO,
    NOT_AFTER_IT,
    NOT_BEFORE_IT,
    SINCE,
    UNTIL,
    WEEKEND,
    WEEKEND_SAID,
    kinds_of_day,
    part_of_day,
)
from agent.language.moments import Moment, moments
from agent.rules.ranges import EVERY_DAY, Range
from agent.understanding.reading.words import plain

_WEEK_AFTER_NEXT = re.compile(
    r"\b(?:the )?week after next(?: week)?\b|\bin (?:two|2) weeks\b|\b(?:two|2) weeks from now\b"
)
_WEEK = timedelta(days=7)
ANY = ".."


@dataclass(frozen=True, slots=True)
class Said:
    """A range, and the words without those that told it, every other at its place. `is_any` says that anything will
    do besides."""

    range: Range
    rest: str
    is_any: bool = False

    def __str__(self) -> str:
        """As an argument; "" when nothing was left open."""
        return str(self.range) or (ANY if self.is_any else "")


def find_range(text: str, now: datetime, first_hour: int = 8) -> Said:
    """What the words leave open and what they bound. An hour before `first_hour` is one after noon."""
    said, today = plain(text), now.date()
    found = Range()
    for part in (_between, _bounds, _part_of_day, _week_after_next, _kinds_of_day, _days):
        more, said = part(said, today, first_hour)
        found = more.joined(found)  # a bound is closer than the part of the day that it lies in
    return Said(found, said, bool(ANYTHING.search(said)))


def _between(said: str, today: date, first_hour: int) -> tuple[Range, str]:
    """ "Between two and four", "from five to seven", "five to seven"."""
    if match := FROM_TO.search(said):
        since, until = (_bound(match[name], today, first_hour) for name in ("since", "until"))
        if since and until and since < until:
            return Range(since=since, until=until), _blanked(said, [match.span()])
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
    for pattern, name in ((SINCE, "since"), (UNTIL, "until")):
        if (match := pattern.search(said)) and (bound := _bound(match["at"] or match["or"], today, first_hour)):
            found = replace(found, since=bound) if name == "since" else replace(found, until=bound)
            said = _blanked(said, [match.span()])
    return found, said


def _bound(clock: str, today: date, first_hour: int) -> time | None:
    at = next((moment.at for moment in moments(clock, today) if moment.at), ())
    return _at(at, first_hour) if at else None


def _part_of_day(said: str, today: date, _: int) -> tuple[Range, str]:
    """ "Mornings only", "an evening next week"; beside a time it only says which half of the day is meant."""
    part = part_of_day(said)
    if part is None or any(moment.at and not moment.is_bare for moment in moments(said, today)):
        return Range(), said
    since, until, span = part
    return Range(since=since, until=until), _blanked(said, [span])


def _kinds_of_day(said: str, _: date, __: int) -> tuple[Range, str]:
    """ "On weekdays", "Saturdays or Sundays", "a Monday"."""
    weekdays, spans = kinds_of_day(said)
    return (Range(weekdays=weekdays), _blanked(said, spans)) if weekdays else (Range(), said)


def _week_after_next(said: str, today: date, _: int) -> tuple[Range, str]:
    week = _WEEK_AFTER_NEXT.search(said)
    if week is None:
        return Range(), said
    monday = today - timedelta(days=today.weekday()) + 2 * _WEEK
    return Range(first=monday, last=monday + timedelta(days=6)), _blanked(said, [week.span()])


def _days(said: str, today: date, _: int) -> tuple[Range, str]:
    """Several days of which none is named, and weekdays that will not do."""
    there = moments(said, today)
    named = [moment for moment in there if moment.day and not _denied(moment, said)]
    found, spans = Range(), []
    for moment in there:
        if moment.days and not named and not moment.at:
            weekdays = WEEKEND if WEEKEND_SAID.search(said[moment.start : moment.end]) else EVERY_DAY
            found = found.joined(Range(first=moment.days[0], last=moment.days[1], weekdays=weekdays))
            spans.append((moment.start, moment.end))
        if (where := _denied(moment, said)) and moment.day and not named and moment.day.weekday() in found.weekdays:
            found = replace(found, weekdays=found.weekdays - {moment.day.weekday()})
            spans.append(where)
    return found, _blanked(said, spans)


def _denied(moment: Moment, said: str) -> tuple[int, int] | None:
    """Where it is said that this will not do: "not on Tuesday", "Tuesday doesn't work"."""
    if before := NOT_BEFORE_IT.search(said[: moment.start]):
        return before.start(), moment.end
    after = NOT_AFTER_IT.match(said[moment.end :])
    return (moment.start, moment.end + after.end()) if after else None


def _at(at: Sequence[str], first_hour: int) -> time:
    early = time.fromisoformat(at[0])
    return early if len(at) == 1 or early.hour >= first_hour else time.fromisoformat(at[1])


def _after_noon(at: time, first_hour: int) -> time:
    return at.replace(hour=at.hour + 12) if 0 < at.hour < min(first_hour, 12) else at


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text
