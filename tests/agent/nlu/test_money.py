"""Amounts as people say them."""

import pytest

from agent.nlu.money import find_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("five hundred rupees", "500.00"),
        ("two lakh rupees", "200000.00"),
        ("two and a half lakh", "250000.00"),
        ("half a lakh", "50000.00"),
        ("one lakh twenty five thousand", "125000.00"),
        ("three lakh seventy-six thousand rupees", "376000.00"),
        ("1,00,000 rupees", "100000.00"),
        ("one crore", "10000000.00"),
        ("twelve dollars and fifty cents", "12.50"),
        ("twelve point five zero dollars", "12.50"),
        ("$12.50", "12.50"),
        ("pay fifty cents", "0.50"),
        ("a hundred dollars", "100.00"),
        ("fifty thousand and thirty rupees", "50030.00"),
        ("pay 1,500 to Ravi", "1500.00"),
        ("five hundred, no, six hundred", "600.00"),
        ("two thousand five hundred to Meera from my account ending in 4412", "2500.00"),
        ("my account number is 4412", None),
        ("minus fifty dollars", None),
        ("nothing", None),
        ("zero rupees", None),
        ("", None),
    ],
)
def test_an_amount_is_exact(text: str, amount: str | None) -> None:
    """In whole units with two decimals; the last one counts, and numbers of accounts are none."""
    assert find_amount(text) == amount
