"""What may be done: only what was read back, once, after a plain yes that the caller spoke to it."""

import pytest

from agent.call.agreement import Agreements, Proposal
from agent.errors import Asked, Refused

PAY, OTHER = ("P1", 500), ("P1", 600)
QUESTIONS: dict[tuple[object, ...], str] = {
    PAY: "That is five hundred to Ravi. Shall I pay it?",
    OTHER: "That is six hundred to Ravi. Shall I pay it?",
}


def ask(agreements: Agreements, figures: tuple[object, ...] = PAY) -> Proposal | None:
    """What is agreed to; None when it must be read back."""
    try:
        return agreements.agreed("pay", figures, QUESTIONS[figures])
    except Asked:
        return None


def read_back(figures: tuple[object, ...] = PAY) -> Agreements:
    """A call in which it has just been read back."""
    agreements = Agreements("call-1")
    agreements.hear("pay Ravi five hundred")
    assert ask(agreements, figures) is None
    agreements.spoke(f"Of course. {QUESTIONS[figures]}", is_whole=True)
    return agreements


def test_a_yes_in_the_next_turn_agrees() -> None:
    """And gives the key, which begins with the call's id."""
    agreements = read_back()
    agreements.hear("yes, please")
    agreed = ask(agreements)
    assert agreed and agreed.key == "call-1:1"


@pytest.mark.parametrize(
    "words",
    ["no", "hmm", "yes, no, wait", "what does it cost", "I'm not sure", "", "yes, but not today", "is that right?"],
)
def test_anything_else_does_not(words: str) -> None:
    """A model that calls the tool all the same only has it read back again."""
    agreements = read_back()
    agreements.hear(words)
    assert ask(agreements) is None


def test_nothing_is_agreed_in_the_turn_in_which_it_is_read_back() -> None:
    """However often a model asks, and though the caller's words hold a yes."""
    agreements = Agreements("call-1")
    agreements.hear("yes, pay Ravi five hundred")
    assert [ask(agreements) for _ in range(3)] == [None] * 3


@pytest.mark.parametrize(
    "spoken",
    [
        [],
        [("That is five hundred to", False)],
        [(QUESTIONS[PAY], True), ("That is five hundred to", False)],
        [("Shall I pay it?", True)],
        [(QUESTIONS[OTHER], True)],
        [(QUESTIONS[PAY], True), ("Are you still there?", True)],
        [(f"{QUESTIONS[PAY]} And do you like jazz?", True)],
    ],
)
def test_a_yes_to_half_of_it_or_to_another_question_is_none(spoken: list[tuple[str, bool]]) -> None:
    """It is read back again, and then counts."""
    agreements = Agreements("call-1")
    agreements.hear("pay Ravi")
    assert ask(agreements) is None
    for text, is_whole in spoken:
        agreements.spoke(text, is_whole=is_whole)
    agreements.hear("yes")
    assert ask(agreements) is None
    agreements.spoke(QUESTIONS[PAY], is_whole=True)
    agreements.hear("yes")
    assert ask(agreements)


def test_what_the_agent_says_after_the_yes_takes_nothing_from_it() -> None:
    """ "One moment, please" comes before the tool runs."""
    agreements = read_back()
    agreements.hear("yes")
    agreements.spoke("One moment, please.", is_whole=True)
    assert ask(agreements)


def test_words_that_nobody_answered_belong_to_those_that_follow() -> None:
    """ "Yes", a breath, "at eight": one answer in two turns. A word of the agent's that was cut is no answer."""
    agreements = read_back()
    agreements.hear("no, wait")
    agreements.spoke("Sure", is_whole=False)
    agreements.hear("yes")
    assert agreements.heard == "no, wait yes" and ask(agreements) is None


def test_a_yes_is_to_the_figures_that_were_read_back() -> None:
    """Others are read back first, even if they were agreed to in words."""
    agreements = read_back()
    agreements.hear("yes")
    assert ask(agreements, OTHER) is None
    agreements.spoke(QUESTIONS[OTHER], is_whole=True)
    agreements.hear("yes")
    assert ask(agreements, OTHER)


def test_two_at_once_are_one_too_many() -> None:
    """One yes would mean both."""
    agreements = read_back()
    with pytest.raises(Refused):
        ask(agreements, OTHER)


def test_what_is_done_is_told_again_in_its_turn_and_read_back_in_a_later_one() -> None:
    """A repeated call of the same turn is a repetition, one of a later turn another wish with a key of its own."""
    agreements = read_back()
    agreements.hear("yes")
    first = ask(agreements)
    assert first
    agreements.finish(first, "Paid.")
    repeated = ask(agreements)
    assert repeated and repeated.sentence == "Paid."
    agreements.spoke("Paid.", is_whole=True)
    agreements.hear("yes")
    assert ask(agreements) is None and agreements.was_done("pay", PAY)
    agreements.spoke(QUESTIONS[PAY], is_whole=True)
    agreements.hear("yes")
    second = ask(agreements)
    assert second and second.key != first.key


def test_an_answer_that_did_not_come_is_asked_for_under_the_same_key() -> None:
    """A time-out does not undo the yes; a refusal does."""
    agreements = read_back()
    agreements.hear("yes")
    first = ask(agreements)
    agreements.spoke("That takes long.", is_whole=True)
    agreements.hear("try again")
    assert first and ask(agreements) is first
    assert agreements.again("pay", "P1") is first and agreements.again("pay", "P2") is None
    agreements.drop()
    assert ask(agreements) is None


@pytest.mark.parametrize("words", ["no, leave it", "stop"])
def test_a_no_after_the_yes_counts_while_it_is_not_done(words: str) -> None:
    """Agreed to again, it keeps its key: the first try may have come through."""
    agreements = read_back()
    agreements.hear("yes")
    first = ask(agreements)
    agreements.spoke("That takes long.", is_whole=True)
    agreements.hear(words)
    assert agreements.again("pay", "P1") is None and ask(agreements) is None
    agreements.spoke(QUESTIONS[PAY], is_whole=True)
    agreements.hear("yes")
    assert ask(agreements) is first


def test_a_doubted_yes_is_none() -> None:
    """Whoever knows the values has found another one in the caller's words."""
    agreements = read_back()
    agreements.hear("yes, six hundred")
    agreements.doubt("pay")
    assert ask(agreements) is None


def test_a_question_that_was_announced_counts_once_it_is_said() -> None:
    """The understanding asks without calling the tool; a guess that nobody heard comes to nothing."""
    for said, is_agreed in ((QUESTIONS[PAY], True), (QUESTIONS[OTHER], False), ("Hello.", False)):
        agreements = Agreements("call-1")
        agreements.hear("pay Ravi five hundred")
        agreements.announce("pay", PAY, QUESTIONS[PAY])
        agreements.spoke(said, is_whole=True)
        agreements.hear("yes")
        assert bool(ask(agreements)) is is_agreed


def test_what_was_never_announced_is_not_agreed_to_by_its_words() -> None:
    """A model may say the very question by itself: what it then calls could be anything."""
    agreements = Agreements("call-1")
    agreements.spoke(QUESTIONS[PAY], is_whole=True)
    agreements.hear("yes")
    assert ask(agreements) is None


def test_the_question_is_due_until_it_is_said() -> None:
    """However it is written."""
    agreements = Agreements("call-1")
    agreements.hear("pay Ravi five hundred")
    assert agreements.unsaid == ""
    ask(agreements)
    assert agreements.unsaid == QUESTIONS[PAY]
    agreements.spoke("That is 500 to Ravi... shall I pay it", is_whole=True)
    assert agreements.unsaid == ""
    agreements.hear("yes")
    assert ask(agreements) and agreements.unsaid == ""
