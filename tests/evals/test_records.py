"""A database that was changed is what it was again."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, insert, update

from agent.config import ROOT
from agent.profile.profile import load_profile
from agent.tooling.toolbox import prepare_backends
from backends.database import make_engine
from backends.orders import order_returns, orders
from evals.records import Original, snapshot

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_rows_that_are_new_changed_or_gone_are_put_back_while_somebody_is_connected(tmp_path: Path) -> None:
    """As a worker's jobs are; what had changed was seen before."""
    path = tmp_path / "shop.db"
    url = f"sqlite:///{path}"
    prepare_backends(load_profile("shop", ROOT / "profiles"), url, lambda: NOW)
    original = Original.read(path)
    engine = make_engine(url)
    with engine.connect() as connected:
        with connected.execution_options(parley_writes=True).begin():
            number = original.content["orders"][0]["number"]
            connected.execute(insert(order_returns).values(order_number=number, code="123456", started_at=NOW))
            connected.execute(update(orders).where(orders.c.number == number).values(status="returned"))
            connected.execute(delete(orders).where(orders.c.number == original.content["orders"][1]["number"]))
        assert set(original.changed(path)) == {"orders", "order_returns"}
        assert len(original.now(path)["orders"]) == len(original.content["orders"]) - 1
        original.put_back()
        assert snapshot(url) == original.content
    engine.dispose()
    assert original.now(path) == original.content


def test_a_profile_without_a_database_has_nothing_to_put_back(tmp_path: Path) -> None:
    """And nothing in it."""
    original = Original.read(tmp_path / "none.db")
    original.put_back()
    assert original.content == {}
