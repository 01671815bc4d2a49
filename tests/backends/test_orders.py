"""The orders in a real SQLite and a real Postgres: the same suite."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.call.call import utc_now
from agent.errors import NotFound, Refused, Unavailable
from backends import orders
from backends.orders import Line, Order, Orders
from backends.shipping import Address, Status
from tests.fakes.clocks import StandingClock
from tests.fakes.databases import full_disk, locked

HOME = Address("Ann Lee", "9 Elm Street", "Boston", "Massachusetts", "02108")


@pytest.fixture
def url(empty_url: str) -> str:
    """A prepared database of each kind."""
    orders.prepare(empty_url)
    return empty_url


@pytest.fixture
def clock() -> StandingClock:
    """Friday, November 20, 2026, noon in New York."""
    return StandingClock()


@pytest.fixture
async def shop(url: str, clock: StandingClock) -> AsyncIterator[Orders]:
    """The orders in it."""
    shop = orders.connect(url, clock)
    yield shop
    await shop.aclose()


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


async def test_a_return_is_started_once(shop: Orders, clock: StandingClock) -> None:
    """Asked again, also at once and also weeks later, it is the same label."""
    first, *others = await asyncio.gather(*(shop.start_return("4573") for _ in range(5)))
    assert all(other == first for other in others)
    assert (first.order_number, first.started_at) == ("4573", clock.at)
    assert len(first.code) == 6 and first.code.isdecimal()
    clock.forward(timedelta(days=40))
    assert await shop.start_return("4573") == first


async def test_two_returns_have_two_labels(shop: Orders) -> None:
    """1012 and 4573 were both delivered this month."""
    assert (await shop.start_return("1012")).code != (await shop.start_return("4573")).code


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("4571", "still on its way"),
        ("4572", "still on its way"),
        ("4574", "not been shipped"),
        ("4575", "not been shipped"),
        ("4576", "cancelled"),
        ("4577", "come back"),
        ("1019", "more than thirty days"),
    ],
)
async def test_what_cannot_be_sent_back_is_refused(shop: Orders, number: str, why: str) -> None:
    """Each with its reason; asking leaves nothing behind."""
    for _ in range(2):
        with pytest.raises(Refused, match=why):
            await shop.start_return(number)


async def test_an_address_is_changed_until_the_parcel_leaves(shop: Orders) -> None:
    """The postal code shows where it goes; a second time changes nothing."""
    for number, old in (("4574", "12207"), ("4575", "78701")):
        assert await shop.is_going_to(number, old)
        await shop.change_address(number, HOME)
        await shop.change_address(number, HOME)
        assert await shop.is_going_to(number, "02108")
        assert not await shop.is_going_to(number, old)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("4571", "has left us"),
        ("4572", "has left us"),
        ("4573", "delivered"),
        ("4576", "cancelled"),
        ("4577", "returned"),
    ],
)
async def test_a_parcel_that_left_keeps_its_address(shop: Orders, number: str, why: str) -> None:
    """And it goes where it went before."""
    with pytest.raises(Refused, match=why):
        await shop.change_address(number, replace(HOME, postal_code="99999"))
    assert not await shop.is_going_to(number, "99999")


@pytest.mark.parametrize("code", ["12207", " 12207 "])
async def test_a_postal_code_is_compared_as_it_is_said(shop: Orders, code: str) -> None:
    """Spaces do not count; part of it is not enough."""
    assert await shop.is_going_to("4574", code)
    for wrong in ("1220", "12208", "", "none", "%"):
        assert not await shop.is_going_to("4574", wrong)
    assert not await shop.is_going_to("9999", code)
    assert not await shop.is_going_to("9999", "none")


async def test_an_order_that_is_not_there_can_neither_come_back_nor_go_elsewhere(shop: Orders) -> None:
    """The same sentence as for looking it up."""
    with pytest.raises(NotFound):
        await shop.start_return("9999")
    with pytest.raises(NotFound):
        await shop.change_address("9999", HOME)


async def test_a_locked_database_takes_no_return_and_takes_it_later(tmp_path: Path, clock: StandingClock) -> None:
    """The caller hears that it did not work, and it works later."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    orders.prepare(url)
    with locked(tmp_path / "shop.db"):
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await orders.connect(url, clock).start_return("4573")
        assert time.monotonic() - started < 6
    assert (await orders.connect(url, clock).start_return("4573")).order_number == "4573"


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
