"""Databases for the tests beside: a real SQLite and a real Postgres."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.memory.store import Store
from tests.fakes.databases import new_database
from tests.fakes.postgres_fixture import postgres_url

__all__ = ["postgres_url"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'parley.db'}"
    return new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A prepared store of each kind."""
    store = Store(store_url)
    store.prepare()
    yield store
    store.close()
