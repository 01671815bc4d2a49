"""Results of calls: one row each, which is also the outbox of those that are to be posted. Everything here blocks.

A row goes with its call's record: retention and forgetting need not know of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, insert, select, update

from agent.memory.database import UtcDateTime, explained, make_engine
from agent.memory.store import metadata

LEASE = timedelta(minutes=2)  # in one worker's hands; longer than any request takes
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)

call_results = Table(
    "call_results",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("profile", String(64), nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("result", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Due:
    """A result that is to be posted; `key` is the call's id, `body` the JSON, the same at every try."""

    key: str
    body: str


class Results:
    """Those in the database at `url`, which the store has prepared. Every method may raise StoreError."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def keep(self, call_id: str, profile: str, result: Mapping[str, object], now: datetime, *, is_due: bool) -> bool:
        """Keep it, and let it be posted if it `is_due`. False when the call has one already, which stands."""
        row = {
            "call_id": call_id,
            "profile": profile,
            "made_at": now,
            "result": json.dumps(result),
            "state": "due" if is_due else "kept",
            "tries": 0,
            "due_at": now,
        }
        with explained(self._engine), self._engine.begin() as connection:
            if connection.execute(select(call_results.c.call_id).where(call_results.c.call_id == call_id)).first():
                return False
            connection.execute(insert(call_results).values(row))
        return True

    def find(self, call_id: str) -> dict[str, object] | None:
        """The call's result; None when it has none."""
        with explained(self._engine), self._engine.connect() as connection:
            text = connection.scalar(select(call_results.c.result).where(call_results.c.call_id == call_id))
        return None if text is None else dict(json.loads(text))

    def claim(self, profile: str, now: datetime, limit: int = 20) -> list[Due]:
        """Those that are due, the oldest first; nobody else gets them until LEASE is over. Of two workers that claim at
        once each gets its own."""
        table = call_results.c
        is_due = (table.profile == profile) & (table.state == "due") & (table.due_at <= now)
        wanted = select(call_results).where(is_due).order_by(table.due_at).limit(limit)
        found = []
        with explained(self._engine), self._engine.begin() as connection:
            for row in connection.execute(wanted).all():
                is_mine = (table.call_id == row.call_id) & (table.state == "due") & (table.due_at == row.due_at)
                taken = update(call_results).where(is_mine).values(due_at=now + LEASE, tries=row.tries + 1)
                if connection.execute(taken).rowcount:
                    found.append(Due(row.call_id, row.result))
        return found

    def sent(self, call_id: str) -> None:
        """It has arrived: never again."""
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(update(call_results).where(call_results.c.call_id == call_id).values(state="sent"))

    def later(self, call_id: str, now: datetime) -> None:
        """It has not: again after a while, twice as long each time, and not for ever."""
        one = call_results.c.call_id == call_id
        with explained(self._engine), self._engine.begin() as connection:
            row = connection.execute(select(call_results).where(one)).one_or_none()
            if row is None:
                return
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries - 1, 10))
            state = "due" if now - row.made_at < GIVE_UP_AFTER else "failed"
            connection.execute(update(call_results).where(one).values(state=state, due_at=now + wait))

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()
