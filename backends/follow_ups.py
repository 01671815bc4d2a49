"""Follow-ups: what somebody must do after a call: ring back, remind, take the caller over. They are kept, not done."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import phonenumbers
from sqlalchemy import Column, Engine, Row, String, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from agent.errors import Refused
from backends.database import UtcDateTime, make_engine, metadata, prepare_database, tidying, writing
from backends.seeding import utc_now

AHEAD = timedelta(days=365)
ABOUT_LENGTH, SUMMARY_LENGTH = 300, 1000


class Kind(StrEnum):
    """What is to be done."""

    CALLBACK = "callback"
    REMINDER = "reminder"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One thing to be done. A transfer has no `due_at`: it is due at once. `customer` is the id of whom a check has
    verified. `about` and `summary` are for people to read, and hold nothing by which callers are known."""

    kind: Kind
    call_id: str
    number: str = ""
    customer: str = ""
    due_at: datetime | None = None
    about: str = ""
    summary: str = ""

    @property
    def key(self) -> str:
        """The same for the same wish of the same call: a transfer is wished once, the others once a number and time."""
        parts = [self.call_id, self.kind]
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
)


class SqlFollowUps:
    """Follow-ups in SQLite or Postgres."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    async def note(self, follow_up: FollowUp) -> FollowUp:
        """Keep it, and give what is kept; a second time changes nothing. Raises Refused, Unavailable."""
        return await asyncio.to_thread(self._note, follow_up)

    async def aclose(self) -> None:
        """Give back every connection."""
        await asyncio.to_thread(self._engine.dispose)

    def _note(self, follow_up: FollowUp) -> FollowUp:
        now = self._clock()
        with writing(self._engine, "follow_ups") as connection:
            mine = select(follow_ups).where(follow_ups.c.key == follow_up.key)
            if there := connection.execute(mine).one_or_none():
                return _follow_up(there)
            if refused := no_such_time(follow_up.due_at, now):
                raise refused
            values = {name: getattr(follow_up, name) for name in ("kind", "call_id", "number", "customer", "due_at")}
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
        numbers = connection.scalars(select(follow_ups.c.number).distinct()).all()
        theirs = [number for number in numbers if is_same_number(number, known_by)]
        of_customer = (follow_ups.c.customer == known_by) & (follow_ups.c.customer != "")
        mine = follow_ups.c.number.in_(theirs) | of_customer
        return int(connection.execute(delete(follow_ups).where(mine)).rowcount)


def expire(url: str, before: datetime) -> int:
    """Delete what was noted before then, unless it is due later; how much that was. Blocking. Raises Unavailable."""
    with tidying(url, "follow_ups") as connection:
        is_over = follow_ups.c.due_at.is_(None) | (follow_ups.c.due_at < before)
        return int(connection.execute(delete(follow_ups).where(follow_ups.c.noted_at < before, is_over)).rowcount)


def is_same_number(noted: str, known_by: str) -> bool:
    """Whether a number that was said, "555 010 0200", is one that was given whole, "+15550100200"."""
    match = phonenumbers.is_number_match(noted, known_by)
    return match in {phonenumbers.MatchType.NSN_MATCH, phonenumbers.MatchType.EXACT_MATCH}


def no_such_time(due_at: datetime | None, now: datetime) -> Refused | None:
    """Why nothing can be due then, or None."""
    if due_at is None or now < due_at <= now + AHEAD:
        return None
    if due_at <= now:
        return Refused("That time has passed already, so I have noted nothing.")
    return Refused("That is more than a year away, so I have noted nothing.")


def _follow_up(row: Row[tuple[object, ...]]) -> FollowUp:
    return FollowUp(
        kind=Kind(row.kind),
        call_id=row.call_id,
        number=row.number,
        customer=row.customer,
        due_at=row.due_at,
        about=row.about,
        summary=row.summary,
    )
