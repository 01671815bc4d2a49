"""Which days and times will do, where no single one was named: "any day but Tuesday", "next week, before noon".

As a tool's argument it is one word for each part: the days `2026-11-30..2026-12-06`, the weekdays `mon,wed`, the times
`08:00..12:00`; either end may be left out.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, time

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
_DAY, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d"
_DAYS = re.compile(rf"({_DAY})?\.\.({_DAY})?")
_TIMES = re.compile(rf"({_TIME})?\.\.({_TIME})?")


@dataclass(frozen=True, slots=True)
class Range:
    """Days from `first` to `last`, on those `weekdays` (Monday is 0), not before `since` and not after `until`; None
    where that is open."""

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = EVERY_DAY
    since: time | None = None
    until: time | None = None

    @property
    def is_any(self) -> bool:
        """True when it says nothing."""
        return self == Range()

    def has(self, day: str) -> bool:
        """Whether that day, an ISO date, is in it; anything that is no date is."""
        try:
            one = date.fromisoformat(day)
        except ValueError:
            return True
        is_within = (self.first or one) <= one <= (self.last or one)
        return is_within and one.weekday() in self.weekdays

    def joined(self, later: "Range") -> "Range":
        """Both, as far as they go together; what was said later counts where they do not."""
        weekdays = self.weekdays & later.weekdays
        days = later if later.first or later.last else self
        goes_before = not (self.since and later.until) or self.since < later.until
        goes_after = not (later.since and self.until) or later.since < self.until
        return Range(
            first=days.first,
            last=days.last,
            weekdays=weekdays or later.weekdays,
            since=later.since or (self.since if goes_before else None),
            until=later.until or (self.until if goes_after else None),
        )

    def __str__(self) -> str:
        """As an argument."""
        days = f"{self.first or ''}..{self.last or ''}" if self.first or self.last else ""
        weekdays = ",".join(_WEEKDAYS[n] for n in sorted(self.weekdays)) if self.weekdays != EVERY_DAY else ""
        since, until = (f"{at:%H:%M}" if at else "" for at in (self.since, self.until))
        return " ".join(part for part in (days, weekdays, f"{since}..{until}" if since or until else "") if part)


def read_range(text: str) -> Range:
    """The argument as a range; words that say nothing are passed over. Raises ValueError for a day that is none."""
    found = Range()
    for part in text.lower().split():
        if part == "..":
            continue
        if days := _DAYS.fullmatch(part):
            first, last = (date.fromisoformat(day) if day else None for day in days.groups())
            found = replace(found, first=first, last=last)
        elif times := _TIMES.fullmatch(part):
            since, until = (time.fromisoformat(at) if at else None for at in times.groups())
            found = replace(found, since=since, until=until)
        elif named := {_WEEKDAYS.index(day) for day in part.split(",") if day in _WEEKDAYS}:
            found = replace(found, weekdays=frozenset(named))
    return found
