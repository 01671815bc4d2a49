"""The audit log in the database: records are added, never changed; each hangs on the one before it (chain.py). What
must be forgotten loses what it says, and the chain holds. Everything here blocks."""

import json
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Column, Connection, Integer, String, Table, Text, and_, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from agent.memory import chain
from agent.memory.chain import ERASED, Finding, Head, Link, Record, Signer, day_of
from agent.memory.database import UtcDateTime, explained, make_engine
from agent.memory.store import metadata

LOCK = 0x7061756C  # "paul": one writer at a time, whatever process it is in
PAGE = 1000
LAWFUL = ("CONSENT", ERASED)  # the proof that somebody agreed, or that they were forgotten, holds no word of theirs

audit_records = Table(
    "audit_records",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False, unique=True),
    Column("call_id", String(64), index=True),
    Column("kind", String(32)),
    Column("at", UtcDateTime),
    Column("written_at", UtcDateTime),
    Column("body", Text),
    Column("salt", String(32)),
    Column("digest", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)
_GONE = {"call_id": None, "kind": None, "at": None, "written_at": None, "body": None, "salt": None}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The audit log in the database at `url`, which the store has prepared; heads are signed when there is a `key`.
    Every method may raise StoreError."""

    def __init__(self, url: str, key: str, clock: Callable[[], datetime] = _utc_now) -> None:
        self._engine = make_engine(url)
        self._signer = Signer(key) if key else None
        self._clock = clock

    @property
    def public_key(self) -> str:
        """By which heads can be checked; empty without a key."""
        return self._signer.public_key if self._signer else ""

    def append(self, records: Sequence[Record]) -> int:
        """Add these in their order, all or none; those that are there already are not added again. How many were
        new."""
        if not records:
            return 0
        with explained(self._engine), self._engine.begin() as connection:
            _lock(connection)
            there = {known for ids in _batches(records) for known in connection.scalars(_known(ids))}
            new = {record.id: record for record in records if record.id not in there}
            self._add(connection, [*new.values()])
        return len(new)

    def erase(self, call_ids: Collection[str], why: str) -> dict[str, int]:
        """Take out what the records of these calls say, but for what the law keeps, and add a record that tells so. How
        many were erased and how many stay."""
        theirs = audit_records.c.call_id.in_([*call_ids])
        with explained(self._engine), self._engine.begin() as connection:
            _lock(connection)
            kept = len(connection.scalars(_positions(theirs & audit_records.c.kind.in_(LAWFUL))).all())
            return {"erased": self._erase(connection, theirs & audit_records.c.kind.not_in(LAWFUL), why), "kept": kept}

    def expire(self, before: datetime, kinds: Collection[str] = ()) -> int:
        """The same for what happened before then, of these kinds; of all kinds without any."""
        old = audit_records.c.at < before
        wanted = and_(old, audit_records.c.kind.in_([*kinds])) if kinds else and_(old, audit_records.c.kind != ERASED)
        with explained(self._engine), self._engine.begin() as connection:
            _lock(connection)
            return self._erase(connection, wanted, "retention")

    def verify(self, public_keys: Sequence[str] = ()) -> list[Finding]:
        """All that does not fit, with where. Without `public_keys` signatures are checked by the ledger's own key, if
        it has one."""
        keys = [*public_keys] or [key for key in (self.public_key,) if key]
        with explained(self._engine), self._engine.connect() as connection:
            heads = [Head(**row._asdict()) for row in connection.execute(select(audit_heads))]
            said = connection.scalars(select(audit_records.c.body).where(audit_records.c.kind == ERASED))
            erased = [span for body in said if body for span in _spans(body)]
            return [*chain.verify(_links(connection), heads, erased, keys)]

    def of(self, call_id: str) -> list[Link]:
        """The records of a call, in their order."""
        with explained(self._engine), self._engine.connect() as connection:
            return [*_links(connection, audit_records.c.call_id == call_id)]

    def all(self, since: datetime | None = None) -> Iterator[Link]:
        """Every record that says anything, in order."""
        wanted = audit_records.c.body.is_not(None)
        with explained(self._engine), self._engine.connect() as connection:
            yield from _links(connection, and_(wanted, audit_records.c.at >= since) if since else wanted)

    def heads(self) -> list[Head]:
        """One for each day, in order."""
        with explained(self._engine), self._engine.connect() as connection:
            return [Head(**row._asdict()) for row in connection.execute(select(audit_heads).order_by("day"))]

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    def _add(self, connection: Connection, records: Sequence[Record]) -> None:
        last = connection.execute(select(audit_records).order_by(audit_records.c.position.desc()).limit(1)).first()
        position, before = (last.position, last.hash) if last else (0, chain.FIRST)
        now, links = self._clock(), list[Link]()
        for record in records:
            position += 1
            links.append(chain.next_link(record, position, before, now, secrets.token_hex(16)))
            before = links[-1].hash
        if links:
            connection.execute(insert(audit_records), [_row(link) for link in links])
            self._sign(connection, day_of(now), position, before)

    def _sign(self, connection: Connection, day: str, position: int, hash_: str) -> None:
        signature = self._signer.sign(day, position, hash_) if self._signer else ""
        connection.execute(delete(audit_heads).where(audit_heads.c.day == day))
        connection.execute(insert(audit_heads).values(day=day, position=position, hash=hash_, signature=signature))

    def _erase(self, connection: Connection, wanted: ColumnElement[bool], why: str) -> int:
        gone = [*connection.scalars(_positions(wanted))]
        if not gone:
            return 0
        connection.execute(update(audit_records).where(wanted).values(_GONE))
        body = json.dumps({"positions": chain.ranges(gone), "why": why})
        record = Record(id=uuid4().hex, call_id="", kind=ERASED, at=self._clock(), body=body)
        self._add(connection, [record])
        return len(gone)


def _batches(records: Sequence[Record]) -> Iterator[list[str]]:
    """Their ids, as many at a time as every database takes."""
    for at in range(0, len(records), PAGE):
        yield [record.id for record in records[at : at + PAGE]]


def _known(ids: list[str]):  # type: ignore[no-untyped-def]  # a Select of one column
    return select(audit_records.c.id).where(audit_records.c.id.in_(ids))


def _positions(wanted: ColumnElement[bool]):  # type: ignore[no-untyped-def]  # a Select of one column
    return select(audit_records.c.position).where(wanted)


def _links(connection: Connection, wanted: ColumnElement[bool] | None = None) -> Iterator[Link]:
    """In pages, so that no log is too long."""
    last = -(2**31)  # nobody's position, whatever somebody has written there
    while True:
        page = select(audit_records).where(audit_records.c.position > last)
        page = page if wanted is None else page.where(wanted)
        rows = connection.execute(page.order_by(audit_records.c.position).limit(PAGE)).all()
        yield from (Link(**row._asdict()) for row in rows)
        if len(rows) < PAGE:
            return
        last = rows[-1].position


def _row(link: Link) -> dict[str, object]:
    return {column.name: getattr(link, column.name) for column in audit_records.columns}


def _spans(body: str) -> list[list[int]]:
    try:
        found = json.loads(body)["positions"]
        return [[int(first), int(last)] for first, last in found]
    except (ValueError, KeyError, TypeError):  # somebody has written into it: its own digest tells
        return []


def _lock(connection: Connection) -> None:
    """SQLite's transactions begin with the file's lock (database.py); Postgres has one of ours."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
