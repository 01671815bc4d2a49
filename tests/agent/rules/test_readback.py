"""How codes, telephone numbers and addresses are said back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules import readback


@pytest.mark.parametrize(
    ("code", "groups"),
    [
        ("", ()),
        ("7", ("7",)),
        ("4571", ("4571",)),
        ("45711", ("457", "11")),
        ("457112", ("457", "112")),
        ("5550100", ("555", "0100")),
        ("12345678", ("1234", "5678")),
        ("123456789", ("123", "456", "789")),
        ("5550100199", ("555", "010", "0199")),
        ("12345678901", ("123", "4567", "8901")),
        ("123456789012", ("1234", "5678", "9012")),
        ("4111111111111111", ("4111", "1111", "1111", "1111")),
    ],
)
def test_a_code_is_cut_into_groups_of_three_and_four(code: str, groups: tuple[str, ...]) -> None:
    """Nobody keeps more than four digits in mind at once."""
    assert readback.groups(code) == groups


@given(st.text(alphabet="0123456789", max_size=40))
def test_no_digit_is_lost_and_no_group_is_long(code: str) -> None:
    """Joined, the groups are the code."""
    found = readback.groups(code)
    assert "".join(found) == code
    assert all(1 <= len(group) <= readback.LONGEST for group in found)
    assert len(found) < 2 or min(map(len, found)) >= 2


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("4571", "four five seven one"),
        ("0-9", "zero nine"),
        ("A1", "A one"),
        ("AB12CD", "A B one, two C D"),
        ("123456789", "one two three, four five six, seven eight nine"),
        ("", ""),
    ],
)
def test_a_code_is_said_digit_by_digit(code: str, said: str) -> None:
    """A comma between groups is the breath in which the caller compares."""
    assert readback.code(code) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("5550100199", "five five five, zero one zero, zero one nine nine"),
        ("+15550100199", "plus one, five five five, zero one zero, zero one nine nine"),
        ("+442079460958", "plus four four, two zero seven, nine four six, zero nine five eight"),
        ("+911234", "plus nine one one, two three four"),
    ],
)
def test_a_telephone_number_begins_with_its_country(number: str, said: str) -> None:
    """As far as the number itself shows which digits that is."""
    assert readback.phone(number) == said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("name@example.com", "name at example dot com"),
        ("jane_doe45@mail.example.org", "jane underscore doe four five at mail dot example dot org"),
        ("a-b+c@example.com", "a dash b plus c at example dot com"),
        ("example.com/returns", "example dot com slash returns"),
    ],
)
def test_an_address_is_said_with_its_signs(address: str, said: str) -> None:
    """As people dictate it."""
    assert readback.address(address) == said
