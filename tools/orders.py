"""Looking up orders and their shipping in the backend `orders`."""

from datetime import datetime
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call import Call
from agent.errors import NotFound
from agent.nlu.intent import Intent, Slot, SlotKind, understood
from backends.orders import Order, Orders
from backends.shipping import Status
from tools import spoken

OrderNumber = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="The four digits of the order number.")]

_NUMBER = Slot(
    name="order_number",
    kind=SlotKind.CODE,
    ask="What is your order number? It has four digits.",
    min_length=4,
    max_length=4,
)


@understood(
    Intent(
        examples=(
            "what's the status of my order",
            "can you look up my order",
            "I want to check on an order",
            "I have a question about my order",
            "look up order number one two three four",
            "what did I order",
            "how much was my order",
            "has my order been processed yet",
            "was my order cancelled",
            "did you get my return",
            "tell me about order one two three four",
            "order status please",
            "it's about my order",
        ),
        slots=(_NUMBER,),
        noted="asked about order {order_number}",
    )
)
@function_tool
async def lookup_order(ctx: RunContext[Call], order_number: OrderNumber) -> str:
    """Look up one order: its status, what is in it, what it cost and when it was placed.

    Use it when the caller asks about an order in general. For where a parcel is or when it arrives, use check_shipping.
    Ask for the order number if the caller has not said it; never guess it.
    """
    order = await _find(ctx.userdata, order_number)
    call = ctx.userdata
    contents = spoken.listing([spoken.count(line.quantity, spoken.name(line.title)) for line in order.lines])
    total = spoken.money(order.total_cents, order.currency)
    return (
        f"Order {spoken.digits(order.number)} {_status(order)}, and it holds {contents}, "
        f"{total} in all, placed {_on(call, order.placed_at)}."
    )


@understood(
    Intent(
        examples=(
            "where is my order",
            "where's my package",
            "track my package",
            "when will my order arrive",
            "when is my delivery coming",
            "has my order shipped yet",
            "my parcel hasn't arrived",
            "what is the tracking number",
            "which carrier has my parcel",
            "where is order number one two three four",
            "is my stuff on its way",
            "my delivery is late",
            "I haven't received my order",
            "I never got my order",
            "is my order out for delivery",
            "what day will it get here",
        ),
        slots=(_NUMBER,),
        noted="asked where order {order_number} is",
    )
)
@function_tool
async def check_shipping(ctx: RunContext[Call], order_number: OrderNumber) -> str:
    """Say where an order's parcel is: not sent yet, on its way with which carrier, or delivered, and when it arrives.

    Use it when the caller asks where an order is, when it comes, or for its carrier or tracking number.
    Ask for the order number if the caller has not said it; never guess it.
    """
    order = await _find(ctx.userdata, order_number)
    return f"Order {spoken.digits(order.number)} {_shipping(ctx.userdata, order)}."


async def _find(call: Call, order_number: str) -> Order:
    try:
        return await call.backend(Orders).find(order_number)  # type: ignore[type-abstract]  # a Protocol is the key
    except NotFound:
        raise NotFound(f"I can't find an order with the number {spoken.digits(order_number)}.") from None


def _status(order: Order) -> str:
    match order.status:
        case Status.PROCESSING:
            return "is being processed"
        case Status.PACKED:
            return "is packed and waits for the carrier"
        case Status.OUT_FOR_DELIVERY:
            return "is out for delivery"
        case _:
            return f"was {order.status}"


def _shipping(call: Call, order: Order) -> str:
    match order.status:
        case Status.PROCESSING | Status.PACKED:
            return f"{_status(order)}, so it has not been shipped yet{_expected(call, order)}"
        case Status.SHIPPED | Status.OUT_FOR_DELIVERY:
            return f"{_status(order)}{_carried(order)}{_expected(call, order)}{_tracking(order)}"
        case Status.DELIVERED:
            return f"was delivered{_carried(order)}{_closed(call, order)}"
        case _:
            return f"{_status(order)}{_closed(call, order)}"


def _expected(call: Call, order: Order) -> str:
    if order.expected_on is None:
        return ""
    today = call.now().date()
    on = spoken.on(order.expected_on, today=today)
    return f", though it was expected {on} and is late" if order.expected_on < today else f", and should arrive {on}"


def _carried(order: Order) -> str:
    return f" with {spoken.name(order.carrier)}" if order.carrier else ""


def _tracking(order: Order) -> str:
    # all twelve digits would take six seconds that most callers do not want; the e-mail has them
    return f", tracking number ending in {spoken.digits(order.tracking_code[-3:])}" if order.tracking_code else ""


def _closed(call: Call, order: Order) -> str:
    return f" {_on(call, order.closed_at)}" if order.closed_at else ""


def _on(call: Call, at: datetime) -> str:
    return spoken.on(at.astimezone(call.profile.zone).date(), today=call.now().date())
