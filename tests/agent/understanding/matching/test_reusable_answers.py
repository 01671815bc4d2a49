"""Which questions mean the same in every call, and which answers say no more than the documents."""

import pytest

from agent.understanding.matching.passages import Passage
from agent.understanding.matching.reusable_answers import is_anybodys, is_covered, is_grounded, key

RETURNS = Passage(
    "You can return anything unused within thirty days. Start the return in your account. We also ship to Canada.",
    "Returns",
    "returns.md#Returns",
    ("what is your return policy", "how long do I have to return something"),
)


@pytest.mark.parametrize(
    "question",
    ["What is your return policy?", "How long do I have to return something?", "Can I return shoes without a receipt?"],
)
def test_a_question_of_anybody(question: str) -> None:
    """It is whole in itself."""
    assert is_anybodys(question)


@pytest.mark.parametrize(
    "question",
    [
        "How long does it take?",  # what is it?
        "What about that?",
        "Are you open today?",  # ask tomorrow, and the answer is wrong
        "Where is my order?",  # whose?
        "What is the status of order 4571?",
        "What is the status of order four five seven one?",
        "Can you write to jane@example.com?",
        "And what else can I return?",
        "Thirty days.",
        "Returns",
        "",
    ],
)
def test_a_question_of_one_caller(question: str) -> None:
    """It points at somebody, something or some time, or it is no question."""
    assert not is_anybodys(question)


def test_the_answer_to_a_question_of_the_agents_is_no_question() -> None:
    """While something is asked, what is said belongs to that; an open "anything else?" asks for nothing."""
    question = "What is your return policy?"
    assert not is_anybodys(question, "Sure. What is your order number?")
    assert is_anybodys(question, "That's done. Is there anything else?")
    assert is_anybodys(question, "That's done.")


@pytest.mark.parametrize(
    ("question", "is_so"),
    [
        ("What is your return policy?", True),
        ("Do you ship to Canada?", True),
        ("Do you ship to Mexico?", False),
        ("Do you ship to mexico?", False),  # the ear writes names small as often as not
        ("What does Jane Miller return?", False),
        ("What is it?", False),
    ],
)
def test_nothing_of_the_callers_own_is_covered(question: str, is_so: bool) -> None:
    """Every telling word stands in the passage, so no name can."""
    assert is_covered(question, RETURNS) is is_so


def test_a_negation_makes_another_question() -> None:
    """Vectors hardly see it."""
    assert key("Can I return shoes?") != key("Can I return shoes without a receipt?")
    assert key("What is your return policy?") == key("How do returns work?")


@pytest.mark.parametrize(
    ("answer", "is_so"),
    [
        ("You can return anything unused within 30 days. Anything else?", True),
        ("Sure! You have thirty days to return anything, starting in your account.", True),
        ("You can return anything within sixty days.", False),  # another number
        ("Jane, you can return anything unused within thirty days.", False),  # a name
        ("Yes, you can return anything unused within thirty days.", True),
        ("You can return anything, dear Jane, within thirty days.", False),
        ("I am afraid the weather in the mountains has been terrible.", False),
        ("Would you like to return something?", False),  # says nothing
        ("", False),
    ],
)
def test_an_answer_says_what_the_passages_say(answer: str, is_so: bool) -> None:
    """Numbers and names must be theirs, and most of the words."""
    assert is_grounded(answer, [RETURNS]) is is_so


def test_what_only_this_call_knows_is_not_repeated() -> None:
    """The red shoes were this caller's."""
    answer = "You can return the red shoes within thirty days, unused, and start it in your account."
    assert is_grounded(answer, [RETURNS])
    assert not is_grounded(answer, [RETURNS], told="I bought red shoes.")
    assert is_grounded("You can return anything unused within thirty days.", [RETURNS], told="I want a return.")
