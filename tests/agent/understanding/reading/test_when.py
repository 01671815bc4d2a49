"""The one day and the one time that a caller says, or a question."""

from datetime import date

import pytest

from agent.understanding.reading.when import find_date, find_time, is_only_moment, without_moments

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("Saturday at six, not Friday", "2026-11-21", "18:00"),
        ("not the third, the fourth I mean", "2026-12-04", None),
        ("a week from this Saturday", "2026-11-28", None),
        ("two weeks from tomorrow", "2026-12-05", None),
        ("three days from Tuesday", "2026-11-27", None),
        ("Tuesday at ten to eleven", "2026-11-24", "10:50"),
        ("half seven", None, "19:30"),
        ("the seventh of next month", "2026-12-07", None),
        ("a table for eight on the eighth at eight", "2026-12-08", "08:00"),
        ("move it to eight thirty", None, "08:30"),
        ("tomorrow nine thirty", "2026-11-21", "09:30"),
        ("Tuesday, sometime next week", "2026-11-24", None),
        ("I can't do Monday, Wednesday at noon", "2026-11-25", "12:00"),
    ],
)
def test_what_was_said_is_taken(text: str, day: str | None, at: str | None) -> None:
    """And what was denied is not."""
    found = find_date(text, FRIDAY)
    assert (found.isoformat() if found else None, find_time(text)) == (day, at)


@pytest.mark.parametrize(
    "text",
    [
        "any day except Tuesday",
        "any day but Sunday",
        "not Friday",
        "one morning next week",
        "sometime the week after next",
        "Friday the fifth",
        "Friday or Saturday",
        "between the third and the fifth",
        "this weekend",
        "anything other than Monday",
    ],
)
def test_a_day_that_was_left_open_is_asked(text: str) -> None:
    """Never guessed."""
    assert find_date(text, FRIDAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "any time from ten to eleven",
        "one morning next week",
        "between four and six",
        "8 or 8:30",
        "5 to 6 pm",
        "in the evening",
    ],
)
def test_a_time_that_was_left_open_is_asked(text: str) -> None:
    """A range, a part of the day, a choice."""
    assert find_time(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [("eleven", "11:00"), ("six", "18:00"), ("07:45", "07:45"), ("six in the morning", "06:00"), ("12", "12:00")],
)
def test_a_bare_hour_is_one_of_the_day(text: str, at: str) -> None:
    """Before the first hour it is one after noon, unless it is written or said as a morning's."""
    assert find_time(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "the second one",
        "the third option please",
        "my second order",
        "book the first dentist",
        "my first paycheck",
        "the 1st dentist you have",
        "first check the price",
        "the four of us",
    ],
)
def test_an_ordinal_of_a_thing_is_no_day(text: str) -> None:
    """The second one is not the second of a month."""
    assert find_date(text, FRIDAY) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("the first please", "2026-12-01"),
        ("the first works for me", "2026-12-01"),
        ("on the 4th show me what you have", "2026-12-04"),
        ("the 24th around noon", "2026-11-24"),
        ("the first, Doctor Reyes", "2026-12-01"),
    ],
)
def test_an_ordinal_of_which_something_is_said_is_a_day(text: str, day: str) -> None:
    """By itself, or with what one says of days behind it."""
    assert find_date(text, FRIDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["call me back tomorrow about my two orders", "I have 3 questions", "we are four people"]
)
def test_a_count_is_no_time(text: str) -> None:
    """Unless a time was asked for, and then it is asked again."""
    assert find_time(text) is None


def test_a_bare_number_after_the_question_is_a_time() -> None:
    """However it goes on."""
    assert find_time("seven sharp", is_answer=True) == "19:00"


def test_numbers_of_days_and_times_are_taken_out() -> None:
    """So that what is left can be counted."""
    assert without_moments("4 on the 27th at 8 pm").split() == ["4"]


@pytest.mark.parametrize(
    ("text", "is_only"),
    [
        ("well, 6th of December", True),
        ("as I said, 8:30pm", True),
        ("tomorrow at eight", True),
        ("what day is it today", False),
        ("is it open today?", False),
        ("a table for tomorrow", False),
        ("two people", False),
    ],
)
def test_a_day_or_a_time_alone_wants_nothing(text: str, *, is_only: bool) -> None:
    """It answers something, or it has yet to be said for what."""
    assert is_only_moment(text) is is_only


def test_on_second_thought_is_no_second_of_the_month() -> None:
    """And "the 8:30 one" is no eighth."""
    assert find_date("on second thought, make it for 8:30 in the evening", FRIDAY) is None
    assert find_date("let's do the 8:30 one", FRIDAY) is None
    assert find_date("just a second, let me find it", FRIDAY) is None
    assert find_time("let's do the 8:30 one") == "08:30"
