"""The order tools on a real database and a real call."""

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.call.call import Call
from agent.errors import NotFound, Refused, Unavailable
from agent.intent import SlotKind, intent_of
from agent.speaking.pronounce import spoken as pronounced
from backends.orders import Line, Order, Orders, connect
from backends.shipping import Status
from tests.fakes.calls import NOON, Recorded, recorded_call
from tests.fakes.contexts import context_of
from tests.fakes.databases import locked
from tools.orders import change_address, check_shipping, lookup_order, start_return

SENTENCE = re.compile(r"[A-Z][A-Za-z ,'-]*\.")


class OneOrder:
    """Orders that hold one order only, whatever is asked for."""

    def __init__(self, order: Order) -> None:
        self._order = order

    async def find(self, order_number: str) -> Order:
        """That one."""
        return self._order

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            "4571",
            (
                "Order 4571 was shipped, and it holds one electric kettle and two coffee mugs, "
                "$64.90 in all, placed on Monday, November 16."
            ),
        ),
        (
            "4574",
            (
                "Order 4574 is being processed, and it holds one backpack and one water bottle, "
                "$78.95 in all, placed today."
            ),
        ),
    ],
)
async def test_an_order_is_told_in_one_sentence(call: Call, number: str, said: str) -> None:
    """Status first, then what is in it, what it cost and when it was placed."""
    assert await lookup_order(context_of(call), number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            "4571",
            (
                "Order 4571 was shipped with UPS, and should arrive on Tuesday, November "
                "24, tracking number ending in 482."
            ),
        ),
        (
            "4572",
            ("Order 4572 is out for delivery with FedEx, and should arrive today, tracking number ending in 915."),
        ),
        ("4573", "Order 4573 was delivered with USPS on Friday, November 13."),
        (
            "4574",
            (
                "Order 4574 is being processed, so it has not been shipped yet, "
                "and should arrive on Friday, November 27."
            ),
        ),
        (
            "4575",
            (
                "Order 4575 is packed and waits for the carrier, so it has not been shipped yet, "
                "and should arrive on Wednesday, November 25."
            ),
        ),
        ("4576", "Order 4576 was cancelled on Friday, November 13."),
        ("4577", "Order 4577 was returned on Thursday, November 5."),
    ],
)
async def test_shipping_is_told_for_every_status(call: Call, number: str, said: str) -> None:
    """What the caller wants to know differs by status."""
    assert await check_shipping(context_of(call), number) == said


async def test_a_late_parcel_is_called_late() -> None:
    """Two days after the promised one, nobody hears that it should arrive in the past."""
    order = Order(
        number="1234", status=Status.SHIPPED, placed_at=datetime(2026, 11, 10, tzinfo=UTC), currency="USD",
        shipping_cents=0, lines=(Line("umbrella", 1, 100),), expected_on=date(2026, 11, 18),
    )  # fmt: skip
    call, _ = recorded_call(backends={Orders: OneOrder(order)})
    said = await check_shipping(context_of(call), "1234")
    assert said == ("Order 1234 was shipped, though it was expected on Wednesday, November 18 and is late.")


@pytest.mark.parametrize("tool", [lookup_order, check_shipping])
async def test_an_unknown_number_is_read_back(call: Call, tool: Callable[..., object]) -> None:
    """Digits are misheard, so the caller hears which ones arrived."""
    with pytest.raises(NotFound) as error:
        await tool(context_of(call), "9999")  # type: ignore[misc]
    assert error.value.sentence == "I can't find an order with the number 9999."


async def test_a_profile_without_orders_says_so() -> None:
    """The tool is listed, its backend is not."""
    call, _ = recorded_call()
    with pytest.raises(Unavailable):
        await lookup_order(context_of(call), "4571")


async def test_a_locked_database_becomes_a_sentence(call: Call, database: Path) -> None:
    """Never a traceback."""
    with locked(database), pytest.raises(Unavailable) as error:
        await check_shipping(context_of(call), "4571")
    assert SENTENCE.fullmatch(error.value.sentence)


async def test_five_calls_ask_at_once_and_each_hears_its_own(make_call: Callable[[], tuple[Call, Recorded]]) -> None:
    """Nothing of a call is shared with another."""
    numbers = ["4571", "4572", "4573", "4576", "4577"]
    said = await asyncio.gather(*(lookup_order(context_of(make_call()[0]), number) for number in numbers))
    for sentence, last in zip(said, [1, 2, 3, 6, 7], strict=True):
        assert sentence.startswith(f"Order 457{last} ")


orders = st.builds(
    Order,
    number=st.from_regex(r"[0-9]{4}", fullmatch=True),
    status=st.sampled_from(Status),
    placed_at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    currency=st.sampled_from(["USD", "EUR", "GBP"]),
    shipping_cents=st.integers(0, 5000),
    lines=st.lists(
        st.builds(
            Line,
            title=st.text(st.characters(max_codepoint=127), max_size=40),
            quantity=st.integers(1, 99),
            unit_cents=st.integers(0, 100_000),
        ),
        min_size=1,
        max_size=5,
    ).map(tuple),
    carrier=st.none() | st.text(st.characters(max_codepoint=127), max_size=20),
    tracking_code=st.none() | st.text(st.characters(max_codepoint=127), max_size=20),
    expected_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    closed_at=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=orders)
def test_any_order_becomes_one_speakable_sentence(order: Order) -> None:
    """Words, commas and one period at the end, whatever the database holds."""
    call, _ = recorded_call(backends={Orders: OneOrder(order)})

    async def both() -> list[str]:
        context = context_of(call)
        return [await lookup_order(context, order.number), await check_shipping(context, order.number)]

    for said in asyncio.run(both()):
        assert SENTENCE.fullmatch(pronounced(said)), said
        assert "  " not in said


@pytest.mark.parametrize("tool", [lookup_order, check_shipping])
def test_the_slot_is_the_parameter_and_its_question_is_asked_aloud(tool: object) -> None:
    """Four digits, as on the receipt."""
    intent = intent_of(tool)
    assert intent is not None
    slot, _ = intent.slots
    assert (slot.name, slot.kind, slot.min_length, slot.max_length) == ("order_number", SlotKind.CODE, 4, 4)
    assert "?" in slot.ask
    assert not intent.confirm, "it only looks"


@pytest.fixture
def writable(database: Path, tmp_path: Path) -> Call:
    """A call that may change an order of its own copy."""
    shutil.copy(database, tmp_path / "shop.db")
    return recorded_call(backends={Orders: connect(f"sqlite:///{tmp_path / 'shop.db'}", lambda: NOON)})[0]


async def test_a_return_is_started_once_for_who_knows_the_postal_code(writable: Call) -> None:
    """A second time says the same code."""
    said = await start_return(context_of(writable), "4573", "80203")
    assert said.startswith("Done, a return of order 4573 is started. Please write the code ")
    assert await start_return(context_of(writable), "4573", "80203") == said


async def test_an_address_is_changed_for_who_knows_the_old_one(writable: Call) -> None:
    """From then on the new postal code is the one to know."""
    new = ("Dana Miller", "42 Elm Street.", "Austin", "Texas", "78701")
    assert await change_address(context_of(writable), "4574", "12207", *new) == (
        "Done, order 4574 goes to the new address."
    )
    with pytest.raises(Refused, match="don't belong together"):
        await change_address(context_of(writable), "4574", "12207", *new)
    await change_address(context_of(writable), "4574", "78701", *new)


@pytest.mark.parametrize(("number", "postal_code"), [("4573", "12207"), ("9999", "12207")])
async def test_a_wrong_postal_code_and_no_such_order_sound_the_same(call: Call, number: str, postal_code: str) -> None:
    """So that nobody learns which orders there are."""
    with pytest.raises(Refused) as refused:
        await start_return(context_of(call), number, postal_code)
    assert refused.value.sentence == "That number and that ZIP code don't belong together, so I can't do that."


@pytest.mark.parametrize(
    ("email", "said"),
    [
        (
            "jane@example.com",
            (
                "There are three orders under jane@example.com. The newest, placed on Thursday, November 19, is packed "
                "and waits for the carrier, and should arrive on Wednesday, November 25."
            ),
        ),
        (
            "Leila.Brown@example.com",
            (
                "There is one order under Leila.Brown@example.com. It was placed on Monday, November 16, and it was "
                "shipped, and should arrive on Tuesday, November 24."
            ),
        ),
    ],
)
@pytest.mark.parametrize("tool", [lookup_order, check_shipping])
async def test_an_address_opens_how_the_newest_order_stands_and_no_more(
    call: Call, tool: Callable[..., Awaitable[str]], email: str, said: str
) -> None:
    """It proves nothing: no number that would open the rest, no article, price, carrier, name or place."""
    assert await tool(context_of(call), email=email) == said


async def test_an_address_without_orders_is_read_back(call: Call) -> None:
    """So that one that was misheard can be said again; and without either, the number is asked for."""
    with pytest.raises(NotFound, match=r"can't find an order under nobody@example\.com"):
        await lookup_order(context_of(call), email="nobody@example.com")
    with pytest.raises(Refused, match="What is your order number"):
        await check_shipping(context_of(call))
    assert "kettle" in await lookup_order(context_of(call), "4571", "jane@example.com")
