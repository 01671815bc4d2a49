"""Where a text may be cut for speaking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.speaking.clauses import LONGEST_WORDS, OPENING_WORDS, clauses, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("Dr. Smith is in. Mr. Jones is out.", ["Dr. Smith is in.", "Mr. Jones is out."]),
        ("It costs 19.99 today.", ["It costs 19.99 today."]),
        ("One line\nanother line", ["One line", "another line"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, expected: list[str]) -> None:
    """Abbreviations and decimals do not end a sentence; a line break does."""
    assert sentences(text) == expected


def test_a_long_sentence_is_cut_at_its_commas() -> None:
    """The caller hears the first clause while the next is made."""
    text = (
        "You can return anything within thirty days of delivery, as long as it is unused and in its original "
        "packaging, and we refund the full amount within five working days."
    )
    found = clauses(text)
    assert found[0] == "You can return anything within thirty days of delivery,"
    assert all(len(clause.split()) <= LONGEST_WORDS for clause in found)


def test_a_short_sentence_stays_whole() -> None:
    """Commas in a short sentence keep their melody."""
    assert clauses("Yes, please, go on.") == ["Yes, please, go on."]


@given(st.text(alphabet=st.sampled_from("abcdeXYZ .,;:!?-\n019"), max_size=400))
def test_no_word_is_lost_or_doubled(text: str) -> None:
    """Whatever the text, its clauses hold the same letters and digits in the same order."""
    kept = "".join("".join(clauses(text)).split())
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


@given(st.text(alphabet=st.sampled_from("ab ,"), min_size=1, max_size=600))
def test_no_clause_keeps_the_caller_waiting(text: str) -> None:
    """Even a text without marks is cut."""
    assert all(len(clause.split()) <= 2 * LONGEST_WORDS for clause in clauses(text))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("You can return anything within thirty days of delivery, as long as it is unused.", "You can return anything"),
        (
            "Order four five seven one was shipped with FedEx, and should arrive today.",
            "Order four five seven one was shipped",
        ),
        ("Yes, we are open on Saturdays from nine to five every week.", "Yes, we are open"),
        ("Shipping takes three to five days and is free above fifty dollars.", "Shipping takes three to five days"),
        ("It costs five dollars.", "It costs five dollars."),
    ],
)
def test_a_reply_opens_with_a_short_clause(text: str, first: str) -> None:
    """It is heard as soon as it is made; the rest is made meanwhile."""
    assert clauses(text, is_opening=True)[0] == first
    assert len(clauses(text, is_opening=True)[0].split()) <= len(clauses(text)[0].split())


@given(st.lists(st.sampled_from(["it", "goes", "on", "and", "with", "you,", "there.", "Yes,"]), min_size=1))
def test_an_opening_loses_no_word(words: list[str]) -> None:
    """However it is cut, the clauses are the text."""
    assert " ".join(clauses(" ".join(words), is_opening=True)) == " ".join(clauses(" ".join(words)))
    assert OPENING_WORDS < LONGEST_WORDS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It ships on Nov. 17. It is late.", ["It ships on Nov. 17.", "It is late."]),
        ("Rs. 500 is left. Pay it.", ["Rs. 500 is left.", "Pay it."]),
        ("Under No. 5. I said no. Then I left.", ["Under No. 5.", "I said no.", "Then I left."]),
        ("See Prof. Lee at 12 St. James St. 5 is free.", ["See Prof. Lee at 12 St. James St. 5 is free."]),
        ("Open Mon. Thurs. and Fri. only.", ["Open Mon. Thurs. and Fri. only."]),
    ],
)
def test_a_dot_that_shortens_a_word_ends_no_sentence(text: str, parts: list[str]) -> None:
    """A voice that is given "Rs." and then "500" says both wrong; what may be a sentence of its own stays one."""
    assert sentences(text) == parts
