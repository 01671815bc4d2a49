"""Runs a SELECT that agent/rules/readonly_sql.py has scoped, where nothing can be written and nothing takes long.

A second wall: whatever the first one let through, SQLite's authorizer or Postgres's role knows readable columns only.
"""

import asyncio
import sqlite3
import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import quote

import psycopg
from psycopg import sql as pg
from sqlalchemy import Connection

from agent.errors import Refused, Unavailable
from backends.database import BUSY_S, UNREACHABLE, make_engine

ROLE = "parley_reader"
LIMIT_S = 1.0
MAX_VALUE_BYTES = 100_000
TOO_MUCH = "That took too long to work out. Please ask for less at once."
NOT_LIKE_THAT = "I couldn't work that out. Please ask it another way."

# What SQLite calls by itself for LIKE and for the grammar's functions; a name that is missing here is denied.
_FUNCTIONS = frozenset(
    {
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "abs",
        "round",
        "coalesce",
        "nullif",
        "ifnull",
        "iif",
        "lower",
        "upper",
        "trim",
        "length",
        "substr",
        "substring",
        "date",
        "strftime",
        "current_date",
        "like",
    }
)
_SQLITE_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 8,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

Value = str | int | float | bool | Decimal | date | datetime | bytes | None


@dataclass(frozen=True, slots=True)
class Readable:
    """A table that questions may read: `columns` are what they see, `owner` says whose a row is."""

    source: str
    owner: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer; `is_cut` when there was more than the limit."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    is_cut: bool


class ReadOnly:
    """The door for questions. Every question has a connection of its own, so that none inherits anything."""

    def __init__(self, url: str, tables: Collection[Readable], limit_s: float = LIMIT_S) -> None:
        self._engine = make_engine(url)
        self._reads = {(table.source, column) for table in tables for column in (*table.columns, table.owner, "")}
        self._limit_s = limit_s

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """What the statement must be written in."""
        return "sqlite" if self._engine.url.get_backend_name() == "sqlite" else "postgres"

    async def run(self, sql: str, owner: str, max_rows: int) -> Rows:
        """The first `max_rows` rows. Raises Refused (takes too long, cannot be worked out) or Unavailable."""
        run = self._run_sqlite if self.dialect == "sqlite" else self._run_postgres
        return await asyncio.to_thread(run, sql, owner, max_rows)

    def _run_sqlite(self, sql: str, owner: str, max_rows: int) -> Rows:
        path = quote(self._engine.url.database or "")
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
                self._fence(connection)
                cursor = connection.execute(sql, {"owner": owner})
                return _rows([column[0] for column in cursor.description], cursor.fetchmany(max_rows + 1), max_rows)
        except sqlite3.Error as error:
            raise _sentence(error.sqlite_errorname if hasattr(error, "sqlite_errorname") else "") from None

    def _fence(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        for limit, most in _SQLITE_LIMITS.items():
            connection.setlimit(limit, most)
        deadline = time.monotonic() + self._limit_s
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 1000)
        connection.set_authorizer(self._authorize)

    def _authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        is_allowed = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_READ and (first, second) in self._reads)
            or (action == sqlite3.SQLITE_FUNCTION and second is not None and second.lower() in _FUNCTIONS)
        )
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY

    def _run_postgres(self, sql: str, owner: str, max_rows: int) -> Rows:
        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        try:
            with psycopg.connect(**arguments, connect_timeout=2) as connection:
                connection.read_only = True
                connection.execute(pg.SQL("SET LOCAL ROLE {}").format(pg.Identifier(ROLE)))
                timeout = pg.Literal(int(self._limit_s * 1000))
                for setting in ("statement_timeout", "lock_timeout"):
                    connection.execute(pg.SQL("SET LOCAL {} = {}").format(pg.Identifier(setting), timeout))
                connection.execute("SET LOCAL search_path = pg_catalog")
                with psycopg.RawCursor(connection) as cursor:
                    cursor.execute(sql.encode(), [owner])
                    names = [column.name for column in cursor.description or ()]
                    return _rows(names, cursor.fetchmany(max_rows + 1), max_rows)
        except psycopg.Error as error:
            raise _sentence(error.sqlstate or "") from None


def grant(connection: Connection, tables: Collection[Readable]) -> None:
    """On Postgres: make the role that may read those columns and nothing else, unless an operator has made it."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; "
        "END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    if not connection.exec_driver_sql(f"SELECT pg_has_role(current_user, '{ROLE}', 'MEMBER')").scalar_one():
        connection.exec_driver_sql(f"GRANT {ROLE} TO CURRENT_USER")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    for table in tables:
        columns = ", ".join(sorted({*table.columns, table.owner}))
        connection.exec_driver_sql(f"GRANT SELECT ({columns}) ON public.{table.source} TO {ROLE}")


def _rows(names: list[str], found: list[tuple[Value, ...]], max_rows: int) -> Rows:
    return Rows(tuple(names), tuple(found[:max_rows]), len(found) > max_rows)


def _sentence(code: str) -> Refused | Unavailable:
    """The error to raise: its code tells a long question from a wrong one, and both from a database that is away."""
    if code in {"SQLITE_INTERRUPT", "57014", "SQLITE_TOOBIG"}:
        return Refused(TOO_MUCH)
    is_away = code in {"", "SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_IOERR"} or code[:2] in {
        "08",
        "57",
    }
    return Unavailable(UNREACHABLE) if is_away else Refused(NOT_LIKE_THAT)
