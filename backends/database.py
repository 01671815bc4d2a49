"""What every SQL backend needs: an engine with short timeouts, migration to head, UTC times, speakable errors.

Which tables there are is left to the backend modules, how they came about to migrations/.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from agent.errors import ConfigError, Unavailable

log = logging.getLogger("parley.backends")

metadata = MetaData()
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_S = 1.0  # a caller waits for this in silence, so it stays well under the tool's own time limit
QUEUE_S = 4.0  # who writes stands in line behind every call that writes too, and would rather wait than ask again
START_S = 15.0  # who starts beside another worker waits for its migration; no caller is there yet
LOCK = 0x7061726C  # "parl": two workers that start at once migrate one after the other
UNREACHABLE = "I can't reach our system right now, please try again in a few minutes."


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time: stored as UTC, returned as UTC. SQLite would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, which mean something else on every machine."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What SQLite returns naive was stored as UTC."""
        return value if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def make_engine(url: str) -> Engine:
    """An engine that has opened nothing yet. Raises ConfigError for a URL that cannot be one."""
    try:
        parsed = make_url(url)
        engine = create_engine(parsed, connect_args=_connect_args(parsed), pool_pre_ping=True, **_pool(parsed))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError):
        raise ConfigError(
            "PARLEY_BACKEND_URL is not a database URL that can be used here; "
            "write sqlite:///file.db or postgresql+psycopg://user:password@host/name"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _own_transactions)
        event.listen(engine, "begin", _begin)
    return engine


def prepare_database(url: str, seed: Callable[[Connection], None]) -> None:
    """Create what is missing, migrate to head, then call `seed`, all in one transaction. Raises ConfigError."""
    engine = make_engine(url)
    where = engine.url.render_as_string(hide_password=True)
    try:
        if engine.url.get_backend_name() == "sqlite" and engine.url.database:
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        with _transaction(engine, START_S) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            _migrate(connection)
            seed(connection)
    except (SQLAlchemyError, OSError) as error:
        raise ConfigError(
            f"cannot prepare the backends' database {where} ({reason(error)}); "
            "check PARLEY_BACKEND_URL, the rights on it and the free disk space"
        ) from None
    finally:
        engine.dispose()


@contextmanager
def speakable(backend: str) -> Iterator[None]:
    """Turn whatever the database raises into Unavailable, so that no caller hears a traceback."""
    try:
        yield
    except SQLAlchemyError as error:
        log.warning("a backend did not answer", extra={"backend": backend, "reason": reason(error)})
        raise Unavailable(UNREACHABLE) from None


@contextmanager
def writing(engine: Engine, backend: str) -> Iterator[Connection]:
    """A transaction that may write: all of it is kept, or nothing. Raises Unavailable.

    SQLite lets one such transaction in at a time; on Postgres the first statement should lock what must not change.
    """
    with speakable(backend), _transaction(engine, QUEUE_S) as connection:
        yield connection


@contextmanager
def tidying(url: str, backend: str) -> Iterator[Connection]:
    """The same on a connection of its own, for what is deleted outside of calls. Raises Unavailable."""
    engine = make_engine(url)
    try:
        with writing(engine, backend) as connection:
            yield connection
    finally:
        engine.dispose()


def reason(error: BaseException) -> str:
    """A short name of what went wrong. Never the statement or its values, which may be a caller's."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    original = error.orig if isinstance(error, DBAPIError) else None
    for name in ("sqlite_errorname", "sqlstate"):
        if code := getattr(original, name, None):
            return str(code)
    return type(original or error).__name__


@contextmanager
def _transaction(engine: Engine, patience_s: float) -> Iterator[Connection]:
    """A transaction that may write, and waits so long for others that do."""
    milliseconds = int(patience_s * 1000)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            with _patience(connection, milliseconds), connection.execution_options(parley_writes=True).begin():
                yield connection
            return
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
            yield connection


@contextmanager
def _patience(connection: Connection, milliseconds: int) -> Iterator[None]:
    # set below SQLAlchemy, which would open the transaction that this waits for
    raw = connection.connection.cursor()
    try:
        raw.execute(f"PRAGMA busy_timeout = {milliseconds}")
        yield
    finally:
        raw.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
        raw.close()


def _pool(url: URL) -> dict[str, float]:
    is_memory = url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}
    return {} if is_memory else {"pool_timeout": BUSY_S}


def _connect_args(url: URL) -> dict[str, str | float]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_S}
    milliseconds = int(BUSY_S * 1000)
    return {
        "connect_timeout": 2,
        "options": f"-c statement_timeout={2 * milliseconds} -c lock_timeout={milliseconds}",
    }


def _own_transactions(connection: object, _: ConnectionPoolEntry) -> None:
    # sqlite3's own implicit BEGIN leaves DDL outside the transaction, so a half-made schema could stay
    connection.isolation_level = None  # type: ignore[attr-defined]  # SQLAlchemy types a DBAPI connection as object


def _begin(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("parley_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
