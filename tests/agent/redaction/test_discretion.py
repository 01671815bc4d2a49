"""What may not stand in a note for people, whoever has worded it."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import AgentSpoke, CallerSpoke, ToolCalled
from agent.intent import Intent, Slot, SlotKind
from agent.redaction.discretion import HIDDEN, Discretion

BOOK = Intent(
    examples=(),
    slots=(
        Slot(name="name", kind=SlotKind.NAME, ask="Under what name?"),
        Slot(name="city", kind=SlotKind.NAME, ask="Where?"),
        Slot(name="dish", kind=SlotKind.NAME, ask="Which dish?"),
        Slot(name="postal_code", kind=SlotKind.CODE, ask="Which ZIP code?"),
        Slot(name="order_number", kind=SlotKind.CODE, ask="Which order?"),
    ),
    noted="ordered {dish}, {order_number}",
)


@pytest.fixture
def discretion() -> Discretion:
    """That of a new call, with one tool."""
    return Discretion({"book": BOOK}, lambda: datetime(2026, 11, 20, 17, tzinfo=UTC))


def heard(discretion: Discretion, question: str, answer: str) -> None:
    """The agent asks, the caller answers."""
    discretion.on_event(AgentSpoke(turn=1, words=1, is_whole=True, text=question))
    discretion.on_event(CallerSpoke(turn=1, words=1, text=answer))


@pytest.mark.parametrize(
    ("figure", "left"),
    [
        ("card 7305", "card […]"),
        ("card seven three oh five", "card […]"),
        ("account 4-4-1-2", "account […]"),
        ("account four, four, one, two", "account […]"),
        ("account forty-four twelve", "account […]"),
        ("ending in double four one two", "ending in double […]"),
        ("ending in ٤٤١٢", "ending in […]"),
        ("card 4539 1488 0343 6467", "card […]"),
        ("born March fifth, nineteen eighty-five", "born […]"),
        ("born on the 5th of March 1985", "born on the […]"),
        ("born 05/03/85", "born […]"),
        ("born 1985-03-05", "born […]"),
        ("has thirty lakh rupees", "has […] rupees"),
        ("balance ₹30,00,000.50", "balance ₹[…]"),
        ("has $5 and 7 dollars", "has $[…] dollars"),
        ("call +1 (202) 555-0101", "call +[…]"),
        ("at priya.sharma@example.com", "at […]"),
        ("p r i y a dot sharma at example dot com", "[…]"),
        ("pay one point five thousand", "pay […]"),
    ],
)
def test_figures_and_addresses_do_not_pass(discretion: Discretion, figure: str, left: str) -> None:
    """Written or spelled, dates and sums too, and what stands around them does."""
    assert discretion.masked(f"Priority: {figure}. Angry") == f"Priority: {left}. Angry"


@pytest.mark.parametrize(
    "words",
    [
        "The lamp broke, and one of the two bulbs too. Third call about it!",
        "wants the late March catalogue for 4 people",
        "I may come on Monday at eight",
        "",
    ],
)
def test_what_says_how_many_passes(discretion: Discretion, words: str) -> None:
    """A colleague needs the matter."""
    assert discretion.masked(words) == words


def test_the_reference_of_what_the_call_is_about_passes_unless_it_is_a_secret_too(discretion: Discretion) -> None:
    """In digits or as it is spoken; whoever is known by the same digits is not betrayed by them."""
    said = "Order 4571, that is four five seven one, not 4572"
    assert discretion.masked(said, {"4571"}) == "Order 4571, that is four five seven one, not […]"
    assert discretion.masked("orders 4571 and 4573", {"4571", "4573"}) == "orders 4571 and 4573"
    discretion.learn(codes=["4571"])
    assert discretion.masked(said, {"4571"}) == "Order […], that is […], not […]"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How can I help?", "my name is Priya Sharma and I want a person"),
        ("What is your full name?", "Priya Sharma."),
        ("Could I have your name, please?", "it's priya sharma, born March fifth 1985"),
        ("And who am I speaking with?", "This is Priya Sharma speaking"),
    ],
)
def test_a_name_that_was_said_does_not_pass(discretion: Discretion, question: str, answer: str) -> None:
    """Whole, in part, with a title, misspelled, or spelled."""
    heard(discretion, question, answer)
    said = "Priya Sharma, Ms. Sharma, PRIYA'S card; Preeya Sharmah, P-R-I-Y-A. The prize is hers"
    assert discretion.masked(said) == "[…], Ms. […] card; […]. The prize is hers"


def test_a_place_that_was_said_does_not_pass_and_its_words_alone_do(discretion: Discretion) -> None:
    """ "New" is no secret of New York's."""
    heard(discretion, "Which city do you live in?", "New York")
    assert discretion.masked("lives in new york, wants a new card") == "lives in […], wants a new card"


def test_what_a_tool_was_given_passes_where_its_author_says_so_only(discretion: Discretion) -> None:
    """The name and city are the caller's, the dish is the matter."""
    arguments = '{"name": "Olu Ade", "city": "Lagos", "dish": "Jollof", "postal_code": "05467", "order_number": "1234"}'
    discretion.on_event(ToolCalled(tool_call="t", tool="book", arguments=arguments))
    discretion.on_event(ToolCalled(tool_call="t", tool="unknown", arguments='{"name": "Anna Jones"}'))
    words = "Olu Ade of Lagos, 05467, wants Jollof, which is 1234, for Anna Jones"
    assert discretion.masked(words, {"05467", "1234"}) == "[…] of […], wants Jollof, which is 1234, for Anna Jones"


def test_a_name_in_letters_that_have_no_sound_for_us_does_not_pass(discretion: Discretion) -> None:
    """It is compared as it is."""
    discretion.learn(names=["山田 太郎"])
    assert discretion.masked("太郎 wants a person") == f"{HIDDEN} wants a person"


def test_our_own_words_keep_their_figures_and_lose_what_callers_are_known_by(discretion: Discretion) -> None:
    """A tool's author may not know which codes are somebody's."""
    discretion.learn(names=["Priya Sharma"], codes=["4412", None])
    said = "Done: moved to Friday the 20th at 10:30 for Priya. About: order 4571, account four four one two."
    assert discretion.checked(said) == (
        "Done: moved to Friday the 20th at 10:30 for […]. About: order 4571, account […]."
    )


@given(st.text(max_size=120), st.lists(st.sampled_from(["4412", "four", "oh", " ", "and", "Priya", "\u00b2", "of"])))
def test_whatever_is_written_no_code_passes(text: str, words: list[str]) -> None:
    """And nothing is an error."""
    discretion = Discretion({}, lambda: datetime(2026, 11, 20, tzinfo=UTC))
    discretion.learn(names=["Priya"])
    kept = discretion.masked(f"{text} {' '.join(words)}")
    assert not re.search(r"\d{3}", kept) and "Priya" not in kept.split()
    discretion.checked(f"{text} {' '.join(words)}")
