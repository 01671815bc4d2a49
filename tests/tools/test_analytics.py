"""Spending, totals, trends, comparisons and SQL, against sums made another way."""

from datetime import date

import pytest

from agent.rules.identity import NOT_YET
from backends.bank import Bank
from tests.fakes.desk import PRIYA, Desk
from tools import spoken
from tools.analytics import NO_SUCH


@pytest.fixture
async def priya(desk: Desk) -> Desk:
    """Verified."""
    return await desk.known(PRIYA)


async def _spent(desk: Desk, since: date, until: date, *names: str) -> str:
    """The same sum from the transactions themselves."""
    bank = desk.call.backend(Bank)  # type: ignore[type-abstract]  # a Protocol is the key
    found = await bank.recent("C1001", 10_000)
    total = sum(
        -one.amount_minor
        for one in found
        if one.amount_minor < 0
        and one.category != "deposit"
        and since <= one.booked_on <= until
        and (not names or {one.merchant, one.category} & set(names))
    )
    return spoken.money(total, "INR")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("check_spending", {"about": "last month"}),
        ("analyze", {"about": "in total"}),
        ("largest_payments", {"about": "this year"}),
        ("run_query", {"sql": "select kind from accounts"}),
    ],
)
async def test_nothing_is_worked_out_for_a_stranger(desk: Desk, tool: str, arguments: dict[str, str]) -> None:
    """Nor is it said whether it could be."""
    assert (await desk.ask(tool, **arguments)).sentence == NOT_YET[2]


@pytest.mark.parametrize(
    ("about", "count", "since", "names"),
    [
        ("what was my biggest purchase this year", 1, date(2026, 1, 1), ()),
        ("what's the most I spent at once", 1, date(2026, 1, 1), ()),
        ("the three largest payments at Amazon since January 2024", 3, date(2024, 1, 1), ("Amazon",)),
        ("the cheapest thing on groceries this month", 1, date(2026, 11, 1), ("groceries",)),
    ],
)
async def test_the_largest_payments_are_single_ones(
    priya: Desk, about: str, count: int, since: date, names: tuple[str, ...]
) -> None:
    """Not the sum, nor what was moved into a deposit; the same as by sorting the transactions."""
    bank = priya.call.backend(Bank)  # type: ignore[type-abstract]  # a Protocol is the key
    out = [
        one
        for one in await bank.recent("C1001", 10_000)
        if one.amount_minor < 0 and one.category != "deposit" and one.booked_on >= since
    ]
    out = [one for one in out if not names or {one.merchant, one.category} & set(names)]
    ranked = sorted(out, key=lambda one: one.amount_minor, reverse="cheapest" in about)
    said = (await priya.ask("largest_payments", about=about, count=count)).sentence
    told = [spoken.money(-one.amount_minor, "INR") for one in ranked[:count]]
    assert [amount for amount in told if amount in said] == told and said.count("₹") == count


@pytest.mark.parametrize(
    ("about", "since", "until", "names"),
    [
        ("how much did i spend last month", date(2026, 10, 1), date(2026, 10, 31), ()),
        ("at tiffin express last month", date(2026, 10, 1), date(2026, 10, 31), ("Tiffin Express",)),
        ("on groceries in march", date(2026, 3, 1), date(2026, 3, 31), ("groceries",)),
        ("on food", date(2026, 11, 1), date(2026, 11, 21), ("food",)),
        ("green basket since january", date(2026, 1, 1), date(2026, 11, 21), ("Green Basket",)),
        ("how much did I spend on Amazon since January 2024?", date(2024, 1, 1), date(2026, 11, 21), ("Amazon",)),
        ("on amazon since last March", date(2026, 3, 1), date(2026, 11, 21), ("Amazon",)),
        ("what did I spend on Amazon this year", date(2026, 1, 1), date(2026, 11, 21), ("Amazon",)),
        ("how much went to Amazon last year", date(2025, 1, 1), date(2025, 12, 31), ("Amazon",)),
        ("at Amazon in 2024", date(2024, 1, 1), date(2024, 12, 31), ("Amazon",)),
        ("with amazon from June 2025 until now", date(2025, 6, 1), date(2026, 11, 21), ("Amazon",)),
        ("the last three months", date(2026, 8, 21), date(2026, 11, 21), ()),
        ("from January to March", date(2026, 1, 1), date(2026, 3, 31), ()),
        ("2026-06-01 to 2026-06-10", date(2026, 6, 1), date(2026, 6, 10), ()),
    ],
)
async def test_spending_is_the_sum_of_its_transactions(
    priya: Desk, about: str, since: date, until: date, names: tuple[str, ...]
) -> None:
    """By merchant, category and period; this month when none was said."""
    said = (await priya.ask("check_spending", about=about)).sentence
    assert f"You spent {await _spent(priya, since, until, *names)} in " in said


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("in june", "in June"),
        ("in 2025", "in 2025"),
        ("in june 2025", "in June 2025"),
        ("this year", "this year"),
        ("in 2026", "in 2026 so far"),
        ("the last 3 months", "in the last three months"),
        ("since june", "since June 1, 2026"),
        ("from january to march", "from January 1, 2026 to March 31"),
        ("2026-06-01 to 2026-06-10", "from June 1, 2026 to June 10"),
    ],
)
async def test_the_period_that_was_meant_is_told(priya: Desk, about: str, said: str) -> None:
    """So that a caller who meant another hears it."""
    assert f" {said}" in (await priya.ask("check_spending", about=about)).sentence


@pytest.mark.parametrize("about", ["how much at starbucks", "what did i spend on yachts last month"])
async def test_what_is_none_of_ones_merchants_is_not_made_up(priya: Desk, about: str) -> None:
    """Nor answered with the total."""
    assert (await priya.ask("check_spending", about=about)).sentence == NO_SUCH


async def test_two_periods_are_compared_in_python(priya: Desk) -> None:
    """Amount and percent of the difference; with one period, the one before it."""
    one = await _spent(priya, date(2026, 9, 1), date(2026, 9, 30))
    other = await _spent(priya, date(2026, 10, 1), date(2026, 10, 31))
    said = (await priya.ask("analyze", about="compare september with october")).sentence
    assert f"You spent {one} in September and {other} in October; the first is " in said and "%." in said
    last = (await priya.ask("analyze", about="compare last month")).sentence
    assert f"{other} last month and {one} in September" in last


async def test_two_merchants_or_categories_are_compared(priya: Desk) -> None:
    """In the period that was said, or this year."""
    food = await _spent(priya, date(2026, 1, 1), date(2026, 11, 21), "food")
    ways = await _spent(priya, date(2026, 1, 1), date(2026, 11, 21), "transport")
    said = (await priya.ask("analyze", about="do i spend more on food or on transport")).sentence
    assert said.startswith(f"You spent {food} on food and {ways} on transport this year; ")


async def test_a_trend_leaves_out_the_year_in_which_the_records_begin(priya: Desk) -> None:
    """And compares whole years only."""
    said = (await priya.ask("analyze", about="the trend of my spending")).sentence
    full = [await _spent(priya, date(year, 1, 1), date(year, 12, 31)) for year in (2024, 2025)]
    assert f"{full[0]} in 2024, {full[1]} in 2025 and " in said
    assert "2023" not in said and "so far" in said


async def test_a_total_is_of_everything_unless_a_period_was_said(priya: Desk) -> None:
    """A model may choose the kind."""
    everything = await _spent(priya, date(2000, 1, 1), date(2026, 11, 21))
    assert everything in (await priya.ask("analyze", about="how much in total", kind="total")).sentence


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "select sum(balance_minor) as total_minor from accounts",
            "total: ₹31,45,543.47.",
        ),
        ("select count(*) as n from accounts", "n: 2."),
        ("select kind from accounts order by kind", "kind: current; kind: savings."),
        ("select max(closed_on) as closed from deposits", "closed: none."),
        ("select kind from accounts where number = '400200665520'", "There is nothing that fits."),
    ],
)
async def test_a_question_in_sql_is_answered_from_ones_own_rows(priya: Desk, sql: str, said: str) -> None:
    """Amounts come back in words, so that no model has to read hundredths."""
    assert (await priya.ask("run_query", sql=sql)).sentence == said


async def test_a_long_answer_is_cut_and_said_to_be(priya: Desk) -> None:
    """Twenty rows."""
    said = (await priya.ask("run_query", sql="select merchant from transactions")).sentence
    assert said.count("merchant:") == 20 and said.endswith("There is more than that.")
