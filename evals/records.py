"""A scenario's systems of record: prepared once for a profile and a moment, copied for each call, read after it."""

import importlib
import pkgutil
import shutil
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

import backends
from agent.profile import Profile
from agent.toolbox import prepare_backends
from backends.database import make_engine, metadata

Row = Mapping[str, object]
Snapshot = Mapping[str, tuple[Row, ...]]  # every table with all its rows


def columns() -> dict[str, tuple[str, ...]]:
    """Every table that a system of record has, with the names of its columns."""
    for module in pkgutil.iter_modules(backends.__path__):
        importlib.import_module(f"backends.{module.name}")
    return {name: tuple(column.name for column in table.columns) for name, table in metadata.tables.items()}


def snapshot(url: str) -> Snapshot:
    """All rows of all tables, each in the order of its primary key."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return {
                name: tuple(
                    row._asdict() for row in connection.execute(select(table).order_by(*table.primary_key.columns))
                )
                for name, table in metadata.tables.items()
            }
    finally:
        engine.dispose()


class Originals:
    """Seeded databases of one profile in a folder. Each is made when the first scenario of its moment asks."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        self._profile = profile
        self._folder = folder
        self._made: dict[datetime, tuple[Path, Snapshot]] = {}

    def copy(self, clock: datetime) -> tuple[str, Snapshot]:
        """The URL of a database of one's own, and what is in it. Blocking. Raises ConfigError."""
        if clock not in self._made:
            path = self._folder / f"{self._profile.name}-{len(self._made)}.db"
            prepare_backends(self._profile, f"sqlite:///{path}", lambda: clock)
            self._made[clock] = path, snapshot(f"sqlite:///{path}") if path.exists() else {}
        original, content = self._made[clock]
        copied = self._folder / f"{uuid4().hex}.db"
        if original.exists():
            shutil.copyfile(original, copied)
        return f"sqlite:///{copied}", content


def after(url: str) -> Snapshot:
    """What is in a scenario's database when its call is over; the file goes with it."""
    path = Path(url.removeprefix("sqlite:///"))
    if not path.exists():
        return {}
    try:
        return snapshot(url)
    finally:
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


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
