"""What every book of reservations shares: quarter hours that only one can hold, the window to book in, and refusals
that carry a way out. Pure, apart from the dice that a reference is thrown with."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from num2words import num2words

from agent.errors import Refused
from backends.opening import DAY, Calendar

QUARTER = timedelta(minutes=15)
REFERENCE_DIGITS = 6
FORGOTTEN = "(forgotten)"  # in place of a name, for who was deleted while something of theirs is still held


class Reason(StrEnum):
    """Why nothing was booked, for whoever makes the sentence."""

    TAKEN = "taken"
    CLOSED = "closed"
    AWAY = "away"
    PAST = "past"
    TOO_FAR = "too far ahead"
    TOO_LATE = "too late to change"
    TOO_LARGE = "too large"
    TOO_SMALL = "too small"
    OFF_GRID = "off the grid"
    NO_SUCH_TIME = "no such time"
    DOUBLE = "double"
    GONE = "gone"
    NOT_DONE = "not done by them"


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """What is free instead: when, by the house's clock, and where or with whom."""

    starts_at: datetime
    place: str


class NotBooked(Refused):
    """Nothing was written. `sentence` holds no time; `offers` are the way out, best first, for a tool to say."""

    def __init__(self, reason: Reason, statement: str, question: str = "", offers: Sequence[Offer] = ()) -> None:
        super().__init__(statement, question)
        self.reason = reason
        self.offers = tuple(offers)

    def offering(self, offers: Sequence[Offer]) -> "NotBooked":
        """The same refusal with a way out."""
        return NotBooked(self.reason, self.statement, self.question, offers)


@dataclass(frozen=True, slots=True)
class Window:
    """How soon and how far ahead one may book."""

    lead: timedelta
    horizon_days: int

    def last_day(self, today: date) -> date:
        """The last day that can be booked."""
        return today + self.horizon_days * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """What days and times of the house's wall will do; None where that is open."""

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    since: time | None = None
    until: time | None = None

    def has(self, day: date) -> bool:
        """Whether something on that day would do."""
        is_late_enough = self.first is None or day >= self.first
        return is_late_enough and (self.last is None or day <= self.last) and day.weekday() in self.weekdays

    def allows(self, at: datetime) -> bool:
        """Whether that time would do."""
        wall = at.time()
        is_late_enough = self.since is None or wall >= self.since
        return self.has(at.date()) and is_late_enough and (self.until is None or wall <= self.until)


ANYTIME = Within()


def obstacle(calendar: Calendar, window: Window, now: datetime, day: date, at: time | None) -> NotBooked | None:
    """Why nobody can book that day at that time, whatever is free; without a time, why nobody can that day."""
    today = calendar.wall(now).date()
    if day < today:
        return NotBooked(Reason.PAST, "That day has already passed.", "Which day would suit you?")
    if day > window.last_day(today):
        days = num2words(window.horizon_days)
        return NotBooked(Reason.TOO_FAR, f"I can only book up to {days} days ahead.", "Would an earlier day suit you?")
    stretches = calendar.stretches(day)
    if not stretches:
        special = calendar.special(day)
        when = f"for {special.name}" if special else f"on {day:%A}s"
        return NotBooked(Reason.CLOSED, f"We're closed {when}.", "Would another day suit you?")
    return None if at is None else _obstacle_at(calendar, window, now, day, at)


def _obstacle_at(calendar: Calendar, window: Window, now: datetime, day: date, at: time) -> NotBooked | None:
    start = calendar.moment(day, at)
    if start is None:
        statement = "The clocks go forward that night, and leap over that time."
        return NotBooked(Reason.NO_SUCH_TIME, statement, "Would another time suit you?")
    if start <= now:
        return NotBooked(Reason.PAST, "That time has already passed.", "Would a later one suit you?")
    if start < now + window.lead:
        return NotBooked(Reason.PAST, "That is too soon for me to book.", "Would a later time suit you?")
    if at.minute % 15 or at.second or at.microsecond:
        return NotBooked(Reason.OFF_GRID, "I can book at each quarter hour.", "Would a time close to it suit you?")
    return None


def quarters(start: datetime, end: datetime) -> tuple[datetime, ...]:
    """The quarter hours from `start` up to `end`, which is what a booking holds. Both lie on the grid."""
    return tuple(start + QUARTER * i for i in range((end - start) // QUARTER))


def around(starts: Iterable[datetime], wanted: datetime, within: timedelta = DAY) -> tuple[datetime, ...]:
    """The nearest before and the nearest after, the nearer one first."""
    there = sorted(at for at in starts if abs(at - wanted) <= within)
    before = [at for at in there if at < wanted][-1:]
    after = [at for at in there if at > wanted][:1]
    return tuple(sorted(before + after, key=lambda at: abs(at - wanted)))


def request_key(*parts: object) -> str:
    """The key of one request of one call, `request_key(call.id, "book", ...)`: asked again, it is the same request."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:32]


def new_reference(is_taken: Callable[[str], bool]) -> str:
    """Six digits that are easy to say, hard to guess, and not taken."""
    while is_taken(
        reference := f"{secrets.randbelow(9 * 10 ** (REFERENCE_DIGITS - 1)) + 10 ** (REFERENCE_DIGITS - 1)}"
    ):
        pass
    return reference
