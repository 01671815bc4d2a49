"""Days that are told by another one."""

from datetime import date

import pytest

from agent.language.en.relative_days import absolute

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("and the day after?", "and 2026-11-24?"),
        ("and the day after that", "and 2026-11-24"),
        ("The following day would be better", "2026-11-24 would be better"),
        ("the next day at nine", "2026-11-24 at nine"),
        ("what about the day before", "what about 2026-11-22"),
        ("the previous day then", "2026-11-22 then"),
        ("rather two days later", "rather 2026-11-25"),
        ("a week later please", "2026-11-30 please"),
        ("one week earlier", "2026-11-16"),
        ("and the week after", "and 2026-11-30"),
        ("is the day before possible too", "is 2026-11-22 possible too"),
        ("the day after, Tuesday, suits me", "2026-11-24, Tuesday, suits me"),
    ],
)
def test_they_are_counted_from_the_day_that_is_spoken_of(text: str, said: str) -> None:
    """Whatever stands around them stays."""
    assert absolute(text, MONDAY) == said


@pytest.mark.parametrize(
    "text",
    [
        "the day after tomorrow",
        "the week before Christmas",
        "the week after next",
        "the day after Thanksgiving",
        "the day before the fifth",
        "the day after Monday",
        "the day after my surgery",
        "the week after we are back",
        "next day delivery",
        "one day I will",
        "in two days",
        "the next week",
    ],
)
def test_words_that_name_their_day_themselves_stay(text: str) -> None:
    """They are counted from today, or from a feast, or are no day."""
    assert absolute(text, MONDAY) == text


def test_without_a_day_to_count_from_there_is_none() -> None:
    """It is asked for, and not taken for today."""
    assert absolute("the day after, at nine", None) == ", at nine"
