"""Databases for the tests beside, and the moment at which they are seeded."""

from pathlib import Path

import pytest

from tests.fakes.databases import emptied
from tests.fakes.postgres_fixture import postgres_url

__all__ = ["postgres_url"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind with nothing in it; that of Postgres is one for all tests."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'backend.db'}"
    return emptied(request.getfixturevalue("postgres_url"))
