"""The orders in a real SQLite and a real Postgres: the same suite."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agent.call import utc_now
from agent.errors import NotFound, Unavailable
from backends import orders
from backends.orders import Line, Order, Orders, Status
from tests.fakes.databases import full_disk, locked, new_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A prepared database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        url = new_database(request.getfixturevalue("postgres_url"))
    orders.prepare(url)
    return url


@pytest.fixture
async def shop(url: str) -> Orders:
    """The orders in it."""
    return orders.connect(url, utc_now)


async def test_an_order_is_found_with_everything_of_it(shop: Orders) -> None:
    """Money is integer cents with a currency, times are aware, lines keep their order."""
    assert await shop.find("4571") == Order(
        number="4571",
        status=Status.SHIPPED,
        placed_at=datetime(2026, 11, 16, 15, tzinfo=UTC),
        currency="USD",
        shipping_cents=0,
        lines=(Line("electric kettle", 1, 3990), Line("coffee mug", 2, 1250)),
        carrier="UPS",
        tracking_code="784512903482",
        shipped_at=datetime(2026, 11, 17, 15, tzinfo=UTC),
        expected_on=date(2026, 11, 24),
    )
    await shop.aclose()


async def test_the_total_is_every_piece_and_the_shipping(shop: Orders) -> None:
    """4572 is one lamp for 45.00 and 4.95 of shipping."""
    assert (await shop.find("4572")).total_cents == 4995
    await shop.aclose()


@pytest.mark.parametrize("number", ["9999", "", "45 71", "'; DROP TABLE orders; --"])
async def test_a_number_that_no_order_has_is_not_found(shop: Orders, number: str) -> None:
    """Whatever the number looks like, it is only compared."""
    with pytest.raises(NotFound):
        await shop.find(number)
    await shop.find("4571")
    await shop.aclose()


async def test_five_callers_ask_at_once_and_each_gets_theirs(shop: Orders) -> None:
    """Threads share the engine, never a row."""
    numbers = ["4571", "4572", "4573", "4574", "1001"] * 4
    found = await asyncio.gather(*(shop.find(number) for number in numbers))
    assert [order.number for order in found] == numbers
    await shop.aclose()


async def test_every_status_has_an_order_to_try(shop: Orders) -> None:
    """4571 to 4577 are what docs/shop.md promises."""
    statuses = [(await shop.find(str(number))).status for number in range(4571, 4578)]
    assert statuses == [
        Status.SHIPPED,
        Status.OUT_FOR_DELIVERY,
        Status.DELIVERED,
        Status.PROCESSING,
        Status.PACKED,
        Status.CANCELLED,
        Status.RETURNED,
    ]
    await shop.aclose()


async def test_there_are_307_orders_and_a_second_start_adds_none(url: str) -> None:
    """1001 to 1300 and 4571 to 4577; the seed goes into an empty database only."""
    orders.prepare(url)
    shop = orders.connect(url, utc_now)
    found = await asyncio.gather(*(shop.find(str(n)) for n in (*range(1001, 1301), *range(4571, 4578))))
    assert all(order.lines and order.total_cents > 0 for order in found)
    await shop.aclose()


async def test_a_locked_database_is_unavailable_within_two_seconds(tmp_path: Path) -> None:
    """The caller hears a sentence, in time."""
    path = tmp_path / "shop.db"
    orders.prepare(f"sqlite:///{path}")
    shop = orders.connect(f"sqlite:///{path}", utc_now)
    with locked(path):
        async with asyncio.timeout(2):
            with pytest.raises(Unavailable) as error:
                await shop.find("4571")
    assert error.value.sentence.endswith(".")
    assert "sqlite" not in error.value.sentence.lower()
    assert (await shop.find("4571")).number == "4571", "it works again once the lock is gone"


async def test_a_full_disk_does_not_stop_who_only_reads(tmp_path: Path) -> None:
    """Looking up writes nothing, so a full disk costs no caller an answer."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    orders.prepare(url)
    with full_disk():
        assert (await orders.connect(url, utc_now).find("4571")).status is Status.SHIPPED


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/shop.db", "sqlite:////", "postgresql+psycopg://parley@/postgres?host=/nowhere"],
    ids=["no folder", "a folder", "no server"],
)
async def test_a_database_out_of_reach_is_unavailable(url: str) -> None:
    """Nothing there, not a file, no server: the same sentence."""
    with pytest.raises(Unavailable):
        await orders.connect(url, utc_now).find("4571")


async def test_a_file_without_tables_is_unavailable(tmp_path: Path) -> None:
    """Whoever forgot to prepare it hears no traceback."""
    with pytest.raises(Unavailable):
        await orders.connect(f"sqlite:///{tmp_path / 'empty.db'}", utc_now).find("4571")
