"""What may still be done with an order, for every state it can be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.shipping import RETURN_DAYS, Address, Status, no_new_address, no_return

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
HOME = Address("Ann Lee", "9 Elm Street", "Boston", "Massachusetts", "02108")


@given(st.sampled_from(Status), st.timedeltas(timedelta(0), timedelta(days=90)))
def test_only_what_was_delivered_within_thirty_days_comes_back(status: Status, ago: timedelta) -> None:
    """The last second of the thirtieth day counts."""
    refused = no_return(status, NOW - ago, NOW)
    assert (refused is None) == (status is Status.DELIVERED and ago <= timedelta(days=RETURN_DAYS))
    assert refused is None or refused.sentence[-1] in ".?"


def test_a_delivery_without_a_date_does_not_come_back() -> None:
    """Nobody could say when the thirty days began."""
    assert no_return(Status.DELIVERED, None, NOW)


@pytest.mark.parametrize("status", Status)
def test_only_what_the_carrier_has_not_got_goes_elsewhere(status: Status) -> None:
    """While it is processed or packed."""
    assert (no_new_address(status, HOME) is None) == (status in {Status.PROCESSING, Status.PACKED})


@pytest.mark.parametrize(
    "change",
    [
        {"street": "P.O. Box 12"},
        {"street": "po box 12"},
        {"street": "Post Office Box 12"},
        {"postal_code": "0210"},
        {"postal_code": "SW1A 1AA"},
        {"street": " "},
        {"city": ""},
        {"state": ""},
        {"name": ""},
    ],
)
def test_where_we_do_not_ship_is_refused(change: dict[str, str]) -> None:
    """Post office boxes, other countries, half an address."""
    assert no_new_address(Status.PACKED, replace(HOME, **change))


@pytest.mark.parametrize("postal_code", ["02108", "02108-1234", "M5V 2T6", "M5V2T6"])
@pytest.mark.parametrize("street", ["9 Elm Street", "12 Boxwood Lane", "4 Post Office Road"])
def test_where_we_ship_is_taken(postal_code: str, street: str) -> None:
    """The United States and Canada."""
    assert no_new_address(Status.PACKED, replace(HOME, postal_code=postal_code, street=street)) is None
