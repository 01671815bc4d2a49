"""What a running call needs to be taken up by another job when its own dies: sealed, and for the call's life alone.

Also who is left to do so: each worker beats, and whoever sees a beat stand still takes that worker's calls. Everything
here blocks.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import Column, Integer, LargeBinary, String, Table, delete, insert, select, update

from agent.memory.database import UtcDateTime, explained, make_engine
from agent.memory.store import calls, metadata
from agent.secrets.derived_key import box

kept_calls = Table(
    "kept_calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("room", String(64), nullable=False, index=True),
    Column("worker", String(64), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
)
workers = Table(
    "workers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("beat", Integer, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
)
CRASHED = "crashed"
NOBODY = ""  # the worker of a call that has broken off: its caller may ring again


@dataclass(frozen=True, slots=True)
class Seal:
    """Keys from LiveKit's secret, which lies in no database: one for each call, and a mark that hides a room's name."""

    secret: str

    def room(self, name: str) -> str:
        """The room's name as the database knows it; a room may be named after a telephone number."""
        return hmac.new(self.secret.encode(), f"parley room {name}".encode(), hashlib.sha256).hexdigest()

    def close(self, call_id: str, state: bytes) -> bytes:
        """The state, sealed."""
        return box(self.secret, f"call {call_id}").encrypt(state)

    def open(self, call_id: str, sealed: bytes) -> bytes | None:
        """The state; None when another secret, or another call's, sealed it."""
        try:
            return box(self.secret, f"call {call_id}").decrypt(sealed)
        except InvalidToken:
            return None


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One row; `state` is None where it cannot be opened. `room` is the mark of the room's name."""

    call_id: str
    room: str
    worker: str
    state: bytes | None
    kept_at: datetime


class KeptCalls:
    """The kept calls in the database at `url`, sealed with `secret`. Every method may raise StoreError."""

    def __init__(self, url: str, secret: str) -> None:
        self._engine = make_engine(url)
        self.seal = Seal(secret)

    def keep(self, call_id: str, room: str, worker: str, state: bytes, now: datetime) -> None:
        """Write what the call is now; `worker` is who runs its job."""
        values = {
            "room": self.seal.room(room),
            "worker": worker,
            "sealed": self.seal.close(call_id, state),
            "kept_at": now,
        }
        with explained(self._engine), self._engine.begin() as connection:
            changed = update(kept_calls).where(kept_calls.c.call_id == call_id).values(**values)
            if not connection.execute(changed).rowcount:
                connection.execute(insert(kept_calls).values(call_id=call_id, **values))

    def drop(self, call_id: str) -> None:
        """The call is over: nothing of it stays here."""
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(delete(kept_calls).where(kept_calls.c.call_id == call_id))

    def find(self, room: str) -> KeptCall | None:
        """The call that runs, or ran until its job died, in the room of that name."""
        wanted = (
            select(kept_calls).where(kept_calls.c.room == self.seal.room(room)).order_by(kept_calls.c.kept_at.desc())
        )
        found = self._rows(wanted.limit(1))
        return found[0] if found else None

    def of(self, worker_ids: Sequence[str]) -> list[KeptCall]:
        """The calls that these workers answer for."""
        return self._rows(select(kept_calls).where(kept_calls.c.worker.in_(worker_ids)))

    def claim(self, dead: str, heir: str) -> int:
        """From now on the heir answers for the dead worker's calls; of two heirs one gets them. How many they are."""
        with explained(self._engine), self._engine.begin() as connection:
            taken = connection.execute(update(kept_calls).where(kept_calls.c.worker == dead).values(worker=heir))
            connection.execute(delete(workers).where(workers.c.id == dead))
        return taken.rowcount

    def beat(self, worker_id: str, now: datetime) -> dict[str, int]:
        """This worker lives; the beats of all, by id. Also of those that have calls and never beat: 0."""
        with explained(self._engine), self._engine.begin() as connection:
            values = {"beat": workers.c.beat + 1, "beat_at": now}
            if not connection.execute(update(workers).where(workers.c.id == worker_id).values(values)).rowcount:
                connection.execute(insert(workers).values(id=worker_id, beat=1, beat_at=now))
            owned = select(kept_calls.c.worker).where(kept_calls.c.worker != NOBODY)
            owners = connection.execute(owned.distinct()).scalars()
            found = dict.fromkeys(owners, 0)
            found |= {row.id: row.beat for row in connection.execute(select(workers)).all()}
        return found

    def leave(self, worker_id: str) -> None:
        """The worker ends in order."""
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(delete(workers).where(workers.c.id == worker_id))

    def close_lost(self, now: datetime, older_than: timedelta) -> int:
        """Close, as crashed, the records of calls without an end that nobody keeps; how many. One that runs after all
        opens its own again with the next thing it writes."""
        is_lost = (
            calls.c.ended_at.is_(None)
            & (calls.c.started_at < now - older_than)
            & calls.c.id.not_in(select(kept_calls.c.call_id))
        )
        is_stale = (kept_calls.c.worker == NOBODY) & (kept_calls.c.kept_at < now - older_than)
        with explained(self._engine), self._engine.begin() as connection:  # nobody has rung again
            connection.execute(delete(kept_calls).where(is_stale))
        return self._close(is_lost, now)

    def bury(self, call_id: str, now: datetime) -> None:
        """The call cannot be taken up: its record is closed as crashed, and what was kept of it goes."""
        self._close((calls.c.id == call_id) & calls.c.ended_at.is_(None), now)
        self.drop(call_id)

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    def _close(self, which, now: datetime) -> int:  # type: ignore[no-untyped-def]  # SQLAlchemy's own kind of bool
        with explained(self._engine), self._engine.begin() as connection:
            return connection.execute(update(calls).where(which).values(ended_at=now, end_reason=CRASHED)).rowcount

    def _rows(self, wanted) -> list[KeptCall]:  # type: ignore[no-untyped-def]  # a Select of four columns
        with explained(self._engine), self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
        return [
            KeptCall(row.call_id, row.room, row.worker, self.seal.open(row.call_id, row.sealed), row.kept_at)
            for row in rows
        ]
