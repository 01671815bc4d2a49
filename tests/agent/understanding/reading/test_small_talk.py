"""Set phrases that need no model."""

import pytest

from agent.understanding.reading.small_talk import Small, fixed


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Never mind.", Small.NEVER_MIND),
        ("oh, forget it", Small.NEVER_MIND),
        ("Sorry?", Small.REPEAT),
        ("pardon me", Small.REPEAT),
        ("okay, thank you so much", Small.THANKS),
        ("Good morning!", Small.HELLO),
        ("just a second please", Small.HOLD_ON),
        ("I don't have my order number", Small.NOT_HAD),
        ("sorry, I lost it", Small.NOT_HAD),
        ("That's all, bye.", Small.GOODBYE),
        ("no thanks, that's it", Small.GOODBYE),
        ("okay thank you, have a nice day, bye bye", Small.GOODBYE),
    ],
)
def test_a_set_phrase_is_known(said: str, kind: Small) -> None:
    """Whatever stands before and after it politely."""
    assert fixed(said) is kind


@pytest.mark.parametrize(
    "said", ["", "no", "thanks, when do you close", "I don't know when you close", "wait for my order"]
)
def test_a_phrase_with_more_in_it_is_not_set(said: str) -> None:
    """Then the examples decide."""
    assert fixed(said) is None
