"""Follow-ups: what somebody must do after a call: ring back, remind, take the caller over. They are kept; reminders are
lent to whoever tells or sends them."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import phonenumbers
from sqlalchemy import Column, Connection, Engine, Integer, Row, String, Table, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from agent.errors import Refused
from backends.database import UtcDateTime, make_engine, metadata, prepare_database, tidying, writing
from backends.seeding import utc_now

AHEAD = timedelta(days=365)
ABOUT_LENGTH, SUMMARY_LENGTH = 300, 1000
LENT, FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(seconds=30), timedelta(hours=1)
MOST_ATTEMPTS = 20  # half a day; after that it is only told in a call
AT_ONCE = 20


class Kind(StrEnum):
    """What is to be done."""

    CALLBACK = "callback"
    REMINDER = "reminder"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One thing to be done. A transfer has no `due_at`: it is due at once; `department` is for whom, empty for anybody.
    `customer` is the id of whom a check has verified. `about` and `summary` are for people to read, and hold nothing by
    which callers are known."""

    kind: Kind
    call_id: str
    number: str = ""
    customer: str = ""
    due_at: datetime | None = None
    about: str = ""
    summary: str = ""
    department: str = ""

    @property
    def key(self) -> str:
        """The same for the same wish of the same call: a transfer is wished once a department, the others once a number
        and time."""
        parts = [self.call_id, self.kind, *([self.department] if self.department else [])]
        if self.due_at:
            parts += [self.number, self.due_at.isoformat(), " ".join(self.about.lower().split())]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class FollowUps(Protocol):
    """The system of record for what is still to be done."""

    async def note(self, follow_up: FollowUp) -> FollowUp:
        """Keep it, and give what is kept; a second time changes nothing. Raises Refused for a time that has passed or
        is more than a year away, Unavailable."""
        ...

    async def aclose(self) -> None:
        """Give back every connection."""
        ...


follow_ups = Table(
    "follow_ups",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("call_id", String(80), nullable=False, index=True),
    Column("number", String(16), nullable=False, index=True),
    Column("due_at", UtcDateTime),
    Column("about", String(ABOUT_LENGTH), nullable=False),
    Column("summary", String(SUMMARY_LENGTH), nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
    Column("customer", String(64), nullable=False),
    Column("department", String(40), nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),  # to tell or send a reminder
    Column("not_before", UtcDateTime),  # it is in somebody's hands until then, or waits for its next try
    Column("done_at", UtcDateTime),
)


class SqlFollowUps:
    """Follow-ups in SQLite or Postgres."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    async def note(self, follow_up: FollowUp) -> FollowUp:
        """Keep it, and give what is kept; a second time changes nothing. Raises Refused, Unavailable."""
        return await asyncio.to_thread(self._note, follow_up)

    async def claim(self, number: str = "") -> tuple[FollowUp, ...]:
        """The reminders that are due, of this number or of anybody, each lent to one asker only. Raises Unavailable."""
        return await asyncio.to_thread(self._claim, number)

    async def sent(self, key: str) -> None:
        """This reminder has been told or sent: never again. Raises Unavailable."""
        await asyncio.to_thread(self._change, key, lambda _: {"done_at": self._clock()})

    async def later(self, key: str) -> None:
        """It has not: again after a pause that doubles. Raises Unavailable."""
        await asyncio.to_thread(self._change, key, lambda attempts: {"not_before": self._clock() + pause(attempts)})

    async def aclose(self) -> None:
        """Give back every connection."""
        await asyncio.to_thread(self._engine.dispose)

    def _claim(self, number: str) -> tuple[FollowUp, ...]:
        now = self._clock()
        is_free = or_(follow_ups.c.not_before.is_(None), follow_ups.c.not_before <= now)
        is_due = (follow_ups.c.kind == Kind.REMINDER, follow_ups.c.done_at.is_(None), follow_ups.c.due_at <= now)
        whose = follow_ups.c.number == number if number else follow_ups.c.attempts < MOST_ATTEMPTS
        query = select(follow_ups).where(*is_due, is_free, whose).order_by(follow_ups.c.due_at).limit(AT_ONCE)
        with writing(self._engine, "follow_ups") as connection:
            found = connection.execute(query).all()
            return tuple(_follow_up(row) for row in found if _is_lent(connection, row.key, row.attempts, now + LENT))

    def _change(self, key: str, values: Callable[[int], dict[str, datetime]]) -> None:
        with writing(self._engine, "follow_ups") as connection:
            mine = follow_ups.c.key == key
            attempts = connection.execute(select(follow_ups.c.attempts).where(mine)).scalar_one_or_none()
            if attempts is not None:  # it may have been forgotten meanwhile
                connection.execute(update(follow_ups).where(mine).values(**values(attempts)))

    def _note(self, follow_up: FollowUp) -> FollowUp:
        now = self._clock()
        with writing(self._engine, "follow_ups") as connection:
            mine = select(follow_ups).where(follow_ups.c.key == follow_up.key)
            if there := connection.execute(mine).one_or_none():
                return _follow_up(there)
            if refused := no_such_time(follow_up.due_at, now):
                raise refused
            names = ("kind", "call_id", "number", "customer", "due_at", "department")
            values = {name: getattr(follow_up, name) for name in names}
            about, summary = follow_up.about[:ABOUT_LENGTH], follow_up.summary[:SUMMARY_LENGTH]
            row = values | {"key": follow_up.key, "about": about, "summary": summary, "noted_at": now}
            try:
                with connection.begin_nested():
                    connection.execute(insert(follow_ups).values(**row))
            except IntegrityError:  # the same wish at the same moment, on Postgres: theirs is in
                return _follow_up(connection.execute(mine).one())
            return follow_up


KIND = FollowUps


def connect(url: str, clock: Callable[[], datetime]) -> FollowUps:
    """The follow-ups in the database at `url`; opens nothing yet. Raises ConfigError for a URL that cannot be one."""
    return SqlFollowUps(make_engine(url), clock)


def prepare(url: str, clock: Callable[[], datetime] = utc_now) -> None:  # noqa: ARG001  # nothing is seeded
    """Migrate to head. Raises ConfigError."""
    prepare_database(url, lambda _: None)


def forget(url: str, known_by: str, clock: Callable[[], datetime] = utc_now) -> int:  # noqa: ARG001  # all of it
    """Delete what is to be done for whoever has this number, however it was said, or is this customer; how much that
    was. Blocking. Raises Unavailable."""
    with tidying(url, "follow_ups") as connection:
        return int(connection.execute(delete(follow_ups).where(_theirs(connection, known_by))).rowcount)


def held(url: str, known_by: str) -> dict[str, list[dict[str, object]]]:
    """What `forget` would delete, by table. Blocking. Raises Unavailable."""
    with tidying(url, "follow_ups") as connection:
        rows = connection.execute(select(follow_ups).where(_theirs(connection, known_by)))
        return {"follow_ups": [row._asdict() for row in rows]}


def _theirs(connection: Connection, known_by: str) -> ColumnElement[bool]:
    numbers = connection.scalars(select(follow_ups.c.number).distinct()).all()
    theirs = [number for number in numbers if is_same_number(number, known_by)]
    of_customer = (follow_ups.c.customer == known_by) & (follow_ups.c.customer != "")
    return follow_ups.c.number.in_(theirs) | of_customer


def expire(url: str, before: datetime) -> int:
    """Delete what was noted before then, unless it is due later; how much that was. Blocking. Raises Unavailable."""
    with tidying(url, "follow_ups") as connection:
        is_over = follow_ups.c.due_at.is_(None) | (follow_ups.c.due_at < before)
        return int(connection.execute(delete(follow_ups).where(follow_ups.c.noted_at < before, is_over)).rowcount)


def is_same_number(noted: str, known_by: str) -> bool:
    """Whether a number that was said, "555 010 0200", is one that was given whole, "+15550100200"."""
    match = phonenumbers.is_number_match(noted, known_by)
    return match in {phonenumbers.MatchType.NSN_MATCH, phonenumbers.MatchType.EXACT_MATCH}


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE) if attempts else FIRST_PAUSE


def no_such_time(due_at: datetime | None, now: datetime) -> Refused | None:
    """Why nothing can be due then, or None."""
    if due_at is None or now < due_at <= now + AHEAD:
        return None
    if due_at <= now:
        return Refused("That time has passed already, so I have noted nothing.")
    return Refused("That is more than a year away, so I have noted nothing.")


def _is_lent(connection: Connection, key: str, attempts: int, until: datetime) -> bool:
    """False when another was quicker: it has counted the attempt already."""
    free = (follow_ups.c.key == key, follow_ups.c.attempts == attempts, follow_ups.c.done_at.is_(None))
    change = update(follow_ups).where(*free).values(attempts=attempts + 1, not_before=until)
    return connection.execute(change).rowcount == 1


def _follow_up(row: Row[tuple[object, ...]]) -> FollowUp:
    return FollowUp(
        kind=Kind(row.kind),
        call_id=row.call_id,
        number=row.number,
        customer=row.customer,
        due_at=row.due_at,
        about=row.about,
        summary=row.summary,
        department=row.department,
    )
