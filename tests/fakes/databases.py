"""Databases that misbehave for real, and a real Postgres in a folder of its own, reachable by a Unix socket only."""

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, event

STRANGER = "nobody"  # Postgres refuses to run as root


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


@contextmanager
def postgres(program: Path) -> Iterator[str]:
    """A running server; yields the URL of its database `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-", dir="/tmp"))  # a Unix socket's path is short
    user = STRANGER if os.geteuid() == 0 else None
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        subprocess.run(
            [program.with_name("initdb"), "-D", folder / "db", "-N", "-A", "trust", "-U", "parley", "--locale=C.UTF-8"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        server = subprocess.Popen(
            [program, "-D", folder / "db", "-k", folder, "-F", "-c", "listen_addresses=", "-c", "max_connections=20"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder,
        )  # fmt: skip
        try:
            wait = 'until "$0" -q -h "$1"; do sleep 0.05; done'
            subprocess.run(["timeout", "20", "sh", "-c", wait, program.with_name("pg_isready"), folder], check=True)
            yield f"postgresql+psycopg://parley@/postgres?host={folder}"
        finally:
            server.terminate()
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
