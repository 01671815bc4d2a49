"""Periods as callers name them, on Saturday, November 21, 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.periods import find_periods, without_periods

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("how much did I spend last month", ["2026-10-01 2026-10-31"]),
        ("this month", ["2026-11-01 2026-11-21"]),
        ("compare this year with last year", ["2026-01-01 2026-11-21", "2025-01-01 2025-12-31"]),
        ("the year before last", ["2024-01-01 2024-12-31"]),
        ("in March and April", ["2026-03-01 2026-03-31", "2026-04-01 2026-04-30"]),
        ("December", ["2025-12-01 2025-12-31"]),
        ("May 2025 vs June 2025", ["2025-05-01 2025-05-31", "2025-06-01 2025-06-30"]),
        ("may I know what I spent in May", ["2026-05-01 2026-05-31"]),
        ("since January", ["2026-01-01 2026-11-21"]),
        ("since 2024", ["2024-01-01 2026-11-21"]),
        ("since January 2024", ["2024-01-01 2026-11-21"]),
        ("since January 20 24", ["2024-01-01 2026-11-21"]),
        ("in 20 19", ["2019-01-01 2019-12-31"]),
        ("20 24th streets", []),
        ("since last March", ["2026-03-01 2026-11-21"]),
        ("since last December", ["2025-12-01 2026-11-21"]),
        ("since last year", ["2025-01-01 2026-11-21"]),
        ("since last month", ["2026-10-01 2026-11-21"]),
        ("since yesterday", ["2026-11-20 2026-11-21"]),
        ("since the beginning of the year before last", ["2024-01-01 2026-11-21"]),
        ("since the start of 2025", ["2025-01-01 2026-11-21"]),
        ("last March", ["2026-03-01 2026-03-31"]),
        ("in March of last year", ["2025-03-01 2025-03-31"]),
        ("in January last year", ["2025-01-01 2025-01-31"]),
        ("since June last year", ["2025-06-01 2026-11-21"]),
        ("from January 2024 until now", ["2024-01-01 2026-11-21"]),
        ("from March on", ["2026-03-01 2026-11-21"]),
        ("from 2025 to today", ["2025-01-01 2026-11-21"]),
        ("in 2025", ["2025-01-01 2025-12-31"]),
        ("the last 3 months", ["2026-08-21 2026-11-21"]),
        ("the past 2 years", ["2024-11-21 2026-11-21"]),
        ("last 2 weeks", ["2026-11-08 2026-11-21"]),
        ("last week", ["2026-11-09 2026-11-15"]),
        ("yesterday or today", ["2026-11-20 2026-11-20", "2026-11-21 2026-11-21"]),
        ("the last three months", ["2026-08-21 2026-11-21"]),
        ("from January to March", ["2026-01-01 2026-03-31"]),
        ("from November until February 2026", ["2025-11-01 2026-02-28"]),
        ("from March to May", ["2026-03-01 2026-05-31"]),
        ("2026-01-01 to 2026-02-15", ["2026-01-01 2026-02-15"]),
        ("2026-02-15 to 2026-01-01", ["2026-01-01 2026-02-15"]),
        ("2026-13-01 to 2026-02-31", []),
        ("at the cinema", []),
    ],
)
def test_a_period_is_whole_days_in_the_past(text: str, days: list[str]) -> None:
    """In the order said."""
    assert [f"{period.since} {period.until}" for period in find_periods(text, TODAY)] == days


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("this month", "2026-10-01 2026-10-31"),
        ("last month", "2026-09-01 2026-09-30"),
        ("last year", "2024-01-01 2024-12-31"),
        ("this year", "2025-01-01 2025-12-31"),
        ("yesterday", "2026-11-19 2026-11-19"),
    ],
)
def test_the_period_before_is_of_the_same_kind(text: str, before: str) -> None:
    """For "compare this month", which does not say with what."""
    period = find_periods(text, TODAY)[0].before()
    assert f"{period.since} {period.until}" == before


def test_what_is_left_names_the_merchant() -> None:
    """Without the period, which may hold a word like it."""
    assert without_periods("How much at March Foods in March 2025") == "how much at foods in"
    assert without_periods("spent last month") == "spent"


@given(st.text(max_size=60), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_no_text_raises(text: str, today: date) -> None:
    """Whatever an ear or a model made of it."""
    assert all(period.since <= period.until for period in find_periods(text, today))
