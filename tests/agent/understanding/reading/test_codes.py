"""Codes as people say them and as the ear writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from agent.understanding.reading.codes import digits_only, find_codes, has_code, mask

SAID = [
    ("four five seven one", "4571"),
    ("Four, five, seven, one.", "4571"),
    ("forty-five seventy-one", "4571"),
    ("forty five seventy one", "4571"),
    ("4571", "4571"),
    ("4-5-7-1", "4571"),
    ("4 5 7 1", "4571"),
    ("4,571.", "4571"),
    ("45 71", "4571"),
    ("#4571", "4571"),
    ("four thousand five hundred seventy one", "4571"),
    ("one oh oh three", "1003"),
    ("oh, 4573", "4573"),
    ("ten oh three", "1003"),
    ("one thousand and three", "1003"),
    ("o four five one", "0451"),
    ("double seven four one", "7741"),
    ("triple one four", "1114"),
    ("4 5 7... uh... 1", "4571"),
    ("four five and seven one", "4571"),
    ("it's four five seven one I think", "4571"),
    ("my order number is four five dash seven one", "4571"),
    ("for five seven one", "4571"),
    ("One, double, oh, four.", "1004"),
    ("four five seven two, no, seven one", "4571"),
    ("four five seven two no four five seven one", "4571"),
    ("forty five seventy two, wait, seventy one", "4571"),
    ("no, I meant 4571", "4571"),
    ("4571, not 4572", "4571"),
    ("not 4572, 4571", "4571"),
    ("Order number is 4572. No, sorry, 4571.", "4571"),
]


@pytest.mark.parametrize(("said", "code"), SAID)
def test_a_code_is_heard_however_it_is_said(said: str, code: str) -> None:
    """Digits, pairs, thousands, oh, double, and the last of two after a correction."""
    assert find_codes(said, 4, 4, True).values == (code,)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "hello",
        "that one",
        "which one",
        "I have two questions",
        "is it on its way",
        "is it free",
        "ten or seven",
        "one day or zero four days",
        "the party's twenty",
        "order 100? 0X)p 0X)p",
    ],
)
def test_no_code_is_heard_where_none_was_said(said: str) -> None:
    """Small numbers and "that one" are no order numbers."""
    assert not find_codes(said, 4, 4).values


def test_two_codes_are_two() -> None:
    """Joined by "and", or grouped so that only each fits."""
    assert find_codes("where are 4571 and 4572", 4, 4).values == ("4571", "4572")
    assert find_codes("4571 4572", 4, 4).values == ("4571", "4572")


def test_too_few_digits_are_kept_as_a_part() -> None:
    """A caller who breathes in the middle of a number goes on in the next turn."""
    assert find_codes("four five", 4, 4, True).partial == "45"


def test_homophones_only_count_among_digits() -> None:
    """ "For" is four in front of digits that lack one, and a word elsewhere."""
    assert find_codes("where is order for five seven one", 4, 4).values == ("4571",)
    assert find_codes("I'm asking for 4571", 4, 4).values == ("4571",)


def test_a_sentence_of_digits_is_an_answer() -> None:
    """Fillers do not make it something else; other words do."""
    assert digits_only("uh, it's four five seven one please")
    assert not digits_only("has 4571 been shipped")
    assert not digits_only("yes please")


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("where is order 4571", "where is my order"),
        ("look up order number one two three four", "look up my order"),
        ("has 4571 been sent", "has it been sent"),
        ("a table for 12", "a table for 12"),
    ],
)
def test_the_embedding_does_not_see_which_code_it_is(said: str, masked: str) -> None:
    """So that every order number is as near to the examples as any other."""
    assert mask(said) == masked


def test_a_code_is_three_digits_or_more() -> None:
    """Below that it is a quantity or a day."""
    assert has_code("order 457")
    assert not has_code("two of them on the 24th")


@given(st.text(alphabet="0123456789", min_size=4, max_size=8))
def test_any_code_said_digit_by_digit_comes_back(code: str) -> None:
    """Spelled as words, as digits with spaces, and as one number."""
    size = len(code)
    assert find_codes(" ".join(num2words(int(d)) for d in code), size, size).values == (code,)
    assert find_codes("it's " + " ".join(code), size, size).values == (code,)
    assert find_codes(code, size, size).values == (code,)


@given(st.text(max_size=80))
def test_nothing_that_is_said_breaks_it(said: str) -> None:
    """Any text gives codes of the length asked for, or none."""
    for answer in (True, False):
        assert all(4 <= len(code) <= 6 for code in find_codes(said, 4, 6, answer).values)


def test_a_beginning_that_is_corrected_begins_anew() -> None:
    """ "Wait" only asks for patience."""
    assert find_codes("four five, no, four six", 4, 4, True).partial == "46"
    assert find_codes("four five, no, six", 4, 4, True).partial == "46"
    assert find_codes("four five, no, four six seven one", 4, 4, True).values == ("4671",)
    assert find_codes("four five, wait, seven one", 4, 4, True).values == ("4571",)


def test_a_no_with_a_comma_behind_it_corrects() -> None:
    """Of a number that is too short, too: it is no zero."""
    assert find_codes("four five, no, four six", 4, 4, True).partial == "46"
