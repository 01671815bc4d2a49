"""How a text ends."""

import pytest

from agent.understanding.reading.trailing import (
    Completeness,
    before_value,
    ends_round,
    is_aside,
    promises,
    tail,
)


@pytest.mark.parametrize(
    ("said", "digits", "previous", "after"),
    [
        ("four five", "45", "", ()),
        ("my number is 45 71 please", "4571", "", ("please",)),
        ("4572, no, seven one", "71", "4572", ()),
        ("two lamps, and it's four five", "45", "", ()),
        ("4571 has it been sent", "4571", "", ("has", "it", "been", "sent")),
        ("hello", "", "", ()),
    ],
)
def test_the_last_digits_are_found_with_what_stands_around_them(
    said: str, digits: str, previous: str, after: tuple[str, ...]
) -> None:
    """A correction begins a run of its own and remembers the one before."""
    found = tail(said)
    assert (found.digits, found.previous, found.after) == (digits, previous, after)


def test_homophones_in_front_of_digits_can_be_asked_for() -> None:
    """ "Order for five" may be "order four five"."""
    assert tail("where is order for five seven one").digits == "571"
    assert tail("where is order for five seven one", with_homophones=True).digits == "4571"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("my number is", Completeness.UNFINISHED),
        ("it's, um", Completeness.UNFINISHED),
        ("I think it's", Completeness.UNFINISHED),
        ("yes", Completeness.OPEN),
        ("I don't know what it is", Completeness.NONE),
        ("is it?", Completeness.NONE),
        ("I lost it", Completeness.NONE),
        ("", Completeness.NONE),
    ],
)
def test_a_value_is_announced_or_not(said: str, expected: Completeness) -> None:
    """By the words in front of it."""
    assert before_value(said) is expected


def test_other_endings() -> None:
    """Round numbers go on, nobody ends on "double", and an aside is no value."""
    assert ends_round("forty-five seventy", ("45", "70"))
    assert ends_round("45 70", ("45", "70"))
    assert not ends_round("4570", ("4570",))
    assert promises("seven seven double")
    assert not promises("I ordered none")
    assert not promises("where is my order, Nam")
    assert promises("B as in")
    assert not promises("com")
    assert promises("when will I get order number")
    assert not promises("where do I find the order number")
    assert not promises("I lost my order number")
    assert is_aside("where do I find that")
    assert not is_aside("four five")
