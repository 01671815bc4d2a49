"""Which table a party gets, and what to offer when there is none: decisions on what is held already. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from num2words import num2words

from backends.opening import DAY, Calendar
from backends.slots import QUARTER, NotBooked, Offer, Reason, Window, Within, around, obstacle, quarters

DAYS_TO_OFFER = 7  # how far from the wished day an offer may lie
DAYS_TO_LOOK = 14  # from the first one that will do, where none was named
NEAR = timedelta(hours=3)  # lunch is no way out for who wants dinner

Held = frozenset[tuple[int, datetime]]  # table and quarter hour


class Area(StrEnum):
    """Where one can sit, in the order in which tables are given away to who does not mind."""

    MAIN_ROOM = "main room"
    TERRACE = "terrace"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Table:
    """One table. Fewer than `fewest` people do not get it: it is kept for those who fill it."""

    number: int
    area: Area
    fewest: int
    seats: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller asks for: `at` is a time of the house's wall; no area means any."""

    party: int
    day: date
    at: time
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a table is for; the phone number is E.164."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One table held for one party. Times are those of the house's clock; `asked_area` is None when any would do."""

    reference: str
    guest: Guest
    party: int
    table: int
    area: Area
    asked_area: Area | None
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool

    def is_for(self, wish: Wish) -> bool:
        """Whether it is what is wished for already."""
        at = self.starts_at
        return (self.party, at.date(), at.time(), self.asked_area) == (wish.party, wish.day, wish.at, wish.area)


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The house as it stands. `stays` are (up to so many people, so long), ascending."""

    calendar: Calendar
    window: Window
    last_seating: timedelta
    tables: tuple[Table, ...]
    stays: tuple[tuple[int, timedelta], ...]

    @property
    def largest_party(self) -> int:
        """How many the largest table seats."""
        return max((table.seats for table in self.tables), default=0)

    def stay(self, party: int) -> timedelta:
        """How long a party keeps its table."""
        return next((stay for up_to, stay in self.stays if party <= up_to), self.stays[-1][1])

    def stay_of(self, wish: Wish) -> tuple[datetime, datetime]:
        """From when to when a wish needs its table, in UTC."""
        start = self.calendar.moment(wish.day, wish.at)
        if start is None:
            raise ValueError("a wish that `obstacle` has not judged")
        return start, start + self.stay(wish.party)

    def pick(self, party: int, start: datetime, area: Area | None, held: Held) -> Table | None:
        """The smallest free table that fits, in the area or, without one, in any."""
        wanted = quarters(start, start + self.stay(party))
        order = list(Area)
        fits = (t for t in self.tables if t.fewest <= party <= t.seats and area in {None, t.area})
        free = (t for t in fits if not any((t.number, at) in held for at in wanted))
        return min(free, key=lambda t: (t.seats, order.index(t.area), t.number), default=None)

    def starts(self, day: date, now: datetime) -> Iterator[datetime]:
        """When one may be seated on a day, from now on, whatever is free."""
        soonest = now + self.window.lead
        starts = self.calendar.starts(day, step=QUARTER, length=self.last_seating)
        return (at for at in starts if at >= soonest)

    def free(self, party: int, day: date, area: Area | None, now: datetime, held: Held) -> tuple[Offer, ...]:
        """Every start of a day at which the party finds a table, in order."""
        found = ((at, self.pick(party, at, area, held)) for at in self.starts(day, now))
        return tuple(self._offer(at, table) for at, table in found if table)

    def soonest(self, party: int, area: Area | None, within: Within, now: datetime, held: Held) -> tuple[Offer, ...]:
        """What will do of the first day that has any."""
        today = self.calendar.wall(now).date()
        first = max(within.first or today, today)
        for day in (first + DAY * i for i in range(DAYS_TO_LOOK + 1)):
            if day > self.window.last_day(today) or not within.has(day):
                continue
            there = self.free(party, day, area, now, held)
            if found := tuple(offer for offer in there if within.allows(offer.starts_at)):
                return found
        return ()

    def obstacle(self, wish: Wish, now: datetime) -> NotBooked | None:
        """Why that wish cannot be granted even by an empty house."""
        if wish.party < 1:
            return NotBooked(Reason.TOO_SMALL, "", "For how many people shall I book?")
        found = self.too_large(wish.party) or obstacle(self.calendar, self.window, now, wish.day, wish.at)
        if found or self.calendar.moment(wish.day, wish.at) in set(self.starts(wish.day, now)):
            return found
        return NotBooked(Reason.CLOSED, "We don't seat anybody at that time.", "Would another time suit you?")

    def too_large(self, party: int) -> NotBooked | None:
        """The refusal of a party that no table seats: a human puts tables together."""
        if party <= self.largest_party:
            return None
        most = num2words(self.largest_party)
        sentence = f"For more than {most} people our host puts tables together, so a colleague has to take that."
        return NotBooked(Reason.TOO_LARGE, sentence)

    def offers(self, wish: Wish, now: datetime, held: Held) -> tuple[Offer, ...]:
        """The nearest before and after, then another area at that time, then another day: each free as things stand."""
        today = self.calendar.wall(now).date()
        if not 1 <= wish.party <= self.largest_party or wish.day > self.window.last_day(today):
            return ()
        wanted = self.calendar.moment(wish.day, wish.at) or now
        same_day = {offer.starts_at: offer for offer in self.free(wish.party, wish.day, wish.area, now, held)}
        found = [same_day[at] for at in around(same_day, wanted, NEAR)]
        if wish.area:
            anywhere = self.free(wish.party, wish.day, None, now, held)
            found += [offer for offer in anywhere if offer.starts_at == wanted]
        return (*found, *self._another_day(wish, now, held, today))

    def _another_day(self, wish: Wish, now: datetime, held: Held, today: date) -> list[Offer]:
        first = max(wish.day, today)
        for day in (first + DAY * i for i in range(first == wish.day, DAYS_TO_OFFER + 1)):
            wanted = self.calendar.moment(day, wish.at)
            free = self.free(wish.party, day, wish.area, now, held)
            if free and wanted and day <= self.window.last_day(today):
                return [min(free, key=lambda offer: abs(offer.starts_at - wanted))]
        return []

    def _offer(self, at: datetime, table: Table) -> Offer:
        return Offer(self.calendar.wall(at), table.area)
