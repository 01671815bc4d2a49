"""The rows behind backends/tables.py: their schema, their seed, and the book as one transaction sees it."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    Row,
    Select,
    String,
    Time,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy import Table as SqlTable

from backends.database import UtcDateTime, metadata
from backends.opening import DAY, Calendar, Span, SpecialDay
from backends.seating import DAYS_TO_LOOK, Area, Booking, Floor, Guest, Held, Table, Wish
from backends.seeding import coming, fill, is_empty, raw_rows
from backends.slots import FORGOTTEN, Window, quarters

restaurant = SqlTable(
    "restaurant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("timezone", String(40), nullable=False),
    Column("lead_minutes", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("last_seating_minutes", Integer, nullable=False),
)
hours = SqlTable(
    "restaurant_hours",
    metadata,
    Column("weekday", Integer, primary_key=True),
    Column("opens", Time, primary_key=True),
    Column("closes", Time, nullable=False),
)
special_days = SqlTable(
    "restaurant_special_days",
    metadata,
    Column("rule", String(80), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("opens", Time),
    Column("closes", Time),
)
floor_tables = SqlTable(
    "restaurant_tables",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("area", String(20), nullable=False),
    Column("fewest", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
)
stays = SqlTable(
    "restaurant_stays",
    metadata,
    Column("up_to", Integer, primary_key=True),
    Column("minutes", Integer, nullable=False),
)
bookings = SqlTable(
    "table_bookings",
    metadata,
    Column("reference", String(6), primary_key=True),
    Column("request_key", String(64), unique=True),
    Column("name", String(80), nullable=False),
    Column("phone", String(20), nullable=False, index=True),
    Column("party", Integer, nullable=False),
    Column("asked_area", String(20)),
    Column("table_number", Integer, ForeignKey("restaurant_tables.number"), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("cancelled_at", UtcDateTime),
    Column("is_from_call", Boolean, nullable=False),
)
claims = SqlTable(
    "table_claims",
    metadata,
    Column("at", UtcDateTime, primary_key=True),
    Column("table_number", Integer, ForeignKey("restaurant_tables.number"), primary_key=True),
    Column("reference", String(6), ForeignKey("table_bookings.reference"), nullable=False, index=True),
)


class Book:
    """The book inside one transaction. With `is_locked`, nobody else writes in it before the transaction ends."""

    def __init__(self, connection: Connection, *, is_locked: bool = False) -> None:
        self._connection = connection
        house = select(restaurant)
        # SQLite leaves FOR UPDATE out: there the transaction itself is the only writer
        self.floor = _floor(connection, connection.execute(house.with_for_update() if is_locked else house).one())

    def held(self, start: datetime, end: datetime, own: str | None = None) -> Held:
        """What is held in that time, leaving out what `own` holds."""
        between = select(claims).where(claims.c.at >= start, claims.c.at < end)
        return frozenset((row.table_number, row.at) for row in self._rows(between) if row.reference != own)

    def held_around(self, day: date, now: datetime, own: str | None = None) -> Held:
        """What is held on the days from which offers are made."""
        first = max(day, self.floor.calendar.wall(now).date())
        start = datetime.combine(first, time(0), tzinfo=self.floor.calendar.zone)
        return self.held(start, start + (DAYS_TO_LOOK + 2) * DAY, own)

    def taken_for(self, phone: str, held: Held, now: datetime, own: str | None = None) -> Held:
        """What is held, and every table while the number holds another."""
        theirs = [booking for booking in self.coming(phone, now) if booking.reference != own]
        busy = [at for booking in theirs for at in quarters(booking.starts_at, booking.ends_at)]
        return held | {(table.number, at) for table in self.floor.tables for at in busy}

    def has_another(self, phone: str, start: datetime, end: datetime, own: str | None) -> bool:
        """Whether a number holds a table in that time already."""
        same = select(bookings.c.reference).where(bookings.c.phone == phone, bookings.c.cancelled_at.is_(None))
        rows = self._rows(same.where(bookings.c.starts_at < end, bookings.c.ends_at > start))
        return any(row.reference != own for row in rows)

    def get(self, reference: str) -> Booking | None:
        """The booking of that reference."""
        found = self._rows(select(bookings).where(bookings.c.reference == reference))
        return self._booking(found[0]) if found else None

    def of_request(self, key: str) -> Booking | None:
        """What that request has booked."""
        found = self._rows(select(bookings).where(bookings.c.request_key == key))
        return self._booking(found[0]) if found else None

    def coming(self, phone: str, now: datetime) -> tuple[Booking, ...]:
        """What a number has booked that is not over yet."""
        of_phone = select(bookings).where(bookings.c.phone == phone, bookings.c.ends_at > now)
        rows = self._rows(of_phone.where(bookings.c.cancelled_at.is_(None)).order_by(bookings.c.starts_at))
        return tuple(self._booking(row) for row in rows)

    def add(self, reference: str, key: str | None, wish: Wish, guest: Guest, table: Table, now: datetime) -> Booking:
        """Write a booking and hold its table."""
        values = self._values(wish, table) | {"name": guest.name, "phone": guest.phone}
        mine = {"reference": reference, "request_key": key, "made_at": now, "is_from_call": key is not None}
        new = insert(bookings).values(**mine, **values)
        self._connection.execute(new)
        return self._claim(reference)

    def put(self, reference: str, wish: Wish, table: Table) -> Booking:
        """Change a booking, and hold the new table instead of the old one."""
        self._release(reference)
        changed = update(bookings).where(bookings.c.reference == reference)
        self._connection.execute(changed.values(**self._values(wish, table)))
        return self._claim(reference)

    def cancel(self, reference: str, now: datetime) -> None:
        """Give its table back. Without its key the same request can be made anew, by a caller who thought again."""
        self._release(reference)
        gone = update(bookings).where(bookings.c.reference == reference)
        self._connection.execute(gone.values(cancelled_at=now, request_key=None))

    def _release(self, reference: str) -> None:
        self._connection.execute(delete(claims).where(claims.c.reference == reference))

    def _claim(self, reference: str) -> Booking:
        booking = self.get(reference)
        if booking is None:
            raise ValueError("a booking that is not written")
        held = quarters(booking.starts_at, booking.ends_at)
        rows = [{"table_number": booking.table, "at": at, "reference": reference} for at in held]
        self._connection.execute(insert(claims), rows)
        return booking

    def _values(self, wish: Wish, table: Table) -> dict[str, object]:
        start, end = self.floor.stay_of(wish)
        area = wish.area.value if wish.area else None
        return {
            "party": wish.party,
            "asked_area": area,
            "table_number": table.number,
            "starts_at": start,
            "ends_at": end,
        }

    def _booking(self, row: Row[Any]) -> Booking:
        return Booking(
            reference=row.reference,
            guest=Guest(row.name, row.phone),
            party=row.party,
            table=row.table_number,
            area=next(table.area for table in self.floor.tables if table.number == row.table_number),
            asked_area=Area(row.asked_area) if row.asked_area else None,
            starts_at=self.floor.calendar.wall(row.starts_at),
            ends_at=self.floor.calendar.wall(row.ends_at),
            is_cancelled=row.cancelled_at is not None,
        )

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        return list(self._connection.execute(query))


def booked_by(connection: Connection, phone: str) -> list[dict[str, object]]:
    """What a number has booked by calls."""
    mine = bookings.c.is_from_call & (bookings.c.phone == phone)
    return [row._asdict() for row in connection.execute(select(bookings).where(mine))]


def forget_guest(connection: Connection, phone: str, now: datetime) -> int:
    """Delete what a number has booked by calls; of what is still to come the guest's name and number, so that the
    table stays held. How many bookings that were."""
    mine = bookings.c.is_from_call & (bookings.c.phone == phone)
    is_coming = bookings.c.cancelled_at.is_(None) & (bookings.c.ends_at > now)
    coming = update(bookings).where(mine, is_coming).values(name=FORGOTTEN, phone="", request_key=None)
    return int(connection.execute(coming).rowcount) + _delete(connection, mine)


def expire_bookings(connection: Connection, before: datetime) -> int:
    """Delete what calls have booked and was over, or cancelled, before then; how many bookings that were."""
    is_over = (bookings.c.ends_at < before) | (bookings.c.cancelled_at < before)
    return _delete(connection, bookings.c.is_from_call & is_over)


def _delete(connection: Connection, which: ColumnElement[bool]) -> int:
    theirs = select(bookings.c.reference).where(which)
    connection.execute(delete(claims).where(claims.c.reference.in_(theirs)))
    return int(connection.execute(delete(bookings).where(which)).rowcount)


def seed_when_empty(connection: Connection, now: datetime) -> None:
    """A house with a few weeks of bookings, counted from `now`; those that fall on a closed day are left out."""
    if not is_empty(connection, restaurant):
        return
    for table in (restaurant, hours, special_days, floor_tables, stays):
        fill(connection, table)
    book = Book(connection)
    by_number = {table.number: table for table in book.floor.tables}
    today = book.floor.calendar.wall(now).date()
    for row in raw_rows("table_bookings"):
        day = coming(today, int(row["weekday"]), int(row["week"]))
        asked = Area(row["asked_area"]) if row["asked_area"] else None
        wish = Wish(int(row["party"]), day, time.fromisoformat(row["at"]), asked)
        if book.floor.obstacle(wish, now) is None:
            guest = Guest(row["name"], row["phone"])
            book.add(row["reference"], None, wish, guest, by_number[int(row["table_number"])], now)


def _floor(connection: Connection, house: Row[Any]) -> Floor:
    spans = tuple(Span(*row) for row in connection.execute(select(hours)))
    special = tuple(SpecialDay(*row) for row in connection.execute(select(special_days)))
    tables = connection.execute(select(floor_tables).order_by(floor_tables.c.number))
    lengths = connection.execute(select(stays).order_by(stays.c.up_to))
    return Floor(
        calendar=Calendar(ZoneInfo(house.timezone), spans, special),
        window=Window(timedelta(minutes=house.lead_minutes), house.horizon_days),
        last_seating=timedelta(minutes=house.last_seating_minutes),
        tables=tuple(Table(row.number, Area(row.area), row.fewest, row.seats) for row in tables),
        stays=tuple((row.up_to, timedelta(minutes=row.minutes)) for row in lengths),
    )
