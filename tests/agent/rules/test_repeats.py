"""What counts as said again."""

import pytest

from agent.rules.repeats import says_again


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("where is my order", "Where is my order?"),
        ("I said where is my order", "where is my order"),
        ("a table for four on friday", "Table for four, on Friday"),
        ("no, my order, where is it", "where is my order"),
    ],
)
def test_the_same_again_is_a_repeat(now: str, before: str) -> None:
    """Whatever the order and the marks."""
    assert says_again(now, before)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("yes", "yes"),
        ("four five seven one", ""),
        ("where is my order", "what are your opening hours"),
        ("and on saturday", "a table for four on friday please"),
        ("no thank you", "thank you"),
    ],
)
def test_another_matter_or_a_short_answer_is_none(now: str, before: str) -> None:
    """Yes twice answers two questions."""
    assert not says_again(now, before)
