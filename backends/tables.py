"""The restaurant's book: which table is whose and when. It owns availability; tools/tables.py makes the sentences."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Protocol

from sqlalchemy import Engine

from agent.errors import NotFound
from backends.database import make_engine, prepare_database, speakable, tidying, writing
from backends.opening import Stretch
from backends.people import ALIKE, part_likeness
from backends.seating import Area, Booking, Guest, Table, Wish
from backends.seeding import utc_now
from backends.slots import NotBooked, Offer, Reason, Within, new_reference, obstacle
from backends.tables_rows import Book, booked_by, expire_bookings, forget_guest, seed_when_empty


class Tables(Protocol):
    """The restaurant's system of record. Each method raises Unavailable; a wish that cannot be granted, NotBooked."""

    async def hours(self, day: date) -> tuple[Stretch, ...]:
        """When the house is open that day; nothing when it is closed."""
        ...

    async def free(self, party: int, day: date, area: Area | None = None) -> tuple[Offer, ...]:
        """Every time of a day that is free, in order. Raises NotBooked when there could be none on that day."""
        ...

    async def soonest(self, party: int, within: Within, area: Area | None = None) -> tuple[Offer, ...]:
        """The free times that will do of the first day that has any, within two weeks of the first that will; nothing
        when none has. Raises NotBooked for a party that gets no table at all."""
        ...

    async def check(self, wish: Wish) -> Offer:
        """That wish as it would be booked now. Raises NotBooked with offers."""
        ...

    async def book(self, key: str, wish: Wish, guest: Guest) -> Booking:
        """Hold a table. The same `key` again gives the same booking, as it stands now. Raises NotBooked with offers."""
        ...

    async def find(self, name: str, phone: str) -> tuple[Booking, ...]:
        """The coming bookings under a number and a name like that. Raises NotFound."""
        ...

    async def change(
        self,
        reference: str,
        *,
        party: int | None = None,
        day: date | None = None,
        at: time | None = None,
        area: Area | None = None,
    ) -> Booking:
        """Change what is given, keep the rest; the old table stays held unless there is a new one.

        Asked twice, it is changed once. Raises NotFound, NotBooked with offers.
        """
        ...

    async def cancel(self, reference: str) -> Booking:
        """Give the table back; a second time changes nothing. Raises NotFound, NotBooked."""
        ...

    async def aclose(self) -> None:
        """Give back every connection."""
        ...


class SqlTables:
    """The book in SQLite or Postgres.

    Writers take turns (`Book`), and a table's quarter hour is a primary key besides: even a program that does not
    know the first rule cannot hold a table twice.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    async def hours(self, day: date) -> tuple[Stretch, ...]:
        """When the house is open that day; nothing when it is closed."""
        return await asyncio.to_thread(self._hours, day)

    async def free(self, party: int, day: date, area: Area | None = None) -> tuple[Offer, ...]:
        """Every time of a day that is free, in order. Raises NotBooked when there could be none on that day."""
        return await asyncio.to_thread(self._free, party, day, area)

    async def soonest(self, party: int, within: Within, area: Area | None = None) -> tuple[Offer, ...]:
        """The free times that will do of the first day that has any. Raises NotBooked for a party that is too large."""
        return await asyncio.to_thread(self._soonest, party, within, area)

    async def check(self, wish: Wish) -> Offer:
        """That wish as it would be booked now. Raises NotBooked with offers."""
        return await asyncio.to_thread(self._check, wish)

    async def book(self, key: str, wish: Wish, guest: Guest) -> Booking:
        """Hold a table. The same `key` again gives the same booking, as it stands now. Raises NotBooked with offers."""
        return await asyncio.to_thread(self._book, key, wish, guest)

    async def find(self, name: str, phone: str) -> tuple[Booking, ...]:
        """The coming bookings under a number and a name like that. Raises NotFound."""
        return await asyncio.to_thread(self._find, name, phone)

    async def change(
        self,
        reference: str,
        *,
        party: int | None = None,
        day: date | None = None,
        at: time | None = None,
        area: Area | None = None,
    ) -> Booking:
        """Change what is given, keep the rest. Raises NotFound, NotBooked with offers."""
        return await asyncio.to_thread(self._change, reference, party, day, at, area)

    async def cancel(self, reference: str) -> Booking:
        """Give the table back; a second time changes nothing. Raises NotFound, NotBooked."""
        return await asyncio.to_thread(self._cancel, reference)

    async def aclose(self) -> None:
        """Give back every connection."""
        await asyncio.to_thread(self._engine.dispose)

    def _hours(self, day: date) -> tuple[Stretch, ...]:
        with speakable("tables"), self._engine.connect() as connection:
            return Book(connection).floor.calendar.stretches(day)

    def _free(self, party: int, day: date, area: Area | None) -> tuple[Offer, ...]:
        now = self._clock()
        with speakable("tables"), self._engine.connect() as connection:
            book = Book(connection)
            found = obstacle(book.floor.calendar, book.floor.window, now, day, None) or book.floor.too_large(party)
            if not found:
                return book.floor.free(party, day, area, now, book.held_around(day, now))
        raise found

    def _soonest(self, party: int, within: Within, area: Area | None) -> tuple[Offer, ...]:
        now = self._clock()
        with speakable("tables"), self._engine.connect() as connection:
            book = Book(connection)
            today = book.floor.calendar.wall(now).date()
            found = book.floor.too_large(party)
            if not found:
                held = book.held_around(max(within.first or today, today), now)
                return book.floor.soonest(party, area, within, now, held)
        raise found

    def _check(self, wish: Wish) -> Offer:
        now = self._clock()
        with speakable("tables"), self._engine.connect() as connection:
            book = Book(connection)
            held = book.held_around(wish.day, now)
        start = book.floor.calendar.moment(wish.day, wish.at)
        why = book.floor.obstacle(wish, now)
        found = () if why else book.floor.free(wish.party, wish.day, wish.area, now, held)
        for offer in found:
            if offer.starts_at == start:
                return offer
        raise (why or _taken()).offering(book.floor.offers(wish, now, held))

    def _book(self, key: str, wish: Wish, guest: Guest) -> Booking:
        with writing(self._engine, "tables") as connection:
            book = Book(connection, is_locked=True)
            if standing := book.of_request(key):
                return standing
            done = self._seat(book, wish, guest, None)
            if isinstance(done, Table):
                reference = new_reference(lambda reference: book.get(reference) is not None)
                return book.add(reference, key, wish, guest, done, self._clock())
        raise self._refusal(done, wish, guest.phone, None)

    def _find(self, name: str, phone: str) -> tuple[Booking, ...]:
        with speakable("tables"), self._engine.connect() as connection:
            coming = Book(connection).coming(phone, self._clock())
        found = tuple(booking for booking in coming if part_likeness(name, booking.guest.name) >= ALIKE)
        if not found:
            raise NotFound("I can't find a booking under that name and number.")
        return found

    def _change(
        self, reference: str, party: int | None, day: date | None, at: time | None, area: Area | None
    ) -> Booking:
        with writing(self._engine, "tables") as connection:
            book = Book(connection, is_locked=True)
            booking = self._standing(book, reference)
            wall = booking.starts_at
            wish = Wish(party or booking.party, day or wall.date(), at or wall.time(), area or booking.asked_area)
            if booking.is_for(wish):
                return booking
            done = self._seat(book, wish, booking.guest, reference)
            if isinstance(done, Table):
                return book.put(reference, wish, done)
        raise self._refusal(done, wish, booking.guest.phone, reference)

    def _cancel(self, reference: str) -> Booking:
        with writing(self._engine, "tables") as connection:
            book = Book(connection, is_locked=True)
            booking = book.get(reference)
            if booking is None or not booking.is_cancelled:
                booking = self._standing(book, reference)
                book.cancel(reference, self._clock())
            return replace(booking, is_cancelled=True)

    def _standing(self, book: Book, reference: str) -> Booking:
        booking = book.get(reference)
        if booking is None:
            raise NotFound("I can't find a booking with that reference.")
        if booking.is_cancelled:
            raise NotBooked(Reason.GONE, "That booking has been cancelled.", "Shall I make a new one?")
        if booking.starts_at <= self._clock():
            raise NotBooked(Reason.TOO_LATE, "That booking has already begun, so I can't change it any more.")
        return booking

    def _seat(self, book: Book, wish: Wish, guest: Guest, own: str | None) -> Table | NotBooked:
        if why := book.floor.obstacle(wish, self._clock()):
            return why
        start, end = book.floor.stay_of(wish)
        if book.has_another(guest.phone, start, end, own):
            statement = "There is already a table under that number around that time."
            return NotBooked(Reason.DOUBLE, statement, "Shall I change that one?")
        return book.floor.pick(wish.party, start, wish.area, book.held(start, end, own)) or _taken()

    def _refusal(self, why: NotBooked, wish: Wish, phone: str, own: str | None) -> NotBooked:
        # after the transaction, so that nobody stands in line while offers are looked for
        if why.reason is Reason.DOUBLE:
            return why
        now = self._clock()
        with speakable("tables"), self._engine.connect() as connection:
            book = Book(connection)
            held = book.taken_for(phone, book.held_around(wish.day, now, own), now, own)
            return why.offering(book.floor.offers(wish, now, held))


KIND = Tables


def connect(url: str, clock: Callable[[], datetime]) -> Tables:
    """The book in the database at `url`; opens nothing yet. Raises ConfigError for a URL that cannot be one."""
    return SqlTables(make_engine(url), clock)


def prepare(url: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Migrate to head, and seed an empty database around the clock's today. Raises ConfigError."""
    prepare_database(url, lambda connection: seed_when_empty(connection, clock()))


def forget(url: str, known_by: str, clock: Callable[[], datetime] = utc_now) -> int:
    """Delete what the guest of that number booked by calls, and keep only the table of what is to come. How many
    bookings that were. Blocking. Raises Unavailable."""
    with tidying(url, "tables") as connection:
        return forget_guest(connection, known_by, clock())


def held(url: str, known_by: str) -> dict[str, list[dict[str, object]]]:
    """What calls have booked for the guest of that number. Blocking. Raises Unavailable."""
    with tidying(url, "tables") as connection:
        return {"table_bookings": booked_by(connection, known_by)}


def expire(url: str, before: datetime) -> int:
    """Delete what was booked by calls and over before then. How many bookings that were. Blocking. Raises
    Unavailable."""
    with tidying(url, "tables") as connection:
        return expire_bookings(connection, before)


def _taken() -> NotBooked:
    return NotBooked(Reason.TAKEN, "I have no table then.", "Would another time suit you?")
