"""All that the store holds of somebody: which calls were theirs, every row of those, and how it is deleted.

Tables are found by their columns, so that one which is added tomorrow is told and deleted, too. Everything here blocks.
"""

from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import LargeBinary, Table, delete, or_, select

import agent.memory.confirmations
import agent.memory.results  # noqa: F401  # whose tables are two of those that are found
from agent.memory.callers import caller_calls, callers
from agent.memory.database import explained, make_engine
from agent.memory.ledger import audit_records
from agent.memory.store import calls, metadata

Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Holder:
    """The store's rows in the database at `url`, which the store has prepared. Every method may raise StoreError."""

    url: str

    def calls_of(self, known_by: str, more: Iterable[str] = ()) -> list[str]:
        """The ids of the calls of whoever has this number or customer's id, or of that call itself; of `more` ids,
        those that the store knows."""
        theirs = select(callers.c.id).where(or_(callers.c.number == known_by, callers.c.customer == known_by))
        named = [known_by, *more]
        queries = (
            select(caller_calls.c.call_id).where(caller_calls.c.caller_id.in_(theirs)),
            select(calls.c.id).where(calls.c.id.in_(named)),
            select(audit_records.c.call_id).where(audit_records.c.call_id.in_(named)).distinct(),
        )
        engine = make_engine(self.url)
        with explained(engine), engine.connect() as connection:
            found = {one: None for query in queries for one in connection.scalars(query) if one}
        engine.dispose()
        return [*found]

    def rows(self, known_by: str, call_ids: Collection[str]) -> Rows:
        """Every row about them, by table, as JSON has it; what is sealed for the life of a call is left out."""
        engine, found = make_engine(self.url), Rows()
        with explained(engine), engine.connect() as connection:
            wanted = or_(callers.c.number == known_by, callers.c.customer == known_by)
            found["callers"] = [_plain(row._asdict()) for row in connection.execute(select(callers).where(wanted))]
            for table in _of_numbers():
                rows = connection.execute(select(table).where(table.c.number == known_by))
                found[table.name] = [_plain(row._asdict()) for row in rows]
            for table in _of_calls():
                key = table.c.id if table is calls else table.c.call_id
                rows = connection.execute(select(table).where(key.in_([*call_ids])))
                found[table.name] = [_plain(row._asdict()) for row in rows]
        engine.dispose()
        return {name: rows for name, rows in found.items() if rows}

    def delete_calls(self, call_ids: Collection[str]) -> dict[str, int]:
        """Delete every row of these calls but those of the audit log, which has its own way; how many of each table."""
        engine, count = make_engine(self.url), dict[str, int]()
        with explained(engine), engine.begin() as connection:
            for table in reversed(_of_calls()):
                if table is not audit_records:
                    key = table.c.id if table is calls else table.c.call_id
                    gone = connection.execute(delete(table).where(key.in_([*call_ids]))).rowcount
                    count |= {table.name: gone} if gone else {}
        engine.dispose()
        return count

    def settle(self) -> None:
        """Let nothing of what was deleted stay in SQLite's log of changes; a server does so by itself."""
        engine = make_engine(self.url)
        if engine.url.get_backend_name() == "sqlite":
            with explained(engine), closing(engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()


def _of_calls() -> list[Table]:
    """Tables that have rows of single calls, parents first."""
    return [
        table
        for table in metadata.sorted_tables
        if (table is calls or "call_id" in table.c) and not any(isinstance(c.type, LargeBinary) for c in table.c)
    ]


def _of_numbers() -> list[Table]:
    """Tables of calls that we make, which know people by their number alone."""
    return [table for table in metadata.sorted_tables if "number" in table.c and table is not callers]


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
