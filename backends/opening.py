"""When a house is open: its week, its special days, and what a time on its wall is in UTC. Knows no bookings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open on a weekday (Monday is 0) by the house's clock; past midnight when `closes` is not after `opens`."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """Days unlike their weekday: `rule` is an ISO date, or a yearly rule of RFC 5545 as calendars write it.

    With a time the house keeps its hours, but opens no earlier or closes no later; with none it stays closed.
    """

    rule: str
    name: str
    opens: time | None = None
    closes: time | None = None

    @property
    def is_closed(self) -> bool:
        """All day."""
        return self.opens is None and self.closes is None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Open from `start` up to, not including, `end`; both UTC."""

    start: datetime
    end: datetime


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same time in as few stretches as can be: where several work, the house is open while any of them does."""
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda stretch: stretch.start):
        if found and one.start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Calendar:
    """One week that repeats, and the days that differ."""

    zone: ZoneInfo
    spans: tuple[Span, ...]
    special_days: tuple[SpecialDay, ...] = ()

    def moment(self, day: date, at: time) -> datetime | None:
        """That time of the wall in UTC; the first one when the clocks go back, None when they leap over it."""
        wall = datetime.combine(day, at)
        found = wall.replace(tzinfo=self.zone).astimezone(UTC)
        return found if found.astimezone(self.zone).replace(tzinfo=None) == wall else None

    def wall(self, at: datetime) -> datetime:
        """The same moment as the house's clock shows it."""
        return at.astimezone(self.zone)

    def special(self, day: date) -> SpecialDay | None:
        """What is special about a day; a date counts more than a rule, a closed day more than a short one."""
        found = [s for s in self.special_days if day in _dates(s.rule, day.year)]
        return min(found, key=lambda s: (s.rule.startswith("FREQ"), not s.is_closed), default=None)

    def stretches(self, day: date) -> tuple[Stretch, ...]:
        """When the house is open on a day, in order; a night that ends tomorrow belongs to today."""
        special = self.special(day)
        if special and special.is_closed:
            return ()
        opened = (self._stretch(day, span, special) for span in sorted(self.spans) if span.weekday == day.weekday())
        return tuple(stretch for stretch in opened if stretch.start < stretch.end)

    def starts(self, day: date, *, step: timedelta, length: timedelta) -> Iterator[datetime]:
        """Every `step` from each opening on, in UTC, while `length` fits before it closes.

        The hour that is there twice when the clocks go back is given once: nobody could say which one is meant.
        """
        for stretch in self.stretches(day):
            start = stretch.start
            while start + length <= stretch.end:
                if not self.wall(start).fold:
                    yield start
                start += step

    def _stretch(self, day: date, span: Span, special: SpecialDay | None) -> Stretch:
        start = self._bound(day, span.opens)
        end = self._bound(day if span.opens < span.closes else day + DAY, span.closes)
        if special and special.opens:
            start = max(start, self._bound(day, special.opens))
        if special and special.closes:
            end = min(end, self._bound(day, special.closes))
        return Stretch(start, end)

    def _bound(self, day: date, at: time) -> datetime:
        # doors that would open in the hour that is leapt over open right after it
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


@lru_cache(maxsize=512)
def _dates(rule: str, year: int) -> frozenset[date]:
    if not rule.startswith("FREQ"):
        return frozenset({date.fromisoformat(rule)})
    first = datetime(year, 1, 1)  # noqa: DTZ001  # a rule of whole days has no zone
    return frozenset(
        at.date() for at in rrulestr(rule, dtstart=first).between(first, first.replace(month=12, day=31), inc=True)
    )
