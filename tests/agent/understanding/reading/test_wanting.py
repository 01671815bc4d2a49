"""Wanting something done, and wanting to know about it."""

import pytest

from agent.understanding.reading.wanting import asks_to_know, wants


@pytest.mark.parametrize(
    "text",
    [
        "I need a cleaning",
        "I'd like to return this",
        "can I get a crown",
        "we're looking for a table",
        "I want a filling",
    ],
)
def test_a_wish_is_for_something(text: str) -> None:
    """Said of oneself."""
    assert wants(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'd like to know about whitening",
        "I need some information on crowns",
        "how long does a cleaning take",
        "I want to ask how a return works",
        "your dentist hurt me",
    ],
)
def test_a_question_is_no_wish(text: str) -> None:
    """Whoever wants to know wants nothing done."""
    assert not wants(text)


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("do they have outdoor seating", True),
        ("please find out whether they have outdoor seating", True),
        ("is there parking", True),
        ("can we sit outside", False),
        ("I'd like the terrace", False),
    ],
)
def test_who_asks_what_there_is_has_not_taken_it(text: str, *, is_asked: bool) -> None:
    """ "Can we" is a wish."""
    assert asks_to_know(text) is is_asked
