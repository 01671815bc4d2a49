"""Looking up orders, sending them back and sending them elsewhere, in the backend `orders`."""

from datetime import datetime
from typing import Annotated

from livekit.agents import RunContext, function_tool
from pydantic import Field

from agent.call.call import Call
from agent.errors import NotFound, Refused
from agent.intent import Intent, Slot, SlotKind, understood
from backends.orders import Order, Orders
from backends.shipping import Address, Status
from tools import spoken

ASK_NUMBER = "What is your order number? It has four digits."
OrderNumber = Annotated[str, Field(pattern=r"^[0-9]{4}$", description="The four digits of the order number.")]
MaybeNumber = Annotated[
    str,
    Field(pattern=r"^([0-9]{4})?$", description="The four digits of the order number; empty if the caller gave none."),
]
Email = Annotated[
    str, Field(max_length=254, description="The e-mail address the order is under, for a caller without its number.")
]
PostalCode = Annotated[str, Field(max_length=10, description="The postal code that the order was to go to at first.")]
Part = Annotated[str, Field(min_length=1, max_length=120, description="A part of the new address.")]

_NUMBER = Slot(
    name="order_number",
    kind=SlotKind.CODE,
    ask=ASK_NUMBER,
    min_length=4,
    max_length=4,
)
_EMAIL = Slot(
    name="email",
    kind=SlotKind.EMAIL,
    ask="Which e-mail address was it ordered with?",
    is_optional=True,
    phrase="by e-mail",
    stands_for="order_number",
)
_POSTAL_CODE = Slot(
    name="postal_code",
    kind=SlotKind.CODE,
    ask="To be sure that it is yours, what is the ZIP code that it was to go to?",
    min_length=5,
    max_length=5,
    is_written=False,
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
            "look up the order under my e-mail address",
        ),
        slots=(_NUMBER, _EMAIL),
        noted="asked about order {order_number} {email}",
        only_looks=True,
    )
)
@function_tool
async def lookup_order(ctx: RunContext[Call], order_number: MaybeNumber = "", email: Email = "") -> str:
    """Look up one order: its status, what is in it, what it cost and when it was placed.

    Use it when the caller asks about an order in general. For where a parcel is or when it arrives, use check_shipping.
    Ask for the order number if the caller has not said it; never guess it. By e-mail you hear less, and say no more.
    """
    call = ctx.userdata
    if not order_number:
        return await _newest(call, email)
    order = await _find(call, order_number)
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
        slots=(_NUMBER, _EMAIL),
        noted="asked where order {order_number} is {email}",
        only_looks=True,
    )
)
@function_tool
async def check_shipping(ctx: RunContext[Call], order_number: MaybeNumber = "", email: Email = "") -> str:
    """Say where an order's parcel is: not sent yet, on its way with which carrier, or delivered, and when it arrives.

    Use it when the caller asks where an order is, when it comes, or for its carrier or tracking number.
    Ask for the order number if the caller has not said it; never guess it.
    """
    if not order_number:
        return await _newest(ctx.userdata, email)
    order = await _find(ctx.userdata, order_number)
    return f"Order {spoken.digits(order.number)} {_shipping(ctx.userdata, order)}."


@understood(
    Intent(
        examples=(
            "please start a return for my order",
            "start a return for order one two three four",
            "order one two three four has to go back, please start that",
            "can you set up a return for me",
            "make me a return label",
            "open a return for order one two three four",
            "register the return of my order",
            "I need a return code for order one two three four",
        ),
        slots=(_NUMBER, _POSTAL_CODE),
        confirm="Shall I start a return of order {order_number}?",
        noted="started a return of order {order_number}",
    )
)
@function_tool
async def start_return(ctx: RunContext[Call], order_number: OrderNumber, postal_code: PostalCode) -> str:
    """Start the return of a delivered order, for whoever knows the postal code that it went to.

    Ask for number and postal code if the caller has not said them; never guess them. Asked twice, it is started once.
    """
    call = ctx.userdata
    await _require_owner(call, order_number, postal_code)
    started = await call.backend(Orders).start_return(order_number)  # type: ignore[type-abstract]
    return (
        f"Done, a return of order {spoken.digits(order_number)} is started. "
        f"Please write the code {spoken.digits(started.code)} on the parcel."
    )


@understood(
    Intent(
        examples=(
            "I need to change the delivery address of my order",
            "can you send my order to another address",
            "I moved, please change the address of order one two three four",
            "the address on my order is wrong",
            "ship order one two three four somewhere else",
            "redirect my order to a new address",
            "I gave you the wrong address for my order",
            "deliver it to my office instead",
        ),
        slots=(
            _NUMBER,
            _POSTAL_CODE,
            Slot(name="name", kind=SlotKind.NAME, ask="What name goes on the parcel?"),
            Slot(name="street", kind=SlotKind.TEXT, ask="What is the new street address, with its number?"),
            Slot(name="city", kind=SlotKind.TEXT, ask="In which city?"),
            Slot(name="state", kind=SlotKind.TEXT, ask="In which state?"),
            Slot(
                name="new_postal_code",
                kind=SlotKind.CODE,
                ask="And the new ZIP code?",
                min_length=5,
                max_length=5,
                cues=("zip {}", "zip code {}", "zip is {}", "zip code is {}"),
            ),
        ),
        confirm="Shall I send order {order_number} to {name}, {street}, {city}, {state}, {new_postal_code}?",
        noted="had order {order_number} sent to another address",
        undone_by="change_address",
    )
)
@function_tool
async def change_address(
    ctx: RunContext[Call],
    order_number: OrderNumber,
    postal_code: PostalCode,
    name: Part,
    street: Part,
    city: Part,
    state: Part,
    new_postal_code: Part,
) -> str:
    """Send an order that has not left yet to another address, for whoever knows the postal code it was going to.

    Ask for what the caller has not said; never guess it.
    """
    call = ctx.userdata
    await _require_owner(call, order_number, postal_code)
    address = Address(*(part.strip(" .") for part in (name, street, city, state, new_postal_code)))
    await call.backend(Orders).change_address(order_number, address, call.number)  # type: ignore[type-abstract]
    return f"Done, order {spoken.digits(order_number)} goes to the new address."


async def _require_owner(call: Call, order_number: str, postal_code: str) -> None:
    """Only who knows where an order was going may do something with it. Raises Refused, also when there is none."""
    if not await call.backend(Orders).is_going_to(order_number, postal_code):  # type: ignore[type-abstract]
        raise Refused("That number and that ZIP code don't belong together, so I can't do that.")


async def _newest(call: Call, email: str) -> str:
    """How the newest order under an address stands. An address proves nothing about who is calling: no number, which
    would open the rest, no article, price, carrier or place. Raises NotFound, and Refused without an address."""
    if not email:
        raise Refused("", ASK_NUMBER)
    found = await call.backend(Orders).under_email(email)  # type: ignore[type-abstract]  # a Protocol is the key
    under = f"under {spoken.email(email)}"
    if not found:
        raise NotFound(f"I can't find an order {under}.")
    newest = found[0]
    placed, stands = f"placed {_on(call, newest.placed_at)}", f"{_status(newest)}{_when(call, newest)}"
    if len(found) == 1:
        return f"There is one order {under}. It was {placed}, and it {stands}."
    return f"There are {spoken.number(len(found))} orders {under}. The newest, {placed}, {stands}."


def _when(call: Call, order: Order) -> str:
    return _closed(call, order) if order.closed_at else _expected(call, order)


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
