"""How word errors are counted."""

import numpy as np
import pytest

from evals.wer import RATE, errors, mu_law_8k, words


@pytest.mark.parametrize(
    ("said", "heard", "wrong"),
    [
        ("Where is my order?", "where's my order", 0),
        ("four five seven one", "4571", 0),
        ("It is twenty one.", "It's 21.", 0),
        ("Goodbye.", "Good-bye!", 0),
        ("Where is my order?", "Where my older", 2),
        ("Yes.", "", 1),
    ],
)
def test_spelling_is_no_error_and_a_lost_word_is(said: str, heard: str, wrong: int) -> None:
    """Case, marks, contractions and digits are ways of writing; words are counted."""
    assert errors(said, heard) == wrong


def test_long_numbers_are_read_digit_by_digit() -> None:
    """As callers say order numbers."""
    assert words("order 1002") == ["order", "one", "zero", "zero", "two"]


def test_a_telephone_line_keeps_the_voice_and_loses_the_rest() -> None:
    """A tone below 4 kHz passes at its level, one above is gone."""
    second = np.arange(RATE) / RATE
    low, high = ((np.sin(second * 2 * np.pi * hertz) * 10_000).astype(np.int16) for hertz in (1000, 6000))
    assert np.std(mu_law_8k(low)) == pytest.approx(np.std(low), rel=0.1)
    assert np.std(mu_law_8k(high)) < np.std(high) * 0.05
