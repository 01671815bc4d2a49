"""How things are said: words only."""

import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import spoken

WORDS = re.compile(r"[A-Za-z][A-Za-z ,'-]*")
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("4571", "four five seven one"),
        ("0-9", "zero nine"),
        ("A1", "A one"),
        ("457112", "four five seven, one one two"),
    ],
)
def test_codes_are_said_digit_by_digit(code: str, said: str) -> None:
    """So that the caller can compare them with what is in front of them."""
    assert spoken.digits(code) == said


@pytest.mark.parametrize(
    ("cents", "currency", "said"),
    [
        (6490, "USD", "sixty-four dollars and ninety cents"),
        (100, "USD", "one dollar"),
        (1, "USD", "one cent"),
        (0, "USD", "zero dollars"),
        (123456, "EUR", "one thousand two hundred and thirty-four euros and fifty-six cents"),
        (250, "GBP", "two pounds and fifty pence"),
        (-500, "USD", "minus five dollars"),
    ],
)
def test_money_is_said_as_people_say_it(cents: int, currency: str, said: str) -> None:
    """Whole amounts without cents, small ones without dollars."""
    assert spoken.money(cents, currency) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 20), "today"),
        (date(2026, 11, 24), "on Tuesday, November twenty-fourth"),
        (date(2027, 1, 1), "on Friday, January first, twenty twenty-seven"),
    ],
)
def test_days_are_said_with_the_year_only_when_it_is_another(day: date, said: str) -> None:
    """Nobody says this year's number."""
    assert spoken.on(day, today=TODAY) == said


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (0, 0, "midnight"),
        (12, 0, "noon"),
        (9, 0, "nine A M"),
        (14, 5, "two oh five P M"),
        (23, 59, "eleven fifty-nine P M"),
        (0, 30, "twelve thirty A M"),
    ],
)
def test_times_are_said_on_a_twelve_hour_clock(hour: int, minute: int, said: str) -> None:
    """With oh before a single minute."""
    assert spoken.time(datetime(2026, 11, 20, hour, minute)) == said  # noqa: DTZ001  # already where the caller is


@pytest.mark.parametrize(
    ("quantity", "noun", "said"),
    [
        (1, "desk lamp", "one desk lamp"),
        (2, "coffee mug", "two coffee mugs"),
        (3, "toothbrush", "three toothbrushes"),
        (2, "berry", "two berries"),
        (2, "toy", "two toys"),
        (2, "bread knife", "two bread knives"),
    ],
)
def test_pieces_are_counted_in_words(quantity: int, noun: str, said: str) -> None:
    """Singular and plural."""
    assert spoken.count(quantity, noun) == said


@pytest.mark.parametrize(
    ("items", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), ([], "")]
)
def test_lists_end_with_and(items: list[str], said: str) -> None:
    """As people list things."""
    assert spoken.listing(items) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("UPS", "U P S"), ("FedEx", "FedEx"), ("Salt & Pepper set", "Salt and Pepper set"), ("USB-C 2m", "U S B C two m")],
)
def test_names_out_of_a_database_lose_their_symbols(text: str, said: str) -> None:
    """Abbreviations are spelled: a voice would read UPS as a word."""
    assert spoken.name(text) == said


@given(st.integers(-(10**9), 10**9), st.sampled_from(["USD", "EUR", "GBP"]))
def test_any_amount_is_words_only(cents: int, currency: str) -> None:
    """No digit, no currency sign, no comma in a number."""
    assert WORDS.fullmatch(spoken.money(cents, currency))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001  # already where the caller is
def test_any_day_and_time_is_words_only(at: datetime) -> None:
    """No slash, no colon, no digit."""
    assert WORDS.fullmatch(spoken.on(at.date(), today=TODAY))
    assert WORDS.fullmatch(spoken.time(at))


@given(st.text(max_size=80))
def test_any_name_is_letters_and_spaces(text: str) -> None:
    """Whatever a database holds; letters of any language stay."""
    said = spoken.name(text)
    assert said
    assert all(word.isalpha() or word == "zero" for word in said.replace("-", " ").split())


def test_numbers_and_addresses_are_read_back_in_groups() -> None:
    """So that the caller can follow."""
    assert spoken.phone("5550100199") == "five five five, zero one zero, zero one nine nine"
    assert spoken.email("name@example.com") == "name at example dot com"
