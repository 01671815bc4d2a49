"""What is to be sent after a call: rows of a table that are lent to one worker at a time, tried again more and more
rarely, and never sent again once they have arrived. Everything here blocks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Engine, ForeignKey, Integer, MetaData, Row, String, Table, Text, select, update

from agent.memory.database import UtcDateTime, explained

LEASE = timedelta(minutes=2)  # in one worker's hands; longer than any request takes
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be sent; `key` is the call's id, `body` JSON, both the same at every try."""

    key: str
    body: str


def outbox_table(name: str, metadata: MetaData, body: str) -> Table:
    """A row for each call, which goes with the call's record: retention and forgetting need not know of it. The column
    `body` holds what is sent."""
    return Table(
        name,
        metadata,
        Column("call_id", String(64), ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
        Column("profile", String(64), nullable=False, index=True),
        Column("made_at", UtcDateTime, nullable=False, index=True),
        Column(body, Text, nullable=False),
        Column("state", String(8), nullable=False),
        Column("tries", Integer, nullable=False),
        Column("due_at", UtcDateTime, nullable=False, index=True),
    )


class Lending:
    """The rows of one such table. `when_over` is what is written into a row that is not sent again, whether it arrived
    or was given up. Every method may raise StoreError."""

    def __init__(self, engine: Engine, table: Table, when_over: dict[str, str] | None = None) -> None:
        self._engine = engine
        self._table = table
        self._when_over = when_over or {}

    def claim(self, profile: str, now: datetime, limit: int = 20) -> list[Row[Any]]:
        """Those that are due, the oldest first; nobody else gets them until LEASE is over. Of two workers that claim at
        once each gets its own."""
        table = self._table.c
        is_due = (table.profile == profile) & (table.state == "due") & (table.due_at <= now)
        wanted = select(self._table).where(is_due).order_by(table.due_at).limit(limit)
        found = []
        with explained(self._engine), self._engine.begin() as connection:
            for row in connection.execute(wanted).all():
                is_mine = (table.call_id == row.call_id) & (table.state == "due") & (table.due_at == row.due_at)
                taken = update(self._table).where(is_mine).values(due_at=now + LEASE, tries=row.tries + 1)
                if connection.execute(taken).rowcount:
                    found.append(row)
        return found

    def sent(self, call_id: str) -> None:
        """It has arrived: never again."""
        one = self._table.c.call_id == call_id
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(update(self._table).where(one).values(state="sent", **self._when_over))

    def later(self, call_id: str, now: datetime) -> None:
        """It has not: again after a while, twice as long each time, and not for ever."""
        one = self._table.c.call_id == call_id
        with explained(self._engine), self._engine.begin() as connection:
            row = connection.execute(select(self._table).where(one)).one_or_none()
            if row is None:
                return
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries - 1, 10))
            is_over = now - row.made_at >= GIVE_UP_AFTER
            values = {"state": "failed", **self._when_over} if is_over else {"state": "due"}
            connection.execute(update(self._table).where(one).values(due_at=now + wait, **values))
