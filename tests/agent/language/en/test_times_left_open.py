"""Kinds of days, parts of a day, and anything, in the words of people who were asked when."""

import pytest

from agent.language.en.times_left_open import ANYTHING, WEEKEND, WORKDAYS, kinds_of_day, part_of_day


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("weekdays after five", WORKDAYS),
        ("on a weekday please", WORKDAYS),
        ("only on weekends", WEEKEND),
        ("saturdays or sundays", WEEKEND),
        ("a monday or a friday", {0, 4}),
        ("any thursday", {3}),
        ("monday through friday", WORKDAYS),
        ("from friday to sunday", {4, 5, 6}),
        ("i can't do mondays", set()),
        ("tuesdays don't work", set()),
        ("on monday", set()),
        ("this weekend", set()),
    ],
)
def test_a_kind_of_day_is_each_of_them(text: str, days: set[int]) -> None:
    """One that is named alone is the next one, and what is denied is none."""
    assert set(kinds_of_day(text)[0]) == set(days)


def test_the_first_kind_counts_where_all_days_are_named() -> None:
    """ "Weekends only, I work during the week" wants no weekday."""
    assert kinds_of_day("weekends only, i work during the week")[0] == WEEKEND


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [("mornings only", None, "11:59"), ("in the afternoon", "12:00", "16:59"), ("an evening next week", "17:00", None)],
)
def test_a_part_of_the_day_has_its_bounds(text: str, since: str | None, until: str | None) -> None:
    """Until noon, until five, after that."""
    part = part_of_day(text)
    assert part is not None
    assert tuple(at and f"{at:%H:%M}" for at in part[:2]) == (since, until)


@pytest.mark.parametrize(
    "text", ["not in the morning", "this evening", "on friday at eight", "good morning, on monday please"]
)
def test_what_is_denied_or_is_a_day_is_no_part(text: str) -> None:
    """ "This evening" is read as the day that it is."""
    assert part_of_day(text) is None


@pytest.mark.parametrize("text", ["whatever you have", "the earliest you have", "as soon as possible", "any time"])
def test_anything_will_do(text: str) -> None:
    """Who says so leaves the choice to the house."""
    assert ANYTHING.search(text)
