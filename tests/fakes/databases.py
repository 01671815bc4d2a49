"""Databases that misbehave for real, and empty ones in a real Postgres."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, event


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program has the SQLite file for itself."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        other.close()


@contextmanager
def full_disk(pages: int = 1) -> Iterator[None]:
    """Every SQLite file opened from now on is as large as it may get: SQLite says SQLITE_FULL, as on a full disk."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def new_database(url: str) -> str:
    """An empty database on the same server."""
    import psycopg

    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")


def emptied(url: str) -> str:
    """The same Postgres database with nothing in it: a hundred new ones would fill the disk with catalogs."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url
