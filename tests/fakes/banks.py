"""A bank for each test, copied from one that was prepared once: in a SQLite file, or in a real Postgres."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import delete

from backends.bank_tables import customers
from backends.database import make_engine, metadata

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def at_nine() -> datetime:
    """The clock of these tests: the morning after the seed's last day."""
    return NOW


def copied(url: str, folder: Path) -> str:
    """Another database with the same content. The first one must have no connection open."""
    if url.startswith("sqlite"):
        shutil.copy(url.removeprefix("sqlite:///"), folder / "bank.db")
        return f"sqlite:///{folder / 'bank.db'}"
    name, template = f"t{uuid4().hex[:12]}", url.split("?", 1)[0].rsplit("/", 1)[1]
    with psycopg.connect(url.replace("+psycopg", "").replace(f"/{template}?", "/postgres?"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return url.replace(f"/{template}?", f"/{name}?")


def left_alone(url: str, customer: str = "") -> str:
    """The same database without everybody else: what is answered the same in both tells nothing of them."""
    engine = make_engine(url)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            owner = table.c.id if table is customers else table.c.get("customer_id")
            if owner is not None and table.name.startswith("bank_"):
                connection.execute(delete(table).where(owner != customer))
    engine.dispose()
    return url
