"""Where another voice goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.resuming import rest_of

LONG = "It is with the carrier now, and they say that it will be at your door on Friday before noon."


@pytest.mark.parametrize(
    ("heard", "rest"),
    [
        (0.0, LONG),
        (0.1, LONG),  # hardly begun
        (0.25, "and they say that it will be at your door on Friday before noon."),  # near a clause's end
        (0.35, "and they say that it will be at your door on Friday before noon."),
        (0.7, "door on Friday before noon."),  # no boundary near: the word that was being said
        (0.95, ""),
        (1.0, ""),
    ],
)
def test_it_goes_on_at_the_nearest_boundary(heard: float, rest: str) -> None:
    """A clause's beginning where one is near, else the word that was being said."""
    assert rest_of(LONG, heard) == rest


@given(st.text(max_size=200), st.floats(0, 1))
def test_the_rest_is_the_end_of_the_sentence(sentence: str, heard: float) -> None:
    """Whatever the words: nothing is made up, and no word is cut."""
    rest = rest_of(sentence, heard).split()
    assert rest == sentence.split()[len(sentence.split()) - len(rest) :]
