"""What an STT wrote, taken for the declared sentence that it sounds like."""

import pytest

from agent.understanding.reading.misheard import Misheard, ends_alike

DECLARED = (
    "where do I find my invoice",
    "how do I delete my account",
    "how do I change my address",
    "is there a student discount",
    "I forgot my password",
    "where is my order number 1234",
    "what time is it",
    "what day is it today",
    "do you ship to Canada",
    "where can I sign in to pay",
    "how can I sign in to pay",
    "any news",
)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("where do i find my envoys", "where do i find my invoice"),
        ("how do i delete my count", "how do i delete my account"),
        ("i forgot my past word", "i forgot my password"),
        ("is there a student discontent", "is there a student discount"),
        ("what day is it a day", "what day is it today"),
        ("bee ship to canada", "do you ship to canada"),
        ("don't ship to canada", ""),
        ("not ship to canada", ""),
        ("be sign in to pay", ""),
        ("how do i change a tire", ""),
        ("do you sell lamps", ""),
        ("envoys", ""),
        ("", ""),
    ],
)
def test_a_misheard_sentence_is_known_by_its_sound(heard: str, meant: str) -> None:
    """Near in sound and in letters; short ones sound like too much."""
    assert Misheard(DECLARED).meant(heard) == meant


def test_a_number_is_never_guessed() -> None:
    """A caller's digits are theirs, whatever sentence they sound like."""
    assert Misheard(DECLARED).meant("where is my order number 1235") == ""


def test_nothing_declared_sounds_like_nothing() -> None:
    """A deployment without examples."""
    assert Misheard().meant("where do i find my envoys") == ""


@pytest.mark.parametrize(
    ("heard", "declared", "is_alike"),
    [
        ("what day is it a day", "what day is it today", True),
        ("what day is it", "what day is it today", False),
        ("how long does shipping", "how long does shipping take", False),
        ("do you shipped to canada", "do you ship to canada", True),
    ],
)
def test_a_sentence_is_whole_when_its_last_word_can_be_heard(heard: str, declared: str, is_alike: bool) -> None:
    """A beginning sounds much like the whole, but does not end like it."""
    assert ends_alike(heard, declared) is is_alike
