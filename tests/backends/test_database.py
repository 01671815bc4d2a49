"""Preparing the backends' database: what can be wrong is one sentence for the operator."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from agent.errors import ConfigError
from backends import database, orders
from backends.database import UtcDateTime, make_engine
from tests.fakes.databases import full_disk, locked


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite", "nosuch://host/x", "postgresql+nosuch://x/y"])
def test_what_is_no_database_url_names_the_variable(url: str) -> None:
    """The cure shows both forms that work."""
    with pytest.raises(ConfigError, match=r"PARLEY_BACKEND_URL .* postgresql\+psycopg://"):
        make_engine(url)


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    """Schema and seed are one transaction: after the disk is freed, the next start makes it whole."""
    path = tmp_path / "shop.db"
    with full_disk(pages=6), pytest.raises(ConfigError, match=r"SQLITE_FULL.*free disk space"):
        orders.prepare(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    orders.prepare(f"sqlite:///{path}")


def test_a_locked_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some other program holds it, for longer than another worker's start would."""
    monkeypatch.setattr(database, "START_S", 0.5)
    path = tmp_path / "shop.db"
    orders.prepare(f"sqlite:///{path}")
    with locked(path), pytest.raises(ConfigError, match="SQLITE_BUSY"):
        orders.prepare(f"sqlite:///{path}")


def test_a_start_waits_for_anothers_migration(tmp_path: Path) -> None:
    """Which takes longer on a busy machine than a caller would wait for a row."""
    path = tmp_path / "shop.db"
    orders.prepare(f"sqlite:///{path}")
    with ThreadPoolExecutor(1) as pool, locked(path):
        starting = pool.submit(orders.prepare, f"sqlite:///{path}")
        with pytest.raises(TimeoutError):
            starting.result(database.BUSY_S + 1.0)
        assert not starting.done()
    starting.result(0)


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    """The URL is shown without it."""
    with pytest.raises(ConfigError) as error:
        orders.prepare(f"postgresql+psycopg://parley:hunter2@/postgres?host={tmp_path}")
    assert "hunter2" not in str(error.value)
    assert "***" in str(error.value)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A file stands where the folder should."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot prepare"):
        orders.prepare(f"sqlite:///{tmp_path / 'file' / 'shop.db'}")


def test_two_workers_that_start_at_once_prepare_it_once(tmp_path: Path) -> None:
    """The first one migrates and seeds, the others wait for it."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(orders.prepare, url) for _ in range(2)]:
            job.result(20)
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (307,)


def test_it_migrates_from_any_folder_and_with_a_percent_sign_in_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alembic's configuration would read % as its own."""
    folder = tmp_path / "100% shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    orders.prepare("sqlite:///shop.db")
    assert (folder / "shop.db").exists()
    assert Path.cwd().samefile(os.fspath(folder))


def test_a_naive_time_is_refused() -> None:
    """It would mean something else on every machine."""
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 11, 20), make_engine("sqlite://").dialect)  # noqa: DTZ001
