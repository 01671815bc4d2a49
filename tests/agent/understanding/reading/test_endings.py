"""Whether words may go on, by declared sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.reading.endings import Ending, Endings

DECLARED = (
    "what is your return policy",
    "do you sell gift cards",
    "where can I buy a gift card",
    "which credit cards do you take",
    "I forgot my password",
    "how long does delivery take",
    "when is my delivery coming",
    "what does delivery cost",
    "tell me about the delivery",
)


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        ("What is your return?", Ending.GOES_ON),
        ("Which credit", Ending.GOES_ON),
        ("I need to know about your gift", Ending.OPEN),
        ("Can you tell me the delivery?", Ending.OPEN),
        ("I forgot my password.", Ending.DECLARED),
        ("Okay, so I forgot my password.", Ending.DECLARED),
        ("Do you take credit cards?", Ending.WHOLE),
        ("Do you have a car park?", Ending.WHOLE),
        ("", Ending.WHOLE),
        ("?", Ending.WHOLE),
    ],
)
def test_an_ending_is_judged_by_what_callers_are_known_to_say(said: str, ending: Ending) -> None:
    """The beginning of a declared sentence goes on; a word that mostly stands inside of them may."""
    assert Endings(DECLARED).of(said) is ending


ADJOINED = (
    "are you open on monday",
    "are you open on sunday",
    "how late are you open today",
    "can I pay in cash",
    "is the pool heated in winter",
    "is the pool table free",
    "do you sell gift cards",
)


@pytest.mark.parametrize(
    ("said", "is_adjoined"),
    [
        ("When are you open?", True),
        ("Are you open", True),
        ("How late are you open?", True),
        ("Is the pool heated?", True),
        ("Can I pay", False),
        ("How late are", False),
        ("Is the pool", False),
        ("Do you sell gift", False),
        ("open", False),
        ("", False),
    ],
)
def test_a_question_is_whole_without_its_time_and_place(said: str, *, is_adjoined: bool) -> None:
    """Where nothing else is known to follow: "open" "on monday", but "gift" "cards"."""
    assert Endings(ADJOINED).is_adjoined(said) is is_adjoined


def test_nothing_declared_holds_nothing_open() -> None:
    """A deployment without examples and documents."""
    assert Endings().of("What is your return") is Ending.WHOLE


@given(st.text(max_size=60))
def test_a_declared_sentence_is_whole_however_it_ends(sentence: str) -> None:
    """Also one from which another goes on, which is why it may be more than what was declared."""
    assert Endings([sentence, f"{sentence} and more"]).of(sentence) is Ending.WHOLE
