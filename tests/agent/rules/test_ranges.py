"""A range of days and times as a tool's argument."""

from datetime import date, time

import pytest

from agent.rules.ranges import EVERY_DAY, Range, read_range

WEEK = Range(first=date(2026, 11, 30), last=date(2026, 12, 6))
NOT_TUESDAY = Range(weekdays=EVERY_DAY - {1})
MORNING = Range(until=time(12))


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (Range(), ""),
        (WEEK, "2026-11-30..2026-12-06"),
        (NOT_TUESDAY, "mon,wed,thu,fri,sat,sun"),
        (MORNING, "..12:00"),
        (Range(first=date(2026, 12, 1), since=time(13), until=time(17)), "2026-12-01.. 13:00..17:00"),
    ],
)
def test_a_range_is_written_and_read_again(found: Range, written: str) -> None:
    """What stands in an argument is what was meant."""
    assert str(found) == written
    assert read_range(written) == found


def test_words_that_say_nothing_are_passed_over() -> None:
    """A large model may write more than was asked for."""
    assert read_range("Mon,Wed in the ..12:00 please") == Range(weekdays=frozenset({0, 2}), until=time(12))


def test_a_day_that_is_none_is_an_error() -> None:
    """The tool asks for the day then."""
    with pytest.raises(ValueError, match="day"):
        read_range("2026-02-30..")


def test_what_is_said_later_goes_with_what_was_said_before() -> None:
    """ "Any day but Tuesday", then "before noon", then "the week of the thirtieth"."""
    both = NOT_TUESDAY.joined(MORNING).joined(WEEK)
    assert both == Range(first=WEEK.first, last=WEEK.last, weekdays=EVERY_DAY - {1}, until=time(12))


def test_what_is_said_later_counts_where_the_two_do_not_go_together() -> None:
    """ "Before noon", then "after three"; "only Tuesdays" after "not on Tuesdays"."""
    assert MORNING.joined(Range(since=time(15))) == Range(since=time(15))
    assert NOT_TUESDAY.joined(Range(weekdays=frozenset({1}))) == Range(weekdays=frozenset({1}))


@pytest.mark.parametrize(
    ("said", "day", "is_in"),
    [
        ("mon,wed", "2026-11-25", True),
        ("mon,wed", "2026-11-24", False),
        ("2026-11-30..2026-12-06", "2026-12-06", True),
        ("2026-11-30..2026-12-06", "2026-12-07", False),
        ("08:00..12:00", "2026-11-24", True),
        ("mon", "soon", True),
    ],
)
def test_a_day_is_in_it_or_not(said: str, day: str, *, is_in: bool) -> None:
    """Times do not matter, and what is no date excludes nothing."""
    assert read_range(said).has(day) is is_in
