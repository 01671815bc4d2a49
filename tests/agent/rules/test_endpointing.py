"""How long a silence must be, by the evidence, dictation and pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.language.en.turn_words import ENGLISH
from agent.language.packs import language
from agent.rules.endpointing import (
    HARDLY,
    SURE,
    UNSURE,
    Dictated,
    Pace,
    Patience,
    Pause,
    by_likelihood,
    is_unfinished,
    wait_for,
)
from agent.rules.evidence import Meant, Who
from agent.turns.witnesses import completeness

PATIENCE = Patience(finished_s=0.25, unsure_s=0.6, unfinished_s=1.6, dictation_s=2.0)
WHOLE, DOUBTFUL, CUT = (
    {Who.WORDS: 0.99, Who.SMART_TURN: 0.99},
    {Who.WORDS: 0.6, Who.SMART_TURN: 0.8},
    {Who.WORDS: 0.4, Who.SMART_TURN: 0.05},
)


def wait_s(pause: Pause, pace: Pace | None = None) -> float:
    """Seconds, to the millisecond."""
    return round(wait_for(pause, PATIENCE, ENGLISH, pace).seconds, 3)


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
        "How are you?",
        "Where is it?",
        "Who are they?",
        "I know who you are, do you?",
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
        "When are you?",
        "Can I?",
        "how do they",
        "What would it?",
    ],
)
def test_a_sentence_that_nobody_ends_like_this_is_held_open(text: str) -> None:
    """Function words, hesitations and commas."""
    assert is_unfinished(text, ENGLISH)


def test_what_is_certain_goes_before_what_is_likely() -> None:
    """Dictation before words that nobody ends on, those before the evidence."""
    assert wait_s(Pause("My number is four five", WHOLE, Dictated.UNFINISHED)) == 2.0
    assert wait_s(Pause("My number is", WHOLE)) == 1.6
    assert wait_s(Pause("I'd like to book a table and", WHOLE, meant=Meant.DECLARED)) == 1.6
    assert wait_s(Pause("Where is my order", CUT)) == 1.6
    assert wait_s(Pause("Where is my order", WHOLE)) == 0.25
    assert wait_s(Pause("", WHOLE)) == 0.6


@pytest.mark.parametrize("said", [WHOLE, DOUBTFUL, CUT, {}, {Who.WORDS: 0.9}, {Who.SMART_TURN: 0.9}])
def test_not_to_know_a_sentence_adds_nothing(said: dict[Who, float]) -> None:
    """Not to know a sentence adds nothing; to know it shortens, word for word the most."""
    text = "My neighbour's cat sat on the parcel."
    by_meaning = {meant: wait_s(Pause(text, said, meant=meant)) for meant in (None, *Meant)}
    assert by_meaning[Meant.BEGUN] == 1.6  # that is known, too
    assert by_meaning[None] == by_meaning[Meant.UNCLEAR]
    assert by_meaning[Meant.DECLARED] <= by_meaning[Meant.CLEAR] <= by_meaning[Meant.UNDERSTOOD] <= by_meaning[None]


def test_what_is_known_to_go_on_is_waited_for() -> None:
    """ "What is your return", where callers are known to ask for the policy: whatever the voice does."""
    assert wait_s(Pause("What is your return", WHOLE, meant=Meant.BEGUN)) == 1.6
    assert wait_s(Pause("What is your return", WHOLE, meant=Meant.UNCLEAR)) == 0.25
    assert wait_s(Pause("four five seven one", DOUBTFUL, Dictated.WHOLE, Meant.BEGUN)) < 0.3


def test_what_sounds_whole_and_reads_whole_waits_no_longer_than_what_is_unsure() -> None:
    """Whoever understands it, or nobody."""
    assert wait_s(Pause("The man from the depot said it was lost.", WHOLE)) == 0.25
    assert wait_s(Pause("The man from the depot said it was lost.", DOUBTFUL)) <= 0.6
    assert wait_s(Pause("Is it lost?", CUT, meant=Meant.DECLARED)) < 0.6


@pytest.mark.parametrize("text", ["What is it for?", "Tell me where my order is.", "Who is it from?"])
def test_what_may_end_on_a_word_that_binds_others_is_judged_by_its_sound(text: str) -> None:
    """Who knows the last words only takes it for cut."""
    for sound, longest in ((0.97, 0.6), (0.6, 0.6), (0.05, 1.6)):
        assert wait_s(Pause(text, {Who.WORDS: 0.02, Who.SMART_TURN: sound})) <= longest
    assert wait_s(Pause("I'd like the lamp", {Who.WORDS: 0.02, Who.SMART_TURN: 0.97})) > 1.2


@pytest.mark.parametrize(
    "text",
    ["Why not?", "I'd rather not.", "That's all I wanted.", "It took me a while.", "Could I have another?",
     "Not really.", "Yes, I am.", "That's where I'm going.", "I don't need it, really."],
)  # fmt: skip
def test_a_word_that_some_end_on_is_left_to_the_witnesses(text: str) -> None:
    """One in a hundred of people's sentences with it end there: a rule would make all of these wait."""
    read = completeness.load("en")
    assert read is not None
    probability = read.probability(text)
    assert probability is not None
    assert wait_s(Pause(text, {Who.WORDS: probability, Who.SMART_TURN: 0.97})) < 0.75


@pytest.mark.parametrize("text", ["I need", "I also", "I want", "Can you also", "I'm really", "I am", "Yes, maybe"])
def test_a_word_that_some_end_on_still_waits_where_it_begins_something(text: str) -> None:
    """The same words, and what people say before them."""
    read = completeness.load("en")
    assert read is not None
    probability = read.probability(text)
    assert probability is not None
    assert wait_s(Pause(text, {Who.WORDS: probability, Who.SMART_TURN: 0.3})) > 1.2


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_likelier_the_end_the_shorter_the_wait(one: float, other: float) -> None:
    """One curve, from the longest to the shortest, that never rises."""
    waits = [by_likelihood(likely, PATIENCE, 0.25) for likely in sorted((one, other))]
    assert 1.6 >= waits[0] >= waits[1] >= 0.25


def test_the_curve_goes_through_its_corners() -> None:
    """Hardly over, as likely as not, as good as over."""
    assert [by_likelihood(likely, PATIENCE, 0.25) for likely in (0.0, HARDLY, UNSURE, SURE, 1.0)] == [
        1.6, 1.6, 0.6, 0.25, 0.25,
    ]  # fmt: skip


def test_a_comma_that_the_stt_wrote_holds_a_clear_sentence_open_only_a_little() -> None:
    """It writes them behind whole sentences too."""
    assert wait_s(Pause("I forgot my password,", WHOLE, meant=Meant.CLEAR)) == 0.6
    assert wait_s(Pause("I forgot my, ", WHOLE, meant=Meant.CLEAR)) == 1.6
    assert wait_s(Pause("I forgot my password,", CUT, meant=Meant.CLEAR)) == 1.6
    assert wait_s(Pause("I forgot my password,", WHOLE)) == 1.6


def test_a_whole_answer_is_waited_for_like_a_sentence_that_is_known() -> None:
    """ "oh" is a digit here, no hesitation; a number whose length nobody knows may go on."""
    wait = wait_for(Pause("four five seven oh", DOUBTFUL, Dictated.WHOLE), PATIENCE, ENGLISH)
    assert wait.seconds == pytest.approx(0.25, abs=0.01) and wait.reason == "and it is known"
    assert wait_s(Pause("five five five", WHOLE, Dictated.OPEN)) == pytest.approx(1.267, abs=0.001)


@pytest.mark.parametrize(("text", "seconds"), [("Yes.", 0.25), ("No.", 0.6), ("No, four people", 0.25), ("4571", 0.25)])
def test_a_no_may_have_more_behind_it(text: str, seconds: float) -> None:
    """Answers to a question of ours, which are whole as they are."""
    assert wait_s(Pause(text, DOUBTFUL, Dictated.WHOLE)) == pytest.approx(seconds, abs=0.01)


def test_a_code_that_nobody_asked_for_may_have_a_wish_behind_it() -> None:
    """ "I'm looking for order 1003." … "where is it?": to know it makes it no quicker than what is unsure."""
    said = "I'm looking for order 1003."
    assert wait_s(Pause(said, WHOLE, Dictated.WHOLE, Meant.UNDERSTOOD)) == wait_s(Pause(said, WHOLE)) < 0.3
    assert wait_s(Pause(said, CUT, Dictated.WHOLE, Meant.UNDERSTOOD)) >= 0.6


@pytest.mark.parametrize(
    ("first", "again", "settles"),
    [
        (Pause("Where is my odder?", DOUBTFUL, meant=Meant.UNCLEAR), Pause("x", DOUBTFUL, meant=Meant.CLEAR), True),
        (Pause("What day is it a day?", DOUBTFUL, meant=Meant.UNCLEAR), Pause("x", DOUBTFUL, meant=Meant.CLEAR), True),
        (Pause("One year of five.", DOUBTFUL, meant=Meant.UNCLEAR), Pause("x", DOUBTFUL, Dictated.WHOLE), True),
        (Pause("One zero free.", DOUBTFUL, Dictated.UNFINISHED), Pause("x", DOUBTFUL, Dictated.WHOLE), True),
        (Pause("It's about order.", DOUBTFUL, Dictated.UNFINISHED), Pause("x", DOUBTFUL, meant=Meant.CLEAR), False),
        (Pause("Where is my odder?", DOUBTFUL, meant=Meant.UNCLEAR), Pause("x", DOUBTFUL, meant=Meant.UNCLEAR), False),
        (Pause("Where is my odder?", DOUBTFUL, meant=Meant.UNCLEAR), Pause("Yes.", DOUBTFUL, Dictated.WHOLE), False),
        (
            Pause("Do you have parking for", DOUBTFUL, meant=Meant.UNCLEAR),
            Pause("x", DOUBTFUL, meant=Meant.DECLARED),
            False,
        ),
        (Pause("Deeship to Canada,", DOUBTFUL, meant=Meant.UNCLEAR), Pause("x", DOUBTFUL, meant=Meant.DECLARED), True),
        (Pause("Deeship to Canada,", DOUBTFUL, meant=Meant.UNCLEAR), Pause("x", DOUBTFUL, meant=Meant.CLEAR), False),
        (Pause("Deeship to Canada,", DOUBTFUL, meant=Meant.UNCLEAR), Pause("x", DOUBTFUL, Dictated.WHOLE), False),
        (
            Pause("Bee, ship to Canada,", CUT, meant=Meant.DECLARED),
            Pause("x", DOUBTFUL, meant=Meant.DECLARED),
            True,
        ),
        (Pause("Where is my order?", DOUBTFUL, meant=Meant.CLEAR), Pause("x", DOUBTFUL, meant=Meant.CLEAR), False),
        (
            Pause("I forgot my password.", DOUBTFUL, meant=Meant.UNDERSTOOD),
            Pause("x", DOUBTFUL, meant=Meant.CLEAR),
            False,
        ),
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
    pace, sure = Pace(), Pause("Where is my order?", WHOLE)
    for _ in range(9):
        pace = pace.cut_off()
    assert wait_s(sure, pace) == 0.6
    for _ in range(30):
        pace = pace.went_well()
    assert wait_s(sure, pace) == 0.25


@given(
    st.text(max_size=60),
    st.dictionaries(st.sampled_from(Who), st.floats(0, 1)),
    st.sampled_from(Dictated),
    st.none() | st.sampled_from(Meant),
    st.integers(0, 9),
)
def test_every_wait_is_within_the_profiles(
    text: str, said: dict[Who, float], dictated: Dictated, meant: Meant | None, cuts: int
) -> None:
    """Whatever was said: not below the shortest, not above the longest, and with a reason."""
    pace = Pace()
    for _ in range(cuts):
        pace = pace.cut_off()
    wait = wait_for(Pause(text, said, dictated, meant), PATIENCE, ENGLISH, pace)
    assert 0.25 <= wait.seconds <= 2.0 and wait.reason


def test_a_language_without_words_of_its_own_borrows_the_english_ones() -> None:
    """Nothing breaks on a profile's regional code."""
    assert language("en-GB") is language("xx") is ENGLISH
