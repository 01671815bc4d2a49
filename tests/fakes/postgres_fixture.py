"""The fixture `postgres_url`, for the folders whose suite runs on a real Postgres: import it in their conftest.py."""

from collections.abc import Iterator

import pytest

from evals.databases import running_postgres
from tests.conftest import find_program


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the folder's tests; mark who uses it `needs("postgres")`."""
    program = find_program("postgres")
    assert program is not None
    with running_postgres(program) as server:
        yield server.url
