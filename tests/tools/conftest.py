"""A real shop database and a call that may ask it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.call import Call
from backends import orders
from backends.orders import Orders
from tests.fakes.calls import NOON, Recorded, recorded_call


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
