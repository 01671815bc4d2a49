"""Callers across calls: one row for each who agreed to be remembered, found by number or verified customer.

Whether something of it may be said is rules/recall's business. Everything here blocks, like the store beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from agent.memory.database import UtcDateTime, explained, make_engine
from agent.memory.store import calls, metadata

MAX_NAME, MAX_SUMMARY, MAX_OPEN = 80, 600, 10

callers = Table(
    "callers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("profile", String(64), nullable=False),
    Column("number", String(32)),
    Column("customer", String(64)),
    Column("name", String(80), nullable=False),
    Column("language", String(16), nullable=False),
    Column("open_matters", JSON, nullable=False),
    Column("summary", Text, nullable=False),
    Column("called_at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("profile", "number"),
    UniqueConstraint("profile", "customer"),
)
caller_calls = Table(
    "caller_calls",
    metadata,
    # no foreign key to calls: the observers write a call's own row when they come to it
    Column("call_id", String(64), primary_key=True),
    Column("caller_id", String(32), ForeignKey("callers.id", ondelete="CASCADE"), nullable=False, index=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """By what a caller is known to a profile: the line's number, and the customer whom a check has verified; "" where
    there is none."""

    profile: str
    number: str = ""
    customer: str = ""

    @property
    def is_known(self) -> bool:
        """True when there is anything to find a caller by."""
        return bool(self.number or self.customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is kept of a caller. `name` as they like it; `open_matters` are names of tools; `summary` is of the last
    call, which was at `called_at`."""

    name: str = ""
    language: str = "en"
    open_matters: tuple[str, ...] = ()
    summary: str = ""
    called_at: datetime


class Callers:
    """The callers in the database at `url`, which the store has prepared. Every method may raise StoreError."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def find(self, who: Who) -> Remembered | None:
        """What is kept of this caller; None when nothing is."""
        with explained(self._engine), self._engine.connect() as connection:
            row = _find(connection, who)
        return None if row is None else _remembered(row)

    def keep(self, who: Who, remembered: Remembered, call_id: str) -> bool:
        """Keep it, and that the call was theirs. False when the number is that of a customer whom nobody verified in
        this call: whoever holds a telephone does not rewrite its owner."""
        with explained(self._engine):
            try:
                return self._keep(who, remembered, call_id)
            except IntegrityError:  # the same caller's other call was a moment earlier
                return self._keep(who, remembered, call_id)

    def _keep(self, who: Who, remembered: Remembered, call_id: str) -> bool:
        with self._engine.begin() as connection:
            row = _find(connection, who)
            if row is not None and row.customer and not who.customer:
                return False
            caller_id = row.id if row is not None else uuid4().hex
            values = _values(who, remembered, row, is_number_free=_is_free(connection, who, caller_id))
            if row is None:
                connection.execute(insert(callers).values(id=caller_id, profile=who.profile, **values))
            else:
                connection.execute(update(callers).where(callers.c.id == caller_id).values(**values))
            connection.execute(delete(caller_calls).where(caller_calls.c.call_id == call_id))
            connection.execute(insert(caller_calls).values(call_id=call_id, caller_id=caller_id))
        return True

    def forget(self, who: Who) -> int:
        """Delete the caller, and the records of their calls. How many callers that were."""
        with explained(self._engine), self._engine.begin() as connection:
            row = _find(connection, who)
            if row is None or (row.customer and not who.customer):
                return 0
            return _delete(connection, [row.id])

    def forget_everywhere(self, known_by: str) -> int:
        """The same in all profiles, for an operator: by number or by customer, whoever of the two it is."""
        wanted = select(callers.c.id).where(or_(callers.c.number == known_by, callers.c.customer == known_by))
        with explained(self._engine), self._engine.begin() as connection:
            return _delete(connection, list(connection.scalars(wanted)))

    def expire(self, before: datetime) -> int:
        """Delete who has not called since then, and every call that began before. How many rows that were."""
        with explained(self._engine), self._engine.begin() as connection:
            old = connection.execute(delete(callers).where(callers.c.called_at < before)).rowcount
            gone = connection.execute(delete(calls).where(calls.c.started_at < before)).rowcount
        return int(old + gone)

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def _find(connection: Connection, who: Who) -> Row[tuple[object, ...]] | None:
    """By customer; by number, unless that is another customer's."""
    mine = select(callers).where(callers.c.profile == who.profile)
    if who.customer:
        row = connection.execute(mine.where(callers.c.customer == who.customer)).one_or_none()
        if row is not None:
            return row
    if not who.number:
        return None
    row = connection.execute(mine.where(callers.c.number == who.number)).one_or_none()
    is_anothers = row is not None and who.customer and row.customer
    return None if is_anothers else row


def _is_free(connection: Connection, who: Who, caller_id: str) -> bool:
    """Whether the number belongs to nobody else: a family shares a telephone, and its first owner keeps it."""
    same = (callers.c.profile == who.profile) & (callers.c.number == who.number) & (callers.c.id != caller_id)
    return connection.execute(select(callers.c.id).where(same)).first() is None


def _values(
    who: Who, remembered: Remembered, row: Row[tuple[object, ...]] | None, *, is_number_free: bool
) -> dict[str, object]:
    return {
        "number": (who.number if is_number_free else "") or (row.number if row is not None else None),
        "customer": who.customer or (row.customer if row is not None else None),
        "name": remembered.name[:MAX_NAME],
        "language": remembered.language,
        "open_matters": list(remembered.open_matters[-MAX_OPEN:]),
        "summary": remembered.summary[:MAX_SUMMARY],
        "called_at": remembered.called_at,
    }


def _delete(connection: Connection, caller_ids: list[str]) -> int:
    theirs = select(caller_calls.c.call_id).where(caller_calls.c.caller_id.in_(caller_ids))
    connection.execute(delete(calls).where(calls.c.id.in_(theirs)))  # with their events: the key cascades
    return int(connection.execute(delete(callers).where(callers.c.id.in_(caller_ids))).rowcount)


def _remembered(row: Row[tuple[object, ...]]) -> Remembered:
    return Remembered(
        name=row.name,
        language=row.language,
        open_matters=tuple(row.open_matters),
        summary=row.summary,
        called_at=row.called_at,
    )
