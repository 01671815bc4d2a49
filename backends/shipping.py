"""What may still be done with an order: sent back, or sent elsewhere. Decisions on an order and a clock. No I/O."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agent.errors import Refused

RETURN_DAYS = 30  # profiles/shop/knowledge/returns.md says so to callers
_POSTAL_CODE = re.compile(r"[0-9]{5}(-[0-9]{4})?|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]")
_BOX = re.compile(r"\b(p\W*o\W*|post office )box\b", re.IGNORECASE)


class Status(StrEnum):
    """Where an order is on its way."""

    PROCESSING = "processing"
    PACKED = "packed"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out for delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes; `postal_code` is a ZIP code or a Canadian postal code."""

    name: str
    street: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Return:
    """A return that was started; `code` stands on its label."""

    order_number: str
    code: str
    started_at: datetime


def no_return(status: Status, closed_at: datetime | None, now: datetime) -> Refused | None:
    """Why an order cannot be sent back, or None. It can within thirty days of its delivery."""
    match status:
        case Status.PROCESSING | Status.PACKED:
            return Refused("That order has not been shipped yet, so there is nothing to send back.")
        case Status.SHIPPED | Status.OUT_FOR_DELIVERY:
            return Refused("That order is still on its way. Once it has arrived I can start a return.")
        case Status.CANCELLED:
            return Refused("That order was cancelled, so there is nothing to send back.")
        case Status.RETURNED:
            return Refused("That order has come back to us already.")
        case Status.DELIVERED:
            if closed_at and now - closed_at <= timedelta(days=RETURN_DAYS):
                return None
            return Refused("That order was delivered more than thirty days ago, so it can't be returned any more.")


def no_new_address(status: Status, address: Address) -> Refused | None:
    """Why an order cannot be sent to that address, or None. It can until the carrier has it."""
    if status not in {Status.PROCESSING, Status.PACKED}:
        sentence = "That order has left us, so I can't change its address any more. The carrier may be able to."
        gone = {Status.DELIVERED: "delivered", Status.CANCELLED: "cancelled", Status.RETURNED: "returned"}.get(status)
        return Refused(f"That order was {gone} already, so its address can't be changed." if gone else sentence)
    if _BOX.search(address.street):
        return Refused("We don't ship to post office boxes.", "Is there a street address?")
    if not _POSTAL_CODE.fullmatch(address.postal_code):
        return Refused("I need a ZIP code of five digits, or a Canadian postal code.", "Could you say it again?")
    if not all(part.strip() for part in (address.name, address.street, address.city, address.state)):
        return Refused("I need the street, the city and the state for that.", "Could you say the whole address?")
    return None
