"""How long a silence must be, by words, melody, dictation and pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.endpointing import Dictated, Grasp, Meant, Pace, Patience, Pause, Wait, is_unfinished, wait_for
from agent.rules.language import ENGLISH, language

PATIENCE = Patience(finished_s=0.25, unsure_s=0.6, unfinished_s=1.6, dictation_s=2.0)


@pytest.mark.parametrize(
    "text",
    [
        "What is your return policy?",
        "Where is my order?",
        "I'd like to book a table.",
        "Tell me where my order is.",
        "I want to know how old they are.",
        "Yes.",
        "No",
        "Okay.",
        "Mm.",
        "I think so.",
        "That's all, thank you.",
        "Can I pay with a credit card?",
        "What is it for?",
        "I need it.",
        "Goodbye.",
        "No, I don't.",
        "My name is John Miller.",
        "What does it look like?",
        "Four five seven one.",
        "It went well.",
        "Who is it from?",
        "Why not?",
        "And?",
    ],
)
def test_a_sentence_that_may_end_here_is_not_held_open(text: str) -> None:
    """Whole sentences and short answers end soon."""
    assert not is_unfinished(text, ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        "I'd like to",
        "I'd like to, um,",
        "I want to return my",
        "My order number is",
        "I bought a lamp and",
        "Can you tell me when",
        "The address is,",
        "Do you have any",
        "I would like to know whether",
        "Is there a",
        "My name is",
        "I'm calling because",
        "It costs more than",
        "Could you uh",
        "I think I'd",
        "I was going to\u2026",
        "Let me",
        "He said that the",
        "I mean",
        "Well, it's",
        "Do you have parking for?",
        "Can I change my address and?",
        "I have a question about.",
        "Is that the?",
    ],
)
def test_a_sentence_that_nobody_ends_like_this_is_held_open(text: str) -> None:
    """Function words, hesitations and commas."""
    assert is_unfinished(text, ENGLISH)


def test_the_strongest_reason_to_wait_wins() -> None:
    """Dictation before words before melody before nothing."""
    number = Pause("My number is four five", 0.9, Dictated.UNFINISHED)
    assert wait_for(number, PATIENCE, ENGLISH).seconds == 2.0
    assert wait_for(Pause("My number is", 0.9), PATIENCE, ENGLISH).seconds == 1.6
    assert wait_for(Pause("Where is my order", 0.1), PATIENCE, ENGLISH).seconds == pytest.approx(1.267, abs=0.001)
    assert wait_for(Pause("Where is my order", 0.9), PATIENCE, ENGLISH).seconds == 0.25
    assert wait_for(Pause("Where is my order", None), PATIENCE, ENGLISH).seconds == 0.25
    assert wait_for(Pause("", 0.9), PATIENCE, ENGLISH).seconds == 0.6


@pytest.mark.parametrize(
    ("meant", "sound", "wait_s"),
    [
        (Meant.CLEAR, 0.9, 0.25),
        (Meant.CLEAR, None, 0.25),
        (Meant.CLEAR, 0.1, 0.6),
        (Meant.DECLARED, 0.9, 0.25),
        (Meant.DECLARED, 0.1, 0.425),
        (Meant.TOLD, 0.9, 0.6),
        (Meant.TOLD, 0.1, 1.267),
        (Meant.ASKED, 0.9, 0.6),
        (Meant.ASKED, 0.1, 1.267),
        (Meant.LACKING, 0.9, 1.6),
        (Meant.OPEN, 0.9, 0.6),
        (Meant.OPEN, 0.4, 1.267),
        (Meant.LACKING, 0.1, 1.6),
        (Meant.UNCLEAR, 0.9, 1.267),
        (Meant.UNCLEAR, 0.4, 1.6),
        (Meant.UNCLEAR, None, 1.6),
        (None, 0.9, 0.25),
        (None, 0.4, 0.6),
        (None, 0.1, 1.267),
        (None, None, 0.25),
    ],
)
def test_meaning_and_melody_together_say_how_long(meant: Meant | None, sound: float | None, wait_s: float) -> None:
    """ "I have a question" … "about delivery": whole by its words, and not yet a wish."""
    assert wait_for(Pause("I have a question.", sound, meant=meant), PATIENCE, ENGLISH).seconds == pytest.approx(
        wait_s, abs=0.001
    )


def test_a_comma_that_the_stt_wrote_holds_a_clear_sentence_open_only_a_little() -> None:
    """It writes them behind whole sentences too."""
    pause = Pause("I forgot my password,", 0.5, meant=Meant.CLEAR)
    assert wait_for(pause, PATIENCE, ENGLISH).seconds == 0.6
    assert wait_for(Pause("I forgot my, ", 0.5, meant=Meant.CLEAR), PATIENCE, ENGLISH).seconds == 1.6
    assert wait_for(Pause("I forgot my password,", 0.1, meant=Meant.CLEAR), PATIENCE, ENGLISH).seconds == 1.6


def test_a_whole_number_ends_the_turn_whatever_its_words() -> None:
    """A value that is complete is complete, however it sounded: "oh" is a digit here, no hesitation."""
    wait = wait_for(Pause("four five seven oh", 0.05, Dictated.WHOLE), PATIENCE, ENGLISH)
    assert (wait.seconds, wait.reason) == (0.25, "dictated")
    assert wait_for(Pause("five five five", 0.9, Dictated.OPEN), PATIENCE, ENGLISH).seconds == pytest.approx(
        1.267, abs=0.001
    )


@pytest.mark.parametrize(("text", "wait_s"), [("Yes.", 0.425), ("No.", 0.6), ("No, four people", 0.25), ("4571", 0.25)])
def test_a_no_may_have_more_behind_it_and_a_yes_a_please(text: str, wait_s: float) -> None:
    """Answers to a question of ours, which are whole as they are."""
    assert wait_for(Pause(text, 0.9, Dictated.WHOLE), PATIENCE, ENGLISH).seconds == pytest.approx(wait_s)


def test_a_code_that_nobody_asked_for_has_a_wish_behind_it() -> None:
    """ "I'm looking for order 1003." … "where is it?"."""
    told = Pause("I'm looking for order 1003.", 0.9, Dictated.WHOLE, Meant.TOLD)
    assert wait_for(told, PATIENCE, ENGLISH) == Wait(0.6, "dictated, and maybe more", Grasp.WHOLE)


@pytest.mark.parametrize(
    ("first", "again", "settles"),
    [
        (Pause("Where is my odder?", 0.5, meant=Meant.UNCLEAR), Pause("x", 0.5, meant=Meant.CLEAR), True),
        (Pause("What day is it a day?", 0.5, meant=Meant.OPEN), Pause("x", 0.1, meant=Meant.CLEAR), True),
        (Pause("One year of five.", 0.5, meant=Meant.LACKING), Pause("x", 0.5, Dictated.WHOLE), True),
        (Pause("One zero free.", 0.5, Dictated.UNFINISHED), Pause("x", 0.5, Dictated.WHOLE), True),
        (Pause("It's about order.", 0.5, Dictated.UNFINISHED), Pause("x", 0.5, meant=Meant.CLEAR), False),
        (Pause("Where is my odder?", 0.5, meant=Meant.UNCLEAR), Pause("x", 0.5, meant=Meant.OPEN), False),
        (Pause("Where is my odder?", 0.5, meant=Meant.UNCLEAR), Pause("Yes.", 0.5, Dictated.WHOLE), False),
        (Pause("Do you have parking for", 0.5, meant=Meant.UNCLEAR), Pause("x", 0.5, meant=Meant.DECLARED), False),
        (Pause("Deeship to Canada,", 0.5, meant=Meant.UNCLEAR), Pause("x", 0.5, meant=Meant.DECLARED), True),
        (Pause("Deeship to Canada,", 0.5, meant=Meant.UNCLEAR), Pause("x", 0.5, meant=Meant.CLEAR), False),
        (Pause("Deeship to Canada,", 0.5, meant=Meant.UNCLEAR), Pause("x", 0.5, Dictated.WHOLE), False),
        (Pause("Bee, ship to Canada,", 0.1, meant=Meant.DECLARED), Pause("x", 0.1, meant=Meant.DECLARED), True),
        (Pause("Where is my order?", 0.5, meant=Meant.CLEAR), Pause("x", 0.5, meant=Meant.CLEAR), False),
        (Pause("I forgot my password.", 0.1, meant=Meant.TOLD), Pause("x", 0.5, meant=Meant.CLEAR), False),
    ],
)
def test_another_hearing_counts_where_it_makes_the_sense_that_the_first_did_not(
    first: Pause, again: Pause, settles: bool
) -> None:
    """Not where the caller has more to say: a word that nobody ends on was heard by the first."""
    heard, heard_again = wait_for(first, PATIENCE, ENGLISH), wait_for(again, PATIENCE, ENGLISH)
    assert heard_again.settles(heard) is settles
    assert not settles or heard.is_for_sense


def test_a_caller_who_was_cut_off_gets_more_time_and_loses_it_again() -> None:
    """The shortest wait follows the caller's pace, within bounds, and never passes the wait of those unsure."""
    pace, sure = Pace(), Pause("Where is my order?", 0.9)
    for _ in range(9):
        pace = pace.cut_off()
    assert wait_for(sure, PATIENCE, ENGLISH, pace).seconds == 0.6
    for _ in range(30):
        pace = pace.went_well()
    assert wait_for(sure, PATIENCE, ENGLISH, pace).seconds == 0.25


@given(st.text(max_size=60), st.none() | st.floats(0, 1), st.sampled_from(Dictated), st.integers(0, 9))
def test_every_wait_is_one_of_the_profiles(text: str, sound: float | None, dictated: Dictated, cuts: int) -> None:
    """Whatever was said: not below the shortest, not above the longest, and with a reason."""
    pace = Pace()
    for _ in range(cuts):
        pace = pace.cut_off()
    wait = wait_for(Pause(text, sound, dictated), PATIENCE, ENGLISH, pace)
    assert 0.25 <= wait.seconds <= 2.0 and wait.reason


def test_a_language_without_words_of_its_own_borrows_the_english_ones() -> None:
    """Nothing breaks on a profile's regional code."""
    assert language("en-GB") is language("xx") is ENGLISH
