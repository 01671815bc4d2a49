"""The arithmetic of breaking a deposit: a table worked out by hand, and what must hold for any."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.bank_deposits import Deposit, interest, quote

YEAR = Deposit(
    number="7001",
    account_number="500100774412",
    principal_minor=10_000_000,
    currency="INR",
    rate_bps=700,
    penalty_bps=100,
    opened_on=date(2025, 1, 1),
    matures_on=date(2026, 1, 1),
)
DEPOSITS = st.builds(
    lambda principal, rate, penalty, days: replace(
        YEAR,
        principal_minor=principal,
        rate_bps=rate,
        penalty_bps=penalty,
        matures_on=YEAR.opened_on + timedelta(days=days),
    ),
    st.integers(1, 10**10),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.integers(1, 3650),
)


@pytest.mark.parametrize(
    ("days", "earned", "penalty"),
    [
        (0, 0, 0),
        (6, 0, 11_507),  # 100,000.00 x 7 % x 6 / 365 = 115.068
        (7, 11_507, 1_918),  # at 6 %; 7 % would be 134.247
        (73, 120_000, 20_000),
        (364, 598_356, 99_726),
        (365, 700_000, 0),
        (500, 700_000, 0),  # nothing more after maturity
        (-3, 0, 0),
    ],
)
def test_a_year_at_seven_percent_less_one(days: int, earned: int, penalty: int) -> None:
    """Worked out by hand; 100,000.00 rupees."""
    found = quote(YEAR, YEAR.opened_on + timedelta(days=days))
    assert (found.interest_minor, found.penalty_minor) == (earned, penalty)
    assert found.payout_minor == 10_000_000 + earned


def test_a_penalty_above_the_rate_takes_the_interest_and_no_more() -> None:
    """The principal always comes back whole."""
    found = quote(replace(YEAR, penalty_bps=900), date(2025, 7, 1))
    assert (found.interest_minor, found.payout_minor) == (0, 10_000_000)


@given(DEPOSITS, st.integers(-10, 5000))
def test_the_principal_comes_back_and_the_penalty_is_no_gift(deposit: Deposit, days: int) -> None:
    """Nothing is lost but interest, and no break pays more than waiting."""
    found = quote(deposit, deposit.opened_on + timedelta(days=days))
    assert found.interest_minor >= 0 and found.penalty_minor >= 0
    assert found.payout_minor <= quote(deposit, deposit.matures_on).payout_minor


@given(st.integers(1, 10**12), st.integers(0, 3000), st.integers(0, 4000))
def test_interest_is_the_exact_figure_rounded_once(principal: int, rate: int, days: int) -> None:
    """Half a paisa at most."""
    exact = Fraction(principal * rate * days, 10_000 * 365)
    assert Fraction(-1, 2) < interest(principal, rate, days) - exact <= Fraction(1, 2)
