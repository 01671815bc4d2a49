"""Looking at what calls have left: which run now, which there were, what each was scored. Reads only, and blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from agent.memory.database import explained, make_engine
from agent.memory.results import call_results
from agent.memory.store import StoredCall, Value, call_events, calls

UTC_ZONE = ZoneInfo("UTC")
MOST = 20_000  # calls that one look may go through


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls. Days are in `zone`, the last one included; empty fields do not choose. `search` is the beginning of
    a call's id, or a reference that stands in its result."""

    since: date | None = None
    until: date | None = None
    profile: str = ""
    channel: str = ""
    reason: str = ""
    flag: str = ""
    search: str = ""
    zone: ZoneInfo = UTC_ZONE


@dataclass(frozen=True, slots=True)
class Scored:
    """A call that ended with a score."""

    started_at: datetime
    e2e_p50_ms: float | None
    e2e_p95_ms: float | None
    fields: dict[str, Value]


class Looking:
    """At the database at `url`. Every method may raise StoreError."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def live(self) -> list[tuple[StoredCall, str, datetime]]:
        """The calls that run: what happened last in each, and when."""
        later = call_events.alias()
        positions = select(func.max(later.c.position)).where(later.c.call_id == calls.c.id)
        wanted = (
            select(calls, call_events.c.kind, call_events.c.at)
            .join(call_events, call_events.c.call_id == calls.c.id)
            .where(calls.c.ended_at.is_(None), call_events.c.position == positions.correlate(calls).scalar_subquery())
            .order_by(calls.c.started_at)
        )
        return [(_call(row), row.kind, row.at) for row in self._rows(wanted)]

    def calls(self, wanted: Wanted, limit: int = 50, offset: int = 0) -> list[StoredCall]:
        """The latest first."""
        chosen = select(calls).where(*_conditions(wanted)).order_by(calls.c.started_at.desc(), calls.c.id)
        if not wanted.flag:
            return [_call(row) for row in self._rows(chosen.limit(limit).offset(offset))]
        # flags are a list in JSON, which SQLite and Postgres search in ways of their own
        flagged = [call for row in self._rows(chosen.limit(MOST)) if wanted.flag in (call := _call(row)).flags]
        return flagged[offset : offset + limit]

    def scored(self, wanted: Wanted) -> list[Scored]:
        """The scores of those that ended, the oldest first, MOST at most."""
        chosen = (
            select(calls.c.started_at, calls.c.e2e_p50_ms, calls.c.e2e_p95_ms, call_events.c.fields)
            .join(call_events, and_(call_events.c.call_id == calls.c.id, call_events.c.kind == "CallScored"))
            .where(*_conditions(wanted))
            .order_by(calls.c.started_at)
            .limit(MOST)
        )
        return [Scored(row.started_at, row.e2e_p50_ms, row.e2e_p95_ms, row.fields) for row in self._rows(chosen)]

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    def _rows(self, wanted: Select) -> Sequence[Row]:  # type: ignore[type-arg]  # columns of three kinds of row
        with explained(self._engine), self._engine.connect() as connection:
            return connection.execute(wanted).all()


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(calls.c.started_at >= _midnight(wanted.since, wanted.zone))
    if wanted.until:
        found.append(calls.c.started_at < _midnight(wanted.until + timedelta(days=1), wanted.zone))
    for column, value in (
        (calls.c.profile, wanted.profile),
        (calls.c.channel, wanted.channel),
        (calls.c.end_reason, wanted.reason),
    ):
        if value:
            found.append(column == value)
    if wanted.search:
        in_result = select(call_results.c.call_id).where(
            call_results.c.result.contains(f'"id": "{wanted.search}"', autoescape=True)
        )
        found.append(or_(calls.c.id.startswith(wanted.search, autoescape=True), calls.c.id.in_(in_result)))
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _call(row: Row) -> StoredCall:  # type: ignore[type-arg]  # as above
    values = {column.name: getattr(row, column.name) for column in calls.columns}
    return StoredCall(**{**values, "flags": tuple(row.flags)})
