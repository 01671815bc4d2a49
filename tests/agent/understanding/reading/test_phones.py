"""Telephone numbers as callers give them, in pieces and in any order, or a question."""

import pytest

from agent.understanding.reading.phones import area_last, find_phone


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("555-0142, area code 212", "2125550142"),
        ("it's five five five zero one nine zero and the area code is five oh three", "5035550190"),
        ("plus one, area code seven one three, five five five, oh one two seven", "+17135550127"),
        ("area code 904, sorry, 940 555 0121", "9405550121"),
        ("20 7946 0018, country code 44", "+442079460018"),
        ("nine four nine, five five five, oh one six, no, oh one seven six", "9495550176"),
        ("four oh eight five five five oh one two seven no sorry oh one seven two", "4085550172"),
        ("It's 713-555-0149. No wait, 0159.", "7135550159"),
        ("one eight hundred triple five zero one zero one", "18005550101"),
        ("212 555 0142 extension 12", "2125550142"),
        ("91 98765 43210", "919876543210"),
    ],
)
def test_a_number_is_put_together_as_it_was_meant(said: str, number: str) -> None:
    """Whatever piece came first or was said again."""
    assert find_phone(said, is_answer=True) == number


@pytest.mark.parametrize(
    "said",
    [
        "it's either 646-555-0131 or 646-555-0132, I'm not sure",
        "212-555-01",
        "two one two five five five oh one four",
        "oh two oh seven nine four six, I forget the rest",
        "seven oh three five five five oh one two two eight nine",
        "I don't have one",
    ],
)
def test_what_is_not_one_whole_number_is_asked_again(said: str) -> None:
    """Two numbers, half of one, and one with too many digits."""
    assert find_phone(said, is_answer=True) is None


@pytest.mark.parametrize(
    ("local", "area", "number"),
    [
        ("5550142", "212", "2125550142"),
        ("2125550", "142", ""),  # a number as it was said
        ("5550142", "2", ""),
        ("5550142", "555", ""),  # no number in either order
        ("555014", "212", ""),
    ],
)
def test_an_area_code_may_come_last(local: str, area: str, number: str) -> None:
    """Where the digits are no number in the order said."""
    assert area_last(local, area) == number
