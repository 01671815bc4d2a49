"""Words as people say them."""

import pytest

from agent.understanding.reading.words import content_words, is_noise, with_digits


@pytest.mark.parametrize("said", ["", ".", "uh", "Um... hm.", "?!"])
def test_noise_is_no_word(said: str) -> None:
    """Nothing was said."""
    assert is_noise(said)


def test_one_word_is_no_noise() -> None:
    """However short."""
    assert not is_noise("no")


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("one oh oh three", "1 0 0 3"),
        ("double oh seven", "00 7"),
        ("twenty-one", "21"),
        ("that one", "that thing"),
        ("oh no", "oh no"),
        ("a double bed", "a double bed"),
        ("the party's twenty", "the party's 20"),
        ("the deputy's at two", "the deputy's at 2"),
        ("one day or zero", "1 day or 0"),
    ],
)
def test_spoken_numbers_become_digits(said: str, digits: str) -> None:
    """And words that only look like numbers stay."""
    assert with_digits(said).replace(" ", "") == digits.replace(" ", "")


def test_content_words_meet_across_their_endings() -> None:
    """Returns, returned and returning are one word; the words of any question are none."""
    assert set(content_words("returns")) == set(content_words("returned")) == set(content_words("I was returning it"))
    assert content_words("what do you do") == []
