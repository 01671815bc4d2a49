"""The store: one row per call and one per event of it, without a word of what the caller said.

SQLite by default, Postgres by URL. Everything here blocks: it is called on the observers' thread or at start-up.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    select,
    update,
)

from agent.memory.database import UtcDateTime, explained, make_engine, migrate

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """What is kept of a call. `ended_at` and `end_reason` are None while it lasts; `taken_up` counts the jobs that went
    on with it after another's death."""

    id: str
    profile: str
    channel: str
    started_at: datetime
    ended_at: datetime | None = None
    end_reason: str | None = None
    turns: int = 0
    interruptions: int = 0
    tool_calls: int = 0
    tool_failures: int = 0
    provider_failures: int = 0
    connection_losses: int = 0
    taken_up: int = 0
    flags: tuple[str, ...] = ()
    e2e_p50_ms: float | None = None
    e2e_p95_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event of a call: `position` counts from 0, `kind` is its class's name, `fields` its public fields."""

    position: int
    at: datetime
    kind: str
    fields: dict[str, Value]


metadata = MetaData()
calls = Table(
    "calls",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("profile", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("ended_at", UtcDateTime),
    Column("end_reason", String(32)),
    Column("turns", Integer, nullable=False),
    Column("interruptions", Integer, nullable=False),
    Column("tool_calls", Integer, nullable=False),
    Column("tool_failures", Integer, nullable=False),
    Column("provider_failures", Integer, nullable=False),
    Column("connection_losses", Integer, nullable=False),
    Column("taken_up", Integer, nullable=False, server_default="0"),
    Column("flags", JSON, nullable=False),
    Column("e2e_p50_ms", Float),
    Column("e2e_p95_ms", Float),
)
call_events = Table(
    "call_events",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("fields", JSON, nullable=False),
)


class Store:
    """The calls in the database at `url`. Opens nothing before it is used. Every method may raise StoreError."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def prepare(self) -> None:
        """Create the database file if need be and migrate it to head."""
        with explained(self._engine):
            migrate(self._engine)

    def save(self, call: StoredCall, events: Sequence[StoredEvent]) -> None:
        """Write the call as it stands, new or known, and add these events: all or nothing."""
        with explained(self._engine), self._engine.begin() as connection:
            _upsert(connection, call)
            if events:
                connection.execute(insert(call_events), [{"call_id": call.id, **asdict(event)} for event in events])

    def call(self, call_id: str) -> StoredCall | None:
        """One call, or None when there is none of that id."""
        with explained(self._engine), self._engine.connect() as connection:
            row = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
        return None if row is None else StoredCall(**{**row._asdict(), "flags": tuple(row.flags)})

    def events(self, call_id: str) -> list[StoredEvent]:
        """A call's events in the order in which they happened."""
        wanted = select(call_events).where(call_events.c.call_id == call_id).order_by(call_events.c.position)
        with explained(self._engine), self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        return [StoredEvent(position=row.position, at=row.at, kind=row.kind, fields=row.fields) for row in rows]

    def recent(self, limit: int = 50) -> list[StoredCall]:
        """The latest calls, newest first."""
        wanted = select(calls).order_by(calls.c.started_at.desc(), calls.c.id).limit(limit)
        with explained(self._engine), self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        return [StoredCall(**{**row._asdict(), "flags": tuple(row.flags)}) for row in rows]

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def _upsert(connection: Connection, call: StoredCall) -> None:
    values = asdict(call) | {"flags": list(call.flags)}
    if not connection.execute(update(calls).where(calls.c.id == call.id).values(**values)).rowcount:
        connection.execute(insert(calls).values(**values))
