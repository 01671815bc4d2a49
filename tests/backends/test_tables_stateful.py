"""Any sequence of bookings, changes and cancels: no table is held twice or by too many, and no booking is lost."""

import asyncio
from collections.abc import Awaitable
from datetime import date, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import select

from backends import tables
from backends.database import make_engine
from backends.seating import Area, Booking, Floor, Guest, Wish
from backends.slots import NotBooked, quarters
from backends.tables_rows import Book, bookings, claims
from tests.fakes.clocks import StandingClock

T = TypeVar("T")
DAYS = st.integers(0, 8).map(lambda days: date(2026, 11, 20) + timedelta(days=days))  # with a Monday and Thanksgiving
TIMES = st.sampled_from([time(12), time(13, 30), time(18), time(19), time(19, 15), time(20, 30), time(21, 45), time(3)])
PARTIES = st.integers(1, 9)
AREAS = st.none() | st.sampled_from(Area)


class BookMachine(RuleBasedStateMachine):
    """A restaurant, with a model beside it that knows who was promised what."""

    kept = Bundle("kept")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = StandingClock()
        url = f"sqlite:///{Path(self.folder.name) / 'tables.db'}"
        tables.prepare(url, self.clock)
        self.house = tables.connect(url, self.clock)
        self.engine = make_engine(url)
        self.promised: dict[str, Booking] = {}
        self.guests = 0

    @initialize()
    def seeded(self) -> None:
        """What the seed holds was promised too."""
        with self.engine.connect() as connection:
            book = Book(connection)
            found = [book.get(reference) for reference in connection.execute(select(bookings.c.reference)).scalars()]
        self.promised = {booking.reference: booking for booking in found if booking}

    @rule(target=kept, party=PARTIES, day=DAYS, at=TIMES, area=AREAS)
    def book(self, party: int, day: date, at: time, area: Area | None) -> object:
        """Somebody new books; the same request again finds the same booking; every offer can be had."""
        self.guests += 1
        guest, wish = Guest(f"Guest {self.guests}", f"+1212556{self.guests:04d}"), Wish(party, day, at, area)
        try:
            booking = run(self.house.book(guest.phone, wish, guest))
        except NotBooked as refusal:
            for offer in refusal.offers:
                start = offer.starts_at
                assert run(self.house.check(Wish(party, start.date(), start.time(), Area(offer.place)))) == offer
            return multiple()
        assert run(self.house.book(guest.phone, wish, guest)) == booking
        assert (booking.party, booking.starts_at.date(), booking.starts_at.time()) == (party, day, at)
        assert area in {None, booking.area}
        self.promised[booking.reference] = booking
        return booking.reference

    @rule(reference=kept, party=st.none() | PARTIES, day=st.none() | DAYS, at=st.none() | TIMES, area=AREAS)
    def change(self, reference: str, party: int | None, day: date | None, at: time | None, area: Area | None) -> None:
        """Changed as asked, or not at all."""
        try:
            booking = run(self.house.change(reference, party=party, day=day, at=at, area=area))
        except NotBooked:
            return
        old = self.promised[reference]
        assert booking.party == (party or old.party)
        assert booking.starts_at.date() == (day or old.starts_at.date())
        assert booking.starts_at.time() == (at or old.starts_at.time())
        assert (area or old.asked_area) in {None, booking.area}
        self.promised[reference] = booking

    @rule(reference=consumes(kept))
    def cancel(self, reference: str) -> None:
        """Gone for good."""
        assert run(self.house.cancel(reference)).is_cancelled
        del self.promised[reference]

    @invariant()
    def the_book_is_what_was_promised(self) -> None:
        """Each booking stands as it was told, holds its own table for all its time, and nothing else is held."""
        with self.engine.connect() as connection:
            book = Book(connection)
            standing = connection.execute(select(bookings.c.reference).where(bookings.c.cancelled_at.is_(None)))
            there = {reference: book.get(reference) for reference in standing.scalars()}
            held = {(row.table_number, row.at): row.reference for row in connection.execute(select(claims))}
        assert there == self.promised
        expected = {
            (booking.table, at): booking.reference
            for booking in self.promised.values()
            for at in quarters(booking.starts_at, booking.ends_at)
        }
        assert sum(len(quarters(b.starts_at, b.ends_at)) for b in self.promised.values()) == len(expected), "an overlap"
        assert held == expected
        assert all(fits(book.floor, booking) for booking in self.promised.values())

    def teardown(self) -> None:
        """Close everything."""
        run(self.house.aclose())
        self.engine.dispose()
        self.folder.cleanup()


def fits(floor: Floor, booking: Booking) -> bool:
    """A table with seats for all, on a day and at a time at which the house seats anybody."""
    table = next(table for table in floor.tables if table.number == booking.table)
    stretches = floor.calendar.stretches(booking.starts_at.date())
    is_open = any(s.start <= booking.starts_at <= s.end - floor.last_seating for s in stretches)
    return table.fewest <= booking.party <= table.seats and is_open


def run(work: Awaitable[T]) -> T:
    """Hypothesis' machines are not async."""

    async def wait() -> T:
        return await work

    return asyncio.run(wait())


TestBook = BookMachine.TestCase
TestBook.settings = settings(
    max_examples=5, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
