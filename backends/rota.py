"""Which dentist is free for which treatment, and what to offer when none is: decisions on what is held. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from num2words import num2words

from backends.opening import DAY, Calendar, Span, Stretch
from backends.slots import ANYTIME, QUARTER, NotBooked, Offer, Reason, Window, Within, around, obstacle, quarters

DAYS_TO_OFFER = 14  # how far from the wished day an offer may lie

Held = frozenset[tuple[str, datetime]]  # dentist and quarter hour


class PartOfDay(StrEnum):
    """What people mean by it: until noon, until five, after that."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"

    @classmethod
    def of(cls, at: datetime) -> "PartOfDay":
        """The part in which a time of the wall lies."""
        return cls.MORNING if at.hour < 12 else cls.AFTERNOON if at.hour < 17 else cls.EVENING


MIDDLE = {PartOfDay.MORNING: time(10), PartOfDay.AFTERNOON: time(14), PartOfDay.EVENING: time(18)}


@dataclass(frozen=True, slots=True)
class Dentist:
    """One dentist by last name, as callers say it; `away` are first and last days of absences."""

    name: str
    treatments: frozenset[str]
    spans: tuple[Span, ...]
    away: tuple[tuple[date, date], ...] = ()

    def is_away(self, day: date) -> bool:
        """Absent that day, whatever the weekday says."""
        return any(first <= day <= last for first, last in self.away)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a caller asks for, as far as it was said: without a day, as soon as possible; without a dentist, any.

    `at` is a time of the practice's wall.
    """

    treatment: str
    day: date | None = None
    at: time | None = None
    part: PartOfDay | None = None
    dentist: str | None = None
    within: Within = ANYTIME

    @property
    def about(self) -> time:
        """The time that offers should lie near to."""
        return self.at or MIDDLE[self.part or PartOfDay.MORNING]


@dataclass(frozen=True, slots=True)
class Patient:
    """A person whom the practice knows; the phone number is E.164."""

    id: int
    name: str
    phone: str
    born_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One treatment of one patient. Times are those of the practice's clock."""

    reference: str
    patient_id: int
    dentist: str
    treatment: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool

    def is_at(self, wish: Wish) -> bool:
        """Whether it is where it is wished to be already."""
        at = self.starts_at
        return (at.date(), at.time(), self.dentist) == (wish.day, wish.at, wish.dentist)


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The practice as it stands, open while any dentist works; `notice` is how long before one may still change."""

    calendar: Calendar
    window: Window
    notice: timedelta
    dentists: tuple[Dentist, ...]
    treatments: dict[str, timedelta]

    def who(self, wish: Wish) -> tuple[Dentist, ...]:
        """Those who do a treatment, or the one asked for if they do."""
        return tuple(d for d in self.dentists if wish.treatment in d.treatments and wish.dentist in {None, d.name})

    def stretches(self, dentist: Dentist, day: date) -> tuple[Stretch, ...]:
        """When a dentist works on a day, in UTC."""
        return () if dentist.is_away(day) else replace(self.calendar, spans=dentist.spans).stretches(day)

    def starts(self, dentist: Dentist, treatment: str, day: date, now: datetime) -> Iterator[datetime]:
        """When that treatment may begin on a day, from now on, whatever is free."""
        if dentist.is_away(day):
            return iter(())
        theirs, length = replace(self.calendar, spans=dentist.spans), self.treatments[treatment]
        soonest = now + self.window.lead
        return (at for at in theirs.starts(day, step=QUARTER, length=length) if at >= soonest)

    def free(self, wish: Wish, now: datetime, held: Held, without: str = "") -> tuple[Offer, ...]:
        """Every start of the wished day at which somebody is free, in order, each with the first dentist who is."""
        found: dict[datetime, str] = {}
        for dentist in (d for d in self.who(wish) if d.name != without):
            for at in self.starts(dentist, wish.treatment, _day(wish), now):
                wanted = quarters(at, at + self.treatments[wish.treatment])
                if at not in found and not any((dentist.name, quarter) in held for quarter in wanted):
                    found[at] = dentist.name
        offers = (Offer(self.calendar.wall(at), found[at]) for at in sorted(found))
        return tuple(
            offer
            for offer in offers
            if wish.part in {None, PartOfDay.of(offer.starts_at)} and wish.within.allows(offer.starts_at)
        )

    def soonest(self, wish: Wish, now: datetime, held: Held) -> tuple[Offer, ...]:
        """The free times of the first day from the wished one on that has any."""
        today = self.calendar.wall(now).date()
        first = max(wish.day or wish.within.first or today, today)
        for day in (first + DAY * i for i in range(DAYS_TO_OFFER + 1)):
            is_meant = day <= self.window.last_day(today) and wish.within.has(day)
            if is_meant and (found := self.free(replace(wish, day=day), now, held)):
                return found
        return ()

    def obstacle(self, wish: Wish, now: datetime) -> NotBooked | None:
        """Why that cannot be had even in an empty practice."""
        if found := self._not_done(wish):
            return found
        if wish.day is None:
            return None
        if found := obstacle(self.calendar, self.window, now, wish.day, wish.at):
            return found
        dentists = self.who(wish)
        if not any(self.stretches(dentist, wish.day) for dentist in dentists):
            who = f"Doctor {wish.dentist}" if wish.dentist else "Whoever does that"
            return NotBooked(Reason.AWAY, f"{who} isn't in on that day.", "Would another day suit you?")
        start = self.calendar.moment(wish.day, wish.at) if wish.at else None
        if wish.at and not any(start in set(self.starts(d, wish.treatment, wish.day, now)) for d in dentists):
            return NotBooked(Reason.CLOSED, "Nobody could see you at that time.", "Would another time suit you?")
        return None

    def too_late(self, appointment: Appointment, now: datetime) -> NotBooked | None:
        """Why it may not be moved or cancelled any more by phone."""
        if appointment.starts_at - now >= self.notice:
            return None
        hours = num2words(self.notice // timedelta(hours=1))
        sentence = f"It is less than {hours} hours away, so only our front desk can change it."
        return NotBooked(Reason.TOO_LATE, sentence)

    def offers(self, wish: Wish, now: datetime, held: Held) -> tuple[Offer, ...]:
        """The nearest before and after, then another dentist that day, then another day: free as things stand."""
        today = self.calendar.wall(now).date()
        if wish.treatment not in self.treatments:
            return ()
        if wish.day is None:
            return self.soonest(replace(wish, part=None, dentist=None, within=ANYTIME), now, held)[:1]
        if wish.day > self.window.last_day(today):
            return ()
        wanted = self.calendar.moment(wish.day, wish.about) or now
        whole_day = replace(wish, part=None, at=None, within=ANYTIME)
        mine = {offer.starts_at: offer for offer in self.free(whole_day, now, held)}
        found = [mine[start] for start in around(mine, wanted)]
        if wish.dentist:
            others = self.free(replace(whole_day, dentist=None), now, held, without=wish.dentist)
            found += sorted(others, key=lambda offer: abs(offer.starts_at - wanted))[:1]
        later = self.soonest(replace(wish, day=max(wish.day + DAY, today)), now, held)
        return (*found, *sorted(later, key=lambda offer: _apart(offer, wish.about))[:1])

    def _not_done(self, wish: Wish) -> NotBooked | None:
        if wish.treatment not in self.treatments:
            return NotBooked(Reason.NOT_DONE, "We don't do that here.", "Would you like to talk to our front desk?")
        if self.who(wish):
            return None
        return NotBooked(Reason.NOT_DONE, f"Doctor {wish.dentist} doesn't do that.", "Would another dentist suit you?")


def _day(wish: Wish) -> date:
    if wish.day is None:
        raise ValueError("the free times of no day")
    return wish.day


def _apart(offer: Offer, at: time) -> int:
    wall = offer.starts_at.time()
    return abs((wall.hour - at.hour) * 60 + wall.minute - at.minute)
