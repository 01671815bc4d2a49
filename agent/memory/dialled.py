"""Calls that we make: what was wanted, every decision with its reason, every attempt and what came of it; who wants no
calls, and who agreed to some. Whether a number may be called is rules/dialling's. Everything here blocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from agent.memory.database import UtcDateTime, explained, make_engine
from agent.memory.store import metadata
from agent.rules.dialling import Decision, Known, Outcome

WAITING, CALLING, DONE = "waiting", "calling", "done"
RECENT = timedelta(days=2)  # attempts that may count for today, wherever that is

dials = Table(
    "dials",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("list", String(64), nullable=False),
    Column("row", String(64), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("number", String(32), nullable=False, index=True),
    Column("fields", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(32)),
    Column("next_at", UtcDateTime, nullable=False),
    UniqueConstraint("list", "row"),
)
dial_decisions = Table(
    "dial_decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("dial_id", String(32), ForeignKey("dials.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
)
dial_attempts = Table(
    "dial_attempts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("dial_id", String(32), ForeignKey("dials.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("number", String(32), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("has_rung", Integer, nullable=False),
    Column("answered_by", String(16)),
    Column("outcome", String(32)),
    Column("ended_at", UtcDateTime),
)
dial_claims = Table(
    "dial_claims",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("attempt_id", String(32), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
opt_outs = Table(
    "opt_outs",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String(80), nullable=False),
)
call_consents = Table(
    "call_consents",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("profile", String(64), primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String(200), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One call that is wanted, by its row in a list. `fields` go into what is said; `attempts` counts those that
    rang."""

    id: str
    list: str
    row: str
    profile: str
    purpose: str
    number: str
    fields: Mapping[str, str] = field(default_factory=dict)
    state: str = WAITING
    outcome: str | None = None
    next_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One time that it was tried, with what it was for. `answered_by` is what the agent told."""

    id: str
    dial: Dial
    at: datetime
    answered_by: str | None = None
    outcome: str | None = None


class Dialled:
    """The calls in the database at `url`, which the store has prepared. Every method may raise StoreError."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def want(self, wanted: Sequence[Dial]) -> list[Dial]:
        """Keep that these calls of one list are wanted: as they stand, in the order of their rows, with those that a
        run before has written."""
        if not wanted:
            return []
        name = wanted[0].list
        with explained(self._engine), self._engine.begin() as connection:
            known = set(connection.scalars(select(dials.c.row).where(dials.c.list == name)))
            new = [{column: getattr(one, column) for column in dials.c.keys()} for one in wanted]  # noqa: SIM118  # no dict
            if fresh := [{**one, "fields": dict(one["fields"])} for one in new if one["row"] not in known]:
                connection.execute(insert(dials), fresh)
        return self.of(name)

    def of(self, name: str) -> list[Dial]:
        """The calls of a list, in the order of its rows."""
        with explained(self._engine), self._engine.connect() as connection:
            return [Dial(**row._asdict()) for row in connection.execute(_of(name).order_by(dials.c.row))]

    def next_of(self, name: str) -> Dial | None:
        """The call of a list that is due first; None when none waits."""
        first = _of(name).where(dials.c.state == WAITING).order_by(dials.c.next_at, dials.c.row).limit(1)
        with explained(self._engine), self._engine.connect() as connection:
            row = connection.execute(first).one_or_none()
        return None if row is None else Dial(**row._asdict())

    def known(self, dial: Dial, now: datetime) -> Known:
        """What the record says of the number and of calling it for this."""
        agreed = and_(
            call_consents.c.number == dial.number,
            call_consents.c.profile == dial.profile,
            call_consents.c.purpose == dial.purpose,
        )
        rang = select(dial_attempts.c.at).where(
            dial_attempts.c.number == dial.number, dial_attempts.c.at > now - RECENT, dial_attempts.c.has_rung == 1
        )
        claimed = select(dial_claims.c.number).where(dial_claims.c.number == dial.number, dial_claims.c.until > now)
        with explained(self._engine), self._engine.connect() as connection:
            return Known(
                has_opted_out=_is_there(connection, select(opt_outs.c.number).where(opt_outs.c.number == dial.number)),
                has_consented=_is_there(connection, select(call_consents.c.number).where(agreed)),
                is_in_a_call=_is_there(connection, claimed),
                attempts=tuple(connection.scalars(rang)),
            )

    def decided(self, dial: Dial, decision: Decision, now: datetime) -> None:
        """Write the decision down; a call that will never be made is done with."""
        with explained(self._engine), self._engine.begin() as connection:
            written = {"verdict": decision.verdict.value, "reason": decision.reason.value}
            connection.execute(insert(dial_decisions).values(dial_id=dial.id, at=now, **written))
            if decision.verdict == "never":
                done = {"state": DONE, "outcome": decision.reason.value}
                connection.execute(update(dials).where(dials.c.id == dial.id).values(**done))
            elif decision.at is not None:
                connection.execute(update(dials).where(dials.c.id == dial.id).values(next_at=decision.at))

    def decisions(self, dial: Dial) -> list[tuple[datetime, str, str]]:
        """When what was decided about it, and why."""
        wanted = select(dial_decisions).where(dial_decisions.c.dial_id == dial.id).order_by(dial_decisions.c.id)
        with explained(self._engine), self._engine.connect() as connection:
            return [(row.at, row.verdict, row.reason) for row in connection.execute(wanted)]

    def begin(self, dial: Dial, now: datetime, until: datetime) -> str | None:
        """An attempt begins, and the number is ours `until` then. Its id; None when another has the number, or the
        call: of all processes that want it one gets it."""
        attempt_id = uuid4().hex
        with explained(self._engine):
            try:
                with self._engine.begin() as connection:
                    mine = and_(dials.c.id == dial.id, dials.c.state == WAITING)
                    if not connection.execute(update(dials).where(mine).values(state=CALLING)).rowcount:
                        return None
                    over = and_(dial_claims.c.number == dial.number, dial_claims.c.until <= now)
                    connection.execute(delete(dial_claims).where(over))
                    claim = {"number": dial.number, "attempt_id": attempt_id, "until": until}
                    connection.execute(insert(dial_claims).values(**claim))
                    attempt = {"id": attempt_id, "dial_id": dial.id, "number": dial.number, "at": now, "has_rung": 1}
                    connection.execute(insert(dial_attempts).values(**attempt))
            except IntegrityError:
                return None
        return attempt_id

    def ended(
        self, attempt_id: str, outcome: Outcome, now: datetime, *, has_rung: bool, next_at: datetime | None
    ) -> None:
        """What came of it; it is wanted again at `next_at`, or done with."""
        with explained(self._engine), self._engine.begin() as connection:
            result = {"outcome": outcome.value, "ended_at": now, "has_rung": int(has_rung)}
            connection.execute(update(dial_attempts).where(dial_attempts.c.id == attempt_id).values(**result))
            connection.execute(delete(dial_claims).where(dial_claims.c.attempt_id == attempt_id))
            after = {"state": WAITING if next_at else DONE, "outcome": outcome.value}
            if next_at:
                after["next_at"] = next_at  # type: ignore[assignment]  # one column is a time
            owner = select(dial_attempts.c.dial_id).where(dial_attempts.c.id == attempt_id).scalar_subquery()
            connection.execute(update(dials).where(dials.c.id == owner).values(**after))

    def attempt(self, attempt_id: str) -> Attempt | None:
        """One attempt, or None when there is none of that id."""
        wanted = (
            select(
                dial_attempts.c.id.label("attempt_id"),
                dial_attempts.c.at,
                dial_attempts.c.answered_by,
                dial_attempts.c.outcome.label("came_to"),
                dials,
            )
            .join(dials, dials.c.id == dial_attempts.c.dial_id)
            .where(dial_attempts.c.id == attempt_id)
        )
        with explained(self._engine), self._engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else _attempt(row._asdict())

    def unfinished(self, name: str) -> list[Attempt]:
        """Attempts of a list whose end nobody has written down: their process has died, or runs."""
        wanted = (
            select(dial_attempts.c.id)
            .join(dials, dials.c.id == dial_attempts.c.dial_id)
            .where(dials.c.list == name, dial_attempts.c.outcome.is_(None))
        )
        with explained(self._engine), self._engine.connect() as connection:
            found = list(connection.scalars(wanted))
        return [one for one in map(self.attempt, found) if one is not None]

    def answered(self, attempt_id: str, by: str) -> None:
        """The agent tells who answered."""
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(update(dial_attempts).where(dial_attempts.c.id == attempt_id).values(answered_by=by))

    def opt_out(self, number: str, source: str, now: datetime) -> None:
        """Nobody of ours calls this number again, for whatever profile. `source` says how we know."""
        self._keep(insert(opt_outs).values(number=number, at=now, source=source[:80]))

    def has_opted_out(self, number: str) -> bool:
        """Whether its owner wants no calls."""
        with explained(self._engine), self._engine.connect() as connection:
            return _is_there(connection, select(opt_outs.c.number).where(opt_outs.c.number == number))

    def consent(self, number: str, profile: str, purpose: str, source: str, now: datetime) -> None:
        """The number's owner agreed to such calls; `source` says where that can be shown."""
        values = {"number": number, "profile": profile, "purpose": purpose, "at": now, "source": source[:200]}
        self._keep(insert(call_consents).values(**values))

    def expire(self, before: datetime) -> int:
        """Delete the calls that were last wanted before then; opt-outs and consents stay. How many."""
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(delete(dial_claims).where(dial_claims.c.until < before))
            return int(connection.execute(delete(dials).where(dials.c.next_at < before)).rowcount)

    def forget(self, number: str) -> int:
        """Delete the calls to a number. That it wants none stays, or it would be called again. How many."""
        with explained(self._engine), self._engine.begin() as connection:
            connection.execute(delete(call_consents).where(call_consents.c.number == number))
            return int(connection.execute(delete(dials).where(dials.c.number == number)).rowcount)

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    def _keep(self, statement) -> None:  # type: ignore[no-untyped-def]  # an Insert of any table
        with explained(self._engine):
            try:
                with self._engine.begin() as connection:
                    connection.execute(statement)
            except IntegrityError:  # it is known already: the first time counts
                pass


def _of(name: str):  # type: ignore[no-untyped-def]  # a Select of a Dial's columns
    rang = (
        select(func.coalesce(func.sum(dial_attempts.c.has_rung), 0))
        .where(dial_attempts.c.dial_id == dials.c.id)
        .scalar_subquery()
    )
    return select(dials, rang.label("attempts")).where(dials.c.list == name)


def _is_there(connection, wanted) -> bool:  # type: ignore[no-untyped-def]  # a Select of any table
    return connection.execute(wanted.limit(1)).first() is not None


def _attempt(row: dict[str, object]) -> Attempt:
    attempt_id, at, by, came_to = (row.pop(name) for name in ("attempt_id", "at", "answered_by", "came_to"))
    return Attempt(id=attempt_id, at=at, answered_by=by, outcome=came_to, dial=Dial(**row))  # type: ignore[arg-type]
