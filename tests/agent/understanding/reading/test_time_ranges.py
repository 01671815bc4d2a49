"""Days and times that are left open, as people say them."""

from datetime import UTC, datetime

import pytest

from agent.understanding.reading.time_ranges import find_range

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("before noon", "..12:00"),
        ("no later than 10", "..10:00"),
        ("any day, but not after eleven", "..11:00"),
        ("not before 3", "15:00.."),
        ("in two weeks", "2026-11-30..2026-12-06"),
        ("only after three in the afternoon", "15:00.."),
        ("any afternoon after 3 pm", "15:00..16:59"),
        ("between 2 and 4", "14:00..16:00"),
        ("from 5 to 7 pm", "17:00..19:00"),
        ("any day except Tuesday", "mon,wed,thu,fri,sat,sun"),
        ("not on a Monday please", "tue,wed,thu,fri,sat,sun"),
        ("I can't do Wednesdays", "mon,tue,thu,fri,sat,sun"),
        ("sometime the week after next", "2026-11-30..2026-12-06"),
        ("next week but not friday", "2026-11-23..2026-11-29 mon,tue,wed,thu,sat,sun"),
        ("I need a filling next week", "2026-11-23..2026-11-29"),
        ("in december", "2026-12-01..2026-12-31"),
        ("weekdays after five", "mon,tue,wed,thu,fri 17:00.."),
        ("after five, Monday to Friday", "mon,tue,wed,thu,fri 17:00.."),
        ("any weekend", "sat,sun"),
        ("this weekend", "2026-11-20..2026-11-22 sat,sun"),
        ("any evening next week except Tuesday", "2026-11-23..2026-11-29 mon,wed,thu,fri,sat,sun 17:00.."),
        ("next week, but Tuesday doesn't work", "2026-11-23..2026-11-29 mon,wed,thu,fri,sat,sun"),
        ("not before six pm, and 8 pm is the latest", "18:00..20:00"),
        ("two to four", "14:00..16:00"),
        ("the week after next, but only in the morning", "2026-11-30..2026-12-06 ..11:59"),
    ],
)
def test_what_will_do_is_found(text: str, found: str) -> None:
    """From, until, between, not on, some days."""
    assert str(find_range(text, NOW).range) == found


@pytest.mark.parametrize(
    "text",
    [
        "on Friday at ten",
        "at half past eight",
        "quarter past 10 in the morning",
        "not the third, the fourth I mean",
        "not Tuesday, Wednesday please",
        "Thursday or Friday",
        "a cleaning on December 3 at 10",
        "my number is 518 555 0142",
        "for four people",
        "ten to eight",
        "six to eight people",
        "good morning, I'd like a check-up on Monday",
        "on Friday at seven in the evening",
        "this evening",
    ],
)
def test_a_day_or_a_time_that_was_named_is_no_range(text: str) -> None:
    """Those are read as they always were."""
    assert find_range(text, NOW).range.is_any


@pytest.mark.parametrize("text", ["whatever you have", "the earliest on Tuesday", "as early as you can"])
def test_who_takes_anything_leaves_all_open(text: str) -> None:
    """As an argument that is a range without bounds."""
    assert str(find_range(text, NOW)) == ".."


def test_what_is_left_still_names_its_day() -> None:
    """ "Thursday, but not before three"."""
    said = find_range("Thursday but not before 3", NOW)
    assert str(said.range) == "15:00.."
    assert said.rest.split() == ["thursday", "but"]
