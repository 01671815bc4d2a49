"""The store's engine: short timeouts, migration to head, UTC times, and every failure as one sentence for the operator.

Which tables there are is left to store.py, how they came about to migrations/.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from agent.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_S = 1.0  # the observers' thread waits this long for another process; its queue has room for far more
START_S = 15.0  # who starts beside another worker waits for its migration; no caller is there yet
LOCK = 0x7061726D  # "parm": workers that start at once migrate one after the other
CURES = {
    "SQLITE_FULL": "the disk is full; free some space",
    "SQLITE_IOERR": "the disk cannot be written or read; look at the disk",
    "SQLITE_BUSY": "another program holds it locked; end that program",
    "SQLITE_READONLY": "it is read-only; give the worker the right to write there",
    "SQLITE_CANTOPEN": "it cannot be opened; see that it is a file that the worker may write",
    "SQLITE_NOTADB": "the file is no SQLite database; move it away",
    "SQLITE_CORRUPT": "the file is damaged; move it away",
    "53100": "its disk is full; free some space there",
    "55P03": "another program holds it locked; end that program",
    "57014": "it took too long to answer",
    "25006": "it is read-only; use the primary server",
    "28P01": "it refused the password",
    "42501": "its user lacks the rights; grant them",
}


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
    """An engine that has opened nothing yet. Raises StoreError for a URL that cannot be one."""
    try:
        parsed = make_url(url)
        engine = create_engine(parsed, connect_args=_connect_args(parsed), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError):
        raise StoreError(
            "PARLEY_STORE_URL is not a database URL that can be used here; "
            "write sqlite:///file.db or postgresql+psycopg://user:password@host/name"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def migrate(engine: Engine) -> None:
    """Create the file and its folder when they are missing, and migrate to head in one transaction."""
    if engine.url.get_backend_name() == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with engine.connect() as connection, _patience(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            for limit in ("statement_timeout", "lock_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = {int(START_S * 1000)}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _patience(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "sqlite":  # whose wait is a setting of the transaction
        yield
        return
    raw = connection.connection.cursor()  # below SQLAlchemy, which would open the transaction that this waits for
    try:
        raw.execute(f"PRAGMA busy_timeout = {int(START_S * 1000)}")
        yield
    finally:
        raw.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
        raw.close()


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn whatever the database raises into a StoreError that says where and what to do. Never quotes a value."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        where = engine.url.render_as_string(hide_password=True)
        raise StoreError(f"the call store {where} failed: {_why(error)} (PARLEY_STORE_URL names it)") from None


def _why(error: SQLAlchemyError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}; see that its folder exists and can be written"
    original = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    if code is None:
        kind = type(original or error).__name__
        return f"it cannot be reached ({kind}); see that the server runs" if kind == "OperationalError" else kind
    # SQLite's extended codes begin with the plain one: SQLITE_READONLY_DIRECTORY
    known = code if code in CURES else "_".join(str(code).split("_")[:2])
    return CURES.get(known, str(code))


def _connect_args(url: URL) -> dict[str, str | float]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_S}
    limit = int(BUSY_S * 1000)
    return {"connect_timeout": 2, "options": f"-c statement_timeout={2 * limit} -c lock_timeout={limit}"}


def _on_sqlite_connect(connection: object, _: ConnectionPoolEntry) -> None:
    # sqlite3's own implicit BEGIN leaves DDL outside the transaction, so a half-made schema could stay
    connection.isolation_level = None  # type: ignore[attr-defined]  # SQLAlchemy types a DBAPI connection as object
    cursor = connection.cursor()  # type: ignore[attr-defined]
    # WAL: calls that write do not stop who reads; NORMAL: a power cut may cost the last events, never the file
    # secure_delete: what is forgotten is overwritten, not only left out
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    # IMMEDIATE waits for another process's lock at the start; a lock wanted later would fail at once
    connection.exec_driver_sql("BEGIN IMMEDIATE")
