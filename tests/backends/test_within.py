"""The days and times that will do for an appointment."""

from datetime import UTC, date, datetime, time

from backends.slots import Within

MONDAY = date(2026, 11, 30)


def test_what_is_open_allows_everything() -> None:
    """Nobody said anything."""
    assert Within().allows(datetime(2026, 11, 30, 9, tzinfo=UTC))


def test_days_weekdays_and_times_all_count() -> None:
    """That week, not on Tuesday, from three on."""
    within = Within(first=MONDAY, last=date(2026, 12, 6), weekdays=frozenset({0, 2, 3, 4, 5, 6}), since=time(15))
    assert within.allows(datetime(2026, 11, 30, 15, tzinfo=UTC))
    assert not within.allows(datetime(2026, 11, 30, 14, 45, tzinfo=UTC))
    assert not within.has(date(2026, 12, 1))
    assert not within.has(date(2026, 12, 7))
    assert not within.has(date(2026, 11, 27))


def test_an_end_is_in_it() -> None:
    """ "No later than noon" may be at noon."""
    assert Within(until=time(12)).allows(datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert not Within(until=time(12)).allows(datetime(2026, 11, 30, 12, 15, tzinfo=UTC))
