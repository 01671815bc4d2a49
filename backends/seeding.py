"""Reading seed/*.csv: each column as its table says, and days that are counted from the day of the seeding."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Integer, Table, Time, func, insert, select

from backends.database import UtcDateTime
from backends.opening import DAY

SEED = Path(__file__).parent / "seed"


def utc_now() -> datetime:
    """The clock of a worker's start; tests pass their own."""
    return datetime.now(UTC)


def is_empty(connection: Connection, table: Table) -> bool:
    """Nobody has put anything there, so the seed may."""
    return not connection.execute(select(func.count()).select_from(table)).scalar_one()


def fill(connection: Connection, table: Table) -> None:
    """Put seed/TABLE.csv into the table."""
    connection.execute(insert(table), list(typed_rows(table)))


def typed_rows(table: Table) -> Iterator[dict[str, object]]:
    """The rows of seed/TABLE.csv; an empty field is None."""
    parse = {column.name: _parser(column) for column in table.columns}
    for row in raw_rows(table.name):
        yield {key: parse[key](value) if value else None for key, value in row.items()}


def raw_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of seed/NAME.csv as text."""
    with (SEED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def coming(today: date, weekday: int, week: int) -> date:
    """The first such weekday after today (Monday is 0), `week` weeks later: what a seed means by "next Friday"."""
    return today + DAY * ((weekday - today.weekday() - 1) % 7 + 1 + 7 * week)


def _parser(column: Column[Any]) -> Callable[[str], object]:
    parsers: tuple[tuple[type, Callable[[str], object]], ...] = (
        (UtcDateTime, datetime.fromisoformat),
        (Date, date.fromisoformat),
        (Time, time.fromisoformat),
        (Boolean, lambda text: text == "true"),
        (Integer, int),
    )
    return next((parse for kind, parse in parsers if isinstance(column.type, kind)), str)
