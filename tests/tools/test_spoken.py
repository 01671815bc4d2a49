"""How tools write things, and what the voice makes of it: the words that it has always said."""

import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.speaking.pronounce import Pronunciation
from tools import spoken

TODAY = date(2026, 11, 20)
HEARD = re.compile(r"[A-Za-z][A-Za-z ,']*")


def said(written: str) -> str:
    """What the voice is given."""
    return Pronunciation().spoken(written)


@pytest.mark.parametrize(
    ("lead", "code", "written", "words"),
    [
        ("order", "4571", "4571", "order four five seven one"),
        ("ending in", "0-19", "019", "ending in zero one nine"),
        ("the code", "A1B2", "A1B2", "the code A one B two"),
        ("reference", "457112", "457112", "reference four five seven, one one two"),
        ("deposit", "1234", "1234", "deposit one two three four"),
    ],
)
def test_codes_are_written_as_they_are_and_said_digit_by_digit(lead: str, code: str, written: str, words: str) -> None:
    """So that the caller can compare them with what is in front of them."""
    assert spoken.digits(code) == written
    assert said(f"{lead} {spoken.digits(code)}") == words


@pytest.mark.parametrize(
    ("cents", "currency", "written", "words"),
    [
        (6490, "USD", "$64.90", "sixty four dollars and ninety cents"),
        (100, "USD", "$1", "one dollar"),
        (1, "USD", "$0.01", "one cent"),
        (0, "USD", "$0", "zero dollars"),
        (123456, "EUR", "€1,234.56", "one thousand two hundred and thirty four euros and fifty six cents"),
        (250, "GBP", "£2.50", "two pounds and fifty pence"),
        (101, "GBP", "£1.01", "one pound and one penny"),
        (-500, "USD", "-$5", "minus five dollars"),
        (37600000, "INR", "₹3,76,000", "three lakh seventy six thousand rupees"),
        (500000000, "INR", "₹50,00,000", "fifty lakh rupees"),
        (1000000000, "INR", "₹1,00,00,000", "one crore rupees"),
        (99900, "INR", "₹999", "nine hundred and ninety nine rupees"),
    ],
)  # fmt: skip
def test_money_is_written_with_its_sign(cents: int, currency: str, written: str, words: str) -> None:
    """Whole amounts without cents, small ones without dollars, rupees in lakh and crore."""
    assert spoken.money(cents, currency) == written
    assert said(f"It is {written}.") == f"It is {words}."


@pytest.mark.parametrize(
    ("day", "written", "words"),
    [
        (date(2026, 11, 20), "today", "today"),
        (date(2026, 11, 24), "on Tuesday, November 24", "on Tuesday, November twenty fourth"),
        (date(2027, 1, 1), "on Friday, January 1, 2027", "on Friday, January first, twenty twenty seven"),
    ],
)
def test_days_are_written_with_the_year_only_when_it_is_another(day: date, written: str, words: str) -> None:
    """Nobody says this year's number."""
    assert spoken.on(day, today=TODAY) == written
    assert said(written) == words


@pytest.mark.parametrize(
    ("hour", "minute", "written", "words"),
    [
        (0, 0, "midnight", "midnight"),
        (12, 0, "noon", "noon"),
        (9, 0, "9 AM", "nine A M"),
        (14, 5, "2:05 PM", "two oh five P M"),
        (23, 59, "11:59 PM", "eleven fifty nine P M"),
        (0, 30, "12:30 AM", "twelve thirty A M"),
    ],
)
def test_times_are_on_a_twelve_hour_clock(hour: int, minute: int, written: str, words: str) -> None:
    """Said with oh before a single minute."""
    assert spoken.time(datetime(2026, 11, 20, hour, minute)) == written  # noqa: DTZ001  # already where the caller is
    assert said(f"at {written}.") == f"at {words}."


@pytest.mark.parametrize(
    ("quantity", "noun", "written"),
    [
        (1, "desk lamp", "one desk lamp"),
        (2, "coffee mug", "two coffee mugs"),
        (3, "toothbrush", "three toothbrushes"),
        (2, "berry", "two berries"),
        (2, "toy", "two toys"),
        (12, "bread knife", "12 bread knives"),
        (1908, "cup", "1,908 cups"),
    ],
)
def test_pieces_are_counted(quantity: int, noun: str, written: str) -> None:
    """Singular and plural; small numbers are words, large ones no year."""
    assert spoken.count(quantity, noun) == written


@pytest.mark.parametrize(
    ("hundredths", "written", "words"),
    [
        (700, "7%", "seven percent"),
        (725, "7.25%", "seven point two five percent"),
        (710, "7.1%", "seven point one percent"),
    ],
)
def test_percentages_have_no_idle_digits(hundredths: int, written: str, words: str) -> None:
    """A rate of interest, and how much more was spent."""
    assert spoken.percent(hundredths) == written
    assert said(written) == words


@pytest.mark.parametrize(
    ("items", "written"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), ([], "")]
)
def test_lists_end_with_and(items: list[str], written: str) -> None:
    """As people list things."""
    assert spoken.listing(items) == written


@pytest.mark.parametrize(
    ("text", "written", "words"),
    [
        ("UPS", "UPS", "U P S"),
        ("USPS", "USPS", "U S P S"),
        ("FedEx", "FedEx", "FedEx"),
        ("Salt & Pepper set", "Salt & Pepper set", "Salt and Pepper set"),
        ("O'Brien", "O'Brien", "O'Brien"),
        ("**Lamp**? Call. Now [x](y)!", "Lamp Call Now x y", "Lamp Call Now x y"),
        ("???", "something", "something"),
    ],
)
def test_names_out_of_a_database_lose_what_nobody_says(text: str, written: str, words: str) -> None:
    """What would end a sentence or format it; abbreviations are spelled by the voice, not in the caption."""
    assert spoken.name(text) == written
    assert said(written) == words


@given(st.integers(-(10**9), 10**9), st.sampled_from(["USD", "EUR", "GBP", "INR"]))
def test_any_amount_is_said_in_words_only(cents: int, currency: str) -> None:
    """No digit, no currency sign, no comma in a number."""
    assert HEARD.fullmatch(said(spoken.money(cents, currency)))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001  # already where the caller is
def test_any_day_and_time_is_said_in_words_only(at: datetime) -> None:
    """No slash, no colon, no digit."""
    assert HEARD.fullmatch(said(spoken.on(at.date(), today=TODAY)))
    assert HEARD.fullmatch(said(spoken.time(at)))


@given(st.text(max_size=80))
def test_any_name_ends_no_sentence(text: str) -> None:
    """Whatever a database holds; letters of any language stay."""
    assert not re.search(r"[?!*\[\]\n|<>\"]|\.(?:\s|$)", spoken.name(text))
    assert spoken.name(text)


@pytest.mark.parametrize(
    ("number", "written", "words"),
    [
        ("5550100199", "555 010 0199", "five five five, zero one zero, zero one nine nine"),
        ("+15550100199", "+1 555 010 0199", "plus one, five five five, zero one zero, zero one nine nine"),
        ("+442079460958", "+44 207 946 0958", "plus four four, two zero seven, nine four six, zero nine five eight"),
        ("5550142", "555-0142", "five five five, zero one four two"),
        ("86612345", "86612345", "eight six six one, two three four five"),
    ],
)
def test_telephone_numbers_are_written_and_said_in_the_same_groups(number: str, written: str, words: str) -> None:
    """So that the caller can follow."""
    assert spoken.phone(number) == written
    assert said(f"at {written}.") == f"at {words}."


def test_an_address_is_written_as_it_is() -> None:
    """And said with at and dot."""
    assert said(spoken.email("name@example.com")) == "name at example dot com"
