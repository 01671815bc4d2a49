"""The number that the line shows, or none."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.line_number import line_number

HIDDEN = ("anonymous", "restricted", "unavailable", "unknown", "private", "withheld")
FORMS = (
    "{}",
    " {} ",
    "sip:{}@anonymous.invalid",
    "sips:{}@trunk.example.com:5061;transport=tls",
    '"Anonymous" <sip:{}@anonymous.invalid>;tag=88f2',
    "<sip:{}@10.0.0.1>",
    "tel:{}",
    "+{}",
)
KEYS = {letter: digit for digit, letters in enumerate(("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), 2)
        for letter in letters}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("word", HIDDEN)
def test_a_hidden_number_is_none_in_every_form(word: str, form: str) -> None:
    """Whatever its case, and dialled on a keypad, as some networks send it."""
    dialled = "".join(str(KEYS[letter]) for letter in word)
    for said in (word, word.upper(), word.title(), dialled, f"+{dialled}"):
        assert line_number(form.format(said)) == ""


@pytest.mark.parametrize(
    "shown",
    [
        "", " ", "+", "+266696687", "266696687", "+10000000000", "+1 111 111 1111", "0000000000", "5550100199", "1000",
        "+1555", "+15550100199555010", "+999123456789", "sip:1001@pbx.local", "sip:+15550100199@anonymous.invalid",
        '"Private" <sip:+15550100199@trunk>', "Private Number", "No Caller ID", "+1555call", "tel:+1555;ext=2",
    ],
)  # fmt: skip
def test_what_is_no_number_that_can_be_called_back_is_none(shown: str) -> None:
    """Filled in, too short or too long for its country, of the house's own exchange, or shown against a wish."""
    assert line_number(shown) == ""


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("+15550100199", "+15550100199"),
        (" +1 (555) 010-0199 ", "+15550100199"),
        ("sip:+15550100199@trunk.example.com;user=phone", "+15550100199"),
        ('"Anna Jones" <sips:+447911123456@10.0.0.1:5061>;tag=1', "+447911123456"),
        ("<sip:+15550100199;phone-context=+1@10.0.0.1>", "+15550100199"),
        ("tel:+49-1511-2345678", "+4915112345678"),
        ("+6834567", "+6834567"),
    ],
)
def test_a_number_is_given_as_e_164(shown: str, number: str) -> None:
    """As trunks write it; short ones of small countries too."""
    assert line_number(shown) == number


@given(st.text(alphabet=string.printable, max_size=40))
def test_whatever_is_shown_is_e_164_or_nothing(shown: str) -> None:
    """Never an error, and reading it again changes nothing."""
    number = line_number(shown)
    assert number == "" or (number.startswith("+") and number[1:].isdigit())
    assert line_number(number) == number
