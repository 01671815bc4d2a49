"""Names as callers give them, announced or asked for."""

import pytest

from agent.understanding.reading.person_names import find_name, introduces


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("a table for four, name is Miller", "Miller"),
        ("under Anna Miller and my number is 518", "Anna Miller"),
        ("it's under the name of van der Berg, thanks", "Van Der Berg"),
        ("My name's Jean-Luc Moreau", "Jean-Luc Moreau"),
        ("This is Ann Lee, for tomorrow", "Ann Lee"),
        ("it's for two, my name is Kim", "Kim"),
        ("It's for Jonathan Peters.", "Jonathan Peters"),
        ("it's for tomorrow", None),
        ("this is urgent", None),
        ("I'm running late", None),
        ("under thirty dollars", None),
        ("Miller", None),
    ],
)
def test_a_name_is_announced(said: str, name: str | None) -> None:
    """And ends where something else begins."""
    assert find_name(said) == name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Miller", "Miller"),
        ("it's Miller", "Miller"),
        ("under Miller please", "Miller"),
        ("Miller, M I L L E R", "Miller"),
        ("M I L L E R", "Miller"),
        ("no, Smythe", "Smythe"),
        ("make it five people", None),
        ("on Sunday then", None),
        ("I don't know", None),
        ("December 2nd please", None),
        ("April Summer", "April Summer"),
        ("Is outdoor seating available?", None),
        ("do you have wifi", None),
        ("Will Turner", "Will Turner"),
    ],
)
def test_an_answer_may_be_terse(said: str, name: str | None) -> None:
    """But words that are something else are no name."""
    assert find_name(said, is_answer=True) == name


@pytest.mark.parametrize("text", ["that works for me", "sounds good", "sure, that's fine"])
def test_approval_is_no_name(text: str) -> None:
    """Whoever says so while a name is asked for has not given one."""
    assert find_name(text, is_answer=True) is None


def test_a_name_that_is_asked_for_politely_is_one() -> None:
    """ "Please" agrees to nothing."""
    assert find_name("Novak please", is_answer=True) == "Novak"
    assert find_name("no, the name should be Nora Quist") == "Nora Quist"


@pytest.mark.parametrize(
    "text",
    [
        "my name is wrong",
        "the name isn't right",
        "my name is spelled wrong",
        "the name is misspelled",
        "my name's not correct",
    ],
)
def test_what_is_said_about_a_name_is_none(text: str) -> None:
    """Nobody is called Wrong."""
    assert find_name(text) is None
    assert find_name(text, is_answer=True) is None


def test_the_right_name_after_the_wrong_one_is_one() -> None:
    """What is wrong and what is right may stand in one sentence."""
    assert find_name("the name is wrong, it's under Nora Quist") == "Nora Quist"
    assert find_name("my name is Wright") == "Wright"
    assert find_name("my name is Missy Right-Moore") == "Missy Right-Moore"


@pytest.mark.parametrize("text", ["ok, what's his phone number?", "where is that", "so how much is it"])
def test_a_question_is_no_name(text: str) -> None:
    """Asked for a name, some ask something first."""
    assert find_name(text, is_answer=True) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hi, I'm John O'Brien", "John O'Brien"),
        ("hello, this is Ana Lima calling", "Ana Lima"),
        ("my name is Jean-Luc Moreau.", "Jean-Luc Moreau"),
        ("hi, I'm John O'Brien and I lost my card", None),
        ("this is urgent", None),
        ("I'm calling about my order", None),
    ],
)
def test_who_says_only_who_they_are_introduces_themselves(text: str, name: str | None) -> None:
    """Whatever else such a sentence is near to."""
    assert introduces(text) == name
