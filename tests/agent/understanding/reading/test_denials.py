"""Sentences that sound like a wish for a tool, and want it, or the opposite of it."""

import pytest

from agent.intent import Intent
from agent.understanding.reading.denials import Against, against, has_denial

PAY = Intent(examples=("pay my phone bill", "make a payment", "transfer money to my sister"))
BLOCK = Intent(examples=("block my card", "I can't find my card", "cancel my debit card", "freeze my card", "stop it"))
BOOK = Intent(examples=("book a table", "make a reservation", "I need an appointment"))
CANCEL = Intent(examples=("cancel my booking", "I can't come, cancel my table", "cancel the appointment"))


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("don't pay anybody", PAY),
        ("I don't want to pay anything", PAY),
        ("please do not make the payment", PAY),
        ("don't block my card", BLOCK),
        ("no, don't book it", BOOK),
        ("we don't want a table", BOOK),
        ("I do not need an appointment", BOOK),
    ],
)
def test_what_shall_not_be_done_is_left(said: str, intent: Intent) -> None:
    """However near it is to the tool's own examples."""
    assert against(said, intent, is_undoing=False) is Against.LEAVE


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("reverse that transfer", PAY),
        ("can you cancel that payment?", PAY),
        ("please stop the payment", PAY),
        ("unblock my card", BLOCK),
        ("can you unfreeze my debit card please", BLOCK),
        ("I never booked anything", BOOK),
        ("I did not make a reservation", BOOK),
        ("I did not want to pay my phone bill", PAY),
        ("undo the last booking", BOOK),
        ("take it back please", PAY),
        ("call that reservation off", BOOK),
    ],
)
def test_what_is_taken_back_is_undone(said: str, intent: Intent) -> None:
    """By a word that takes back, by an "un-", or since it never was wanted."""
    assert against(said, intent, is_undoing=False) is Against.UNDO


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("pay my phone bill", PAY),
        ("I don't have my card any more, block it", BLOCK),
        ("I do not know where my card is", BLOCK),
        ("cancel my debit card", BLOCK),
        ("stop my card", BLOCK),
        ("why don't you book us a table", BOOK),
        ("it didn't fit on Monday, book a table for Tuesday", BOOK),
        ("can't you book me a table", BOOK),
        ("can someone call me back about my appointment", BOOK),
        ("I don't remember whether I have a reservation, make a new one", BOOK),
    ],
)
def test_another_not_is_none(said: str, intent: Intent) -> None:
    """What the tool itself is wanted with, what the caller lacks, and what somebody else did not do."""
    assert against(said, intent, is_undoing=False) is None


@pytest.mark.parametrize("said", ["I don't need the table any more", "we won't need our booking", "cancel my booking"])
def test_who_needs_it_no_more_wants_the_tool_that_undoes(said: str) -> None:
    """A "not" before the thing is why it shall be cancelled."""
    assert against(said, CANCEL, is_undoing=True) is None


@pytest.mark.parametrize("said", ["don't cancel my booking", "I don't want to cancel the appointment"])
def test_what_shall_not_be_undone_is_left(said: str) -> None:
    """A "not" before the act is no wish for it."""
    assert against(said, CANCEL, is_undoing=True) is Against.LEAVE


def test_a_denial_is_the_callers_own() -> None:
    """ "It didn't come" denies nothing of what the caller does."""
    assert has_denial("I never asked for that")
    assert not has_denial("it didn't come")
    assert not has_denial("undo that")
