"""Amounts as people say them."""

import pytest

from agent.language.en.sums import find_sum, has_sum


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
        ("two thousand five hundred to Meera from my account ending in 4412", "2500.00"),
        ("my account number is 4412", None),
        ("minus fifty dollars", None),
        ("nothing", None),
        ("zero rupees", None),
        ("", None),
    ],
)
def test_an_amount_is_exact(text: str, amount: str | None) -> None:
    """In whole units with two decimals; numbers of accounts are none."""
    found = find_sum(text)
    assert (f"{found.amount:.2f}" if found else None) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Volt Electric two oh five", "205.00"),
        ("five zero zero", "500.00"),
        ("three double oh", "300.00"),
        ("one twenty five", "125.00"),
        ("nine ninety nine", "999.00"),
        ("one point five thousand", "1500.00"),
        ("1.5k", "1500.00"),
        ("\u20b91.250,75", "1250.75"),
        ("fifteen hundred", "1500.00"),
        ("twenty-five hundred bucks", "2500.00"),
        ("2 50", "250.00"),
        ("three hundred, no, four hundred", "400.00"),
        ("I said three hundred, not two hundred", "300.00"),
        ("not five hundred, five thousand", "5000.00"),
        ("$19 and 99 cents", "19.99"),
        ("nine nine point five zero", "99.50"),
        ("uh six hundred wait no five hundred and sixty", "560.00"),
        ("I'll do one twenty today", "120.00"),
        ("a quarter of a million dollars", "250000.00"),
        ("just a tenner", "10.00"),
        ("50p", "0.50"),
        ("pay 2,000 on the 5th of March", "2000.00"),
        ("two hundred and five dollars and five cents", "205.05"),
        ("12 dollars 50", "12.50"),
    ],
)
def test_a_sum_is_read_as_people_say_it(text: str, amount: str) -> None:
    """Digit by digit, without its hundreds named, in figures of either style."""
    found = find_sum(text)
    assert found and f"{found.amount:.2f}" == amount


@pytest.mark.parametrize(
    "text",
    [
        "twelve fifty",
        "nineteen ninety nine",
        "1e3",
        "1.250",
        "12,50",
        "two to three hundred",
        "between 200 and 300",
        "five hundred or six hundred",
        "half of the bill of 300",
        "twice 250",
        "a third of my 900",
        "20 percent of 500",
        "up to 500",
        "no more than five hundred",
        "minus five rupees",
        "all my money",
        "300 for the electricity and 200 for the phone",
        "March fifth 1985, account 4412",
        "pay this one",
        "around five thousand rupees",
        "three hundred I guess",
        "a couple hundred dollars",
        "a few hundred",
        "several lakhs",
        "just over a hundred pounds",
        "three quarters of the balance",
    ],
)
def test_what_is_not_one_sum_said_exactly_is_none(text: str) -> None:
    """A part of a number, a share, a range, a bound or a choice is asked about and never paid."""
    assert find_sum(text) is None


@pytest.mark.parametrize(
    ("text", "currency"),
    [("fifty dollars", "USD"), ("\u20b9500", "INR"), ("20 euros", "EUR"), ("ten quid", "GBP"), ("five hundred", "")],
)
def test_the_currency_is_the_one_that_was_said(text: str, currency: str) -> None:
    """So that fifty dollars never become fifty rupees."""
    found = find_sum(text)
    assert found and found.currency == currency


def test_a_sum_with_its_currency_is_told_from_a_number() -> None:
    """What names rupees, dollars, a lakh or a crore is about money."""
    assert has_sum("send 20 dollars") and has_sum("two lakh")
    assert not has_sum("order 4571")
