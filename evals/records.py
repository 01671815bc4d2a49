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

from sqlalchemy import Table, select

import backends
from agent.profile import Profile
from agent.toolbox import prepare_backends
from backends.database import make_engine, metadata

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
    """A seeded database that nothing writes to: where it is, what is in it, and that again as SQLite stores it."""

    path: Path
    content: Snapshot
    stored: Stored


@dataclass(frozen=True, slots=True)
class Copy:
    """A scenario's own database, and what was in it before."""

    path: Path
    original: Original

    @property
    def url(self) -> str:
        """For SQLAlchemy."""
        return f"sqlite:///{self.path}"

    def after(self) -> Snapshot:
        """What is in it now; the file goes with it. Only what has changed is read again: most tables have not."""
        if not self.path.exists():
            return {}
        try:
            now = _stored(self.path)
            changed = [name for name in now if now[name] != self.original.stored.get(name)]
            return {**self.original.content, **(snapshot(self.url, changed) if changed else {})}
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
            url = f"sqlite:///{path}"
            prepare_backends(self._profile, url, lambda: clock)
            is_there = path.exists()  # a profile without a system of record has no database
            self._made[clock] = Original(path, *((snapshot(url), _stored(path)) if is_there else ({}, {})))
        original = self._made[clock]
        copy = Copy(self._folder / f"{uuid4().hex}.db", original)
        if original.path.exists():
            shutil.copyfile(original.path, copy.path)
        return copy


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
