"""A real shop database and a call that may ask it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.call.call import Call
from agent.tooling.toolbox import prepare_backends
from backends import orders
from backends.orders import Orders
from tests.fakes.banks import copied
from tests.fakes.calls import NOON, Recorded, recorded_call
from tests.fakes.desk import PROFILE, Desk


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seeded once: the tools here only read."""
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    orders.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def make_call(database: Path) -> Callable[[], tuple[Call, Recorded]]:
    """New calls, each with a connection of its own."""

    def make() -> tuple[Call, Recorded]:
        return recorded_call(backends={Orders: orders.connect(f"sqlite:///{database}", lambda: NOON)})

    return make


@pytest.fixture
def call(make_call: Callable[[], tuple[Call, Recorded]]) -> Call:
    """One call on Friday, November 20, 2026, noon in New York."""
    return make_call()[0]


@pytest.fixture(scope="session")
def seeded_bank(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A bank that no test writes to."""
    url = f"sqlite:///{tmp_path_factory.mktemp('bank') / 'seeded.db'}"
    prepare_backends(PROFILE, url)
    return url


@pytest.fixture
def bank_url(seeded_bank: str, tmp_path: Path) -> str:
    """A copy of it for one test."""
    return copied(seeded_bank, tmp_path)


@pytest.fixture
def desk(bank_url: str) -> Desk:
    """A call at the bank by somebody whom nobody knows yet."""
    return Desk(bank_url)
