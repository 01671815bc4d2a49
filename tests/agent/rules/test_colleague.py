"""What a person who is asked to take a call means, by a key or by words."""

import pytest

from agent.language.en.yes_no import find_yes_no
from agent.rules.colleague import LONG_S, Reply, is_machine, key_reply, reply_of

SAID = {
    Reply.ACCEPTS: (
        "Yes.",
        "Sure, put them through.",
        "Yeah I'll take it",
        "go ahead",
        "okay, connect us",
        "Yes please, send her over.",
        "Put him on.",
    ),
    Reply.DECLINES: (
        "No.",
        "Sorry, I can't right now.",
        "I'm in a meeting, call back later.",
        "That's the wrong department.",
        "Not now please",
        "I'm busy, try someone else",
        "yes but not now",
    ),
    Reply.ASKS: ("Who is calling?", "What is it about", "Sorry?", "which order is it", "is it Mrs Sharma?"),
    Reply.MACHINE: (
        "Please leave a message after the tone.",
        "Maria is not available.",
        "You have reached the desk of Tom",
    ),
    Reply.NONE: ("", "hmm", "hello this is Maria"),
}


@pytest.mark.parametrize(("reply", "said"), [(reply, said) for reply, each in SAID.items() for said in each])
def test_words_mean_what_people_mean_by_them(reply: Reply, said: str) -> None:
    """A doubt never joins two people."""
    assert reply_of(said, find_yes_no(said)) is reply


def test_one_accepts_and_two_declines() -> None:
    """Any other key is nothing."""
    assert [key_reply(key) for key in "120#"] == [Reply.ACCEPTS, Reply.DECLINES, Reply.NONE, Reply.NONE]


@pytest.mark.parametrize(
    ("said", "lasted_s", "is_one"),
    [
        ("Billing, Maria speaking.", 1.5, False),
        ("Hello?", 0.5, False),
        ("Hi, you've reached the mailbox of Tom. Please leave a message.", 3.0, True),
        ("Our office hours are from nine to five.", 2.5, True),
        ("", LONG_S + 1.0, True),
    ],
)
def test_a_recording_is_told_from_a_person(said: str, lasted_s: float, is_one: bool) -> None:
    """By what it says, or because it does not stop."""
    assert is_machine(said, lasted_s) is is_one
