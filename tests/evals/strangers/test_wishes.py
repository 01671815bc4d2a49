"""Wishes that are made from a profile's tables."""

import random
from datetime import UTC, datetime, timedelta

from evals.records import Snapshot
from evals.strangers.wishes import make

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def bought(days_ago: int) -> Snapshot:
    """An order that was delivered so long ago."""
    order = {"number": "4571", "status": "delivered", "closed_at": NOW - timedelta(days=days_ago)}
    address = {"order_number": "4571", "postal_code": "10003"}
    return {"orders": (order,), "order_returns": (), "order_addresses": (address,)}


def wishes(content: Snapshot) -> set[str]:
    """The tools that fulfil what many callers want."""
    return {make("shop", random.Random(seed), content, NOW).tools[0] for seed in range(20)}


def test_a_wish_that_nobody_can_have_that_day_gives_way_to_another() -> None:
    """The days of orders are fixed, a worker's clock is not."""
    assert wishes(bought(days_ago=3)) == {"check_shipping", "start_return"}
    assert wishes(bought(days_ago=60)) == {"check_shipping"}


def test_who_has_no_table_yet_can_only_wish_for_one() -> None:
    """Nothing is there to be cancelled or changed."""
    made = {make("restaurant", random.Random(seed), {"table_bookings": ()}, NOW).tools[0] for seed in range(20)}
    assert made == {"book_table"}
