"""A scenario's systems of record: prepared once for a profile and a moment, copied for each call, read after it."""

import contextlib
import importlib
import pkgutil
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, insert, select

import backends
from agent.profile.profile import Profile
from agent.tooling.toolbox import prepare_backends
from backends.database import make_engine, metadata, tidying

Row = Mapping[str, object]
Snapshot = Mapping[str, tuple[Row, ...]]  # every table with all its rows
Stored = Mapping[str, list[tuple[object, ...]]]


def _all_tables() -> Mapping[str, Table]:
    """Known once every backend is imported, which declares its own."""
    for module in pkgutil.iter_modules(backends.__path__):
        importlib.import_module(f"backends.{module.name}")
    return metadata.tables


def columns() -> dict[str, tuple[str, ...]]:
    """Every table that a system of record has, with the names of its columns."""
    return {name: tuple(column.name for column in table.columns) for name, table in _all_tables().items()}


def snapshot(url: str, tables: Iterable[str] | None = None) -> Snapshot:
    """All rows of these tables, or of all there are, each in the order of its primary key."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            known = _all_tables()
            chosen = known if tables is None else {name: known[name] for name in tables}
            return {
                name: tuple(
                    row._asdict() for row in connection.execute(select(table).order_by(*table.primary_key.columns))
                )
                for name, table in chosen.items()
            }
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Original:
    """A database as it was once: where it is, what was in it, and that again as SQLite stores it."""

    path: Path
    content: Snapshot
    stored: Stored

    @classmethod
    def read(cls, path: Path) -> "Original":
        """As it is now; a profile without a system of record has no database. Blocking."""
        return cls(path, *((snapshot(_url(path)), _stored(path)) if path.exists() else ({}, {})))

    def changed(self, path: Path) -> list[str]:
        """The tables that differ from it in that database, which began as it was."""
        now = _stored(path)
        return [name for name in now if now[name] != self.stored.get(name)]

    def now(self, path: Path) -> Snapshot:
        """What is in that database. Blocking, and only what has changed is read again: most tables have not."""
        changed = self.changed(path)
        return {**self.content, **(snapshot(_url(path), changed) if changed else {})}

    def put_back(self) -> None:
        """Make the database again what it was, row by row, whoever is connected to it. Blocking. Raises Unavailable."""
        changed = frozenset(self.changed(self.path)) if self.path.exists() else frozenset()
        if not changed:
            return
        tables = [table for table in metadata.sorted_tables if table.name in changed]
        with tidying(_url(self.path), "records") as connection:
            for table in reversed(tables):
                connection.execute(delete(table))
            for table in tables:
                if rows := self.content[table.name]:
                    connection.execute(insert(table), [dict(row) for row in rows])


@dataclass(frozen=True, slots=True)
class Copy:
    """A scenario's own database, and what was in it before."""

    path: Path
    original: Original

    @property
    def url(self) -> str:
        """For SQLAlchemy."""
        return _url(self.path)

    def after(self) -> Snapshot:
        """What is in it now; the file goes with it."""
        if not self.path.exists():
            return {}
        try:
            return self.original.now(self.path)
        finally:
            for file in self.path.parent.glob(f"{self.path.name}*"):
                file.unlink()


class Originals:
    """Seeded databases of one profile in a folder. Each is made when the first scenario of its moment asks."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        self._profile = profile
        self._folder = folder
        self._made: dict[datetime, Original] = {}

    def copy(self, clock: datetime) -> Copy:
        """A database of one's own. Blocking. Raises ConfigError."""
        if clock not in self._made:
            path = self._folder / f"{self._profile.name}-{len(self._made)}.db"
            prepare_backends(self._profile, _url(path), lambda: clock)
            self._made[clock] = Original.read(path)
        original = self._made[clock]
        copy = Copy(self._folder / f"{uuid4().hex}.db", original)
        if original.path.exists():
            shutil.copyfile(original.path, copy.path)
        return copy


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _stored(path: Path) -> Stored:
    """Every table's rows as SQLite has them: ten times as fast as with their types."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {
            name: connection.execute(f'SELECT * FROM "{name}" ORDER BY rowid').fetchall()  # noqa: S608  # our own names
            for name in metadata.tables
        }


def fits(value: object, expected: object, zone: ZoneInfo) -> bool:
    """Whether a row's value is what a scenario says: times are the profile's, a day is any time of it, a list any of
    its members."""
    if isinstance(expected, list | tuple):
        return any(fits(value, one, zone) for one in expected)
    actual, wanted = plain(value, zone), plain(expected, zone)
    return actual == wanted or (isinstance(value, datetime) and actual.startswith(f"{wanted}T"))


def plain(value: object, zone: ZoneInfo) -> str:
    """A value as one writes it in a scenario."""
    match value:
        case datetime():
            local = value.astimezone(zone) if value.tzinfo else value
            return local.strftime("%Y-%m-%dT%H:%M")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M")
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
    return str(value)
