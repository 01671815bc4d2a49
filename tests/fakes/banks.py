"""A bank for each test, copied from one that was prepared once: in a SQLite file, or in a real Postgres."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg

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
