"""One question at the end: what is an answer, and that it is asked once."""

import asyncio

import pytest

from agent.call.survey import Survey, score_in
from agent.events import CallerSpoke
from agent.profile.after_call import SurveyChoice

ASKED = SurveyChoice(question="From one to five, how was it?", wait_s=1)


def spoke(text: str) -> CallerSpoke:
    """The caller's turn."""
    return CallerSpoke(turn=3, words=1, text=text)


@pytest.mark.parametrize(
    ("words", "score"),
    [
        ("5", 5), ("Four.", 4), ("for", 4), ("I'd say a four", 4), ("um, three I guess", 3), ("two out of five", 2),
        ("five stars!", 5), ("Definitely a five, thank you", 5), ("it was a one", 1), ("I'd give it a solid 4", 4),
    ],
)  # fmt: skip
def test_a_number_from_one_to_five_is_an_answer(words: str, score: int) -> None:
    """However people wrap it."""
    assert score_in(words) == score


@pytest.mark.parametrize(
    "words",
    [
        "one more thing", "to change my order", "wait, I have one question", "six", "0", "no", "goodbye", "",
        "where is order four five seven one", "I need two tables", "for four people", "45",
    ],
)  # fmt: skip
def test_anything_else_is_none(words: str) -> None:
    """It is the caller's next wish."""
    assert score_in(words) is None


def test_it_is_asked_once_and_only_if_the_profile_asks() -> None:
    """A caller who goes on after it and says goodbye again is let go."""
    assert not Survey().is_due
    survey = Survey(ASKED)
    assert survey.is_due and survey.ask() == ASKED.question
    assert not survey.is_due


async def test_the_first_words_after_the_question_are_the_answer() -> None:
    """A guess of them is thanked for, too, since they may be it; a later number is not."""
    survey = Survey(ASKED)
    survey.on_event(spoke("five"))
    assert survey.score is None and survey.reply_to("five") == ""
    survey.ask()
    assert survey.reply_to("fou") == "" and survey.reply_to("four") == ASKED.thanks
    survey.on_event(spoke("four"))
    await survey.wait()
    assert survey.score == 4 and survey.reply_to("four") == ASKED.thanks
    survey.on_event(spoke("two"))
    assert survey.score == 4 and survey.reply_to("two") == ""


async def test_who_wants_something_else_gives_no_score() -> None:
    """And is not thanked for it."""
    survey = Survey(ASKED)
    survey.ask()
    survey.on_event(spoke("where is my order"))
    await survey.wait()
    assert survey.score is None and survey.reply_to("where is my order") == ""


async def test_who_says_nothing_is_let_go() -> None:
    """After the profile's wait; what comes later is no answer any more."""
    survey = Survey(ASKED)
    survey.ask()
    async with asyncio.timeout(5):
        await survey.wait()
    survey.on_event(spoke("four"))
    assert survey.score is None
