"""E-mail addresses as they are dictated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.reading.addresses import dictated, find_email


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("john dot smith at example dot com", "john.smith@example.com"),
        ("Send it to orders at company dot con.", "orders@company.com"),
        ("It's Jane Dot Smith at Gmail Dot Tom.", "jane.smith@gmail.com"),
        ("jane.con@example.orc", "jane.con@example.org"),
        ("It's Jane Dot Smith at Gmail Dot Com.", "jane.smith@gmail.com"),
        ("j o h n at example dot com please", "john@example.com"),
        ("J-O-H-N at example.com", "john@example.com"),
        ("john at example dot c o m", "john@example.com"),
        ("it's ann, a double n, at g mail dot com", "ann@gmail.com"),
        ("m as in mike, a, r, y at example dot org", "mary@example.org"),
        ("jane underscore doe forty-five at mail dot example dot org", "jane_doe45@mail.example.org"),
        ("john at the rate gmail dot com", "john@gmail.com"),
        ("a dash b plus c at example dot com", "a-b+c@example.com"),
        ("my e-mail is john@example.com.", "john@example.com"),
        ("john at", None),
        ("john at example", None),
        ("look at that", None),
        ("", None),
    ],
)
def test_an_address_is_heard_as_it_is_dictated(said: str, address: str | None) -> None:
    """Signs by their names, letters one by one, the rest as words."""
    assert find_email(said) == address


def test_an_address_that_has_only_begun_is_written_so_far() -> None:
    """For whoever asks whether it is all of it."""
    assert dictated("it's john at example") == "john@example"


@given(st.text(max_size=80))
def test_nothing_that_is_said_breaks_it(said: str) -> None:
    """There is an address or none."""
    found = find_email(said)
    assert found is None or found.count("@") == 1
