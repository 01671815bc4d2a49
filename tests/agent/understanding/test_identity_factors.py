"""What callers say of who they are."""

from datetime import UTC, datetime

import pytest

from agent.understanding.identity_factors import ACCOUNT, BORN, CARD, CITY, NAME, begun_name, find_factors

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PRIYA, MARCH = {NAME: "Priya Sharma"}, {BORN: "1985-03-05"}


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("priya sharma", NAME, PRIYA),
        ("it's Priya Sharma", NAME, PRIYA),
        ("Priya. Sharma.", NAME, PRIYA),
        ("Sharma, Priya Sharma", NAME, PRIYA),
        ("P R I Y A Sharma", NAME, {NAME: "PRIYA Sharma"}),
        ("Yes, it's Priya Sharma speaking.", NAME, PRIYA),
        ("My name is Priya Sharma and I was born on the fifth of March eighty-five", "", PRIYA | MARCH),
        ("This is Priya Sharma from Mumbai, what's my balance", "", PRIYA),
        ("I'm John O'Brien and I'd like my balance", "", {NAME: "John O'Brien"}),
        ("Catherine Jones from Chicago", NAME, {NAME: "Catherine Jones"}),
        ("march fifth nineteen eighty five", BORN, MARCH),
        ("The 5th of March, 85.", BORN, MARCH),
        ("1985, March 5th", BORN, MARCH),
        ("in 1985 on the fifth of March", BORN, MARCH),
        ("oh three oh five eighty-five", BORN, MARCH),
        ("no wait, March fifth eighty-five", ACCOUNT, MARCH),
        ("four four one two", ACCOUNT, {ACCOUNT: "4412"}),
        ("for four one two", ACCOUNT, {ACCOUNT: "4412"}),
        ("They are two to zero six,", ACCOUNT, {ACCOUNT: "2206"}),
        ("Four, four, one, two.", ACCOUNT, {ACCOUNT: "4412"}),
        ("It's 4,412", ACCOUNT, {ACCOUNT: "4412"}),
        ("double four one two", ACCOUNT, {ACCOUNT: "4412"}),
        ("oh oh nine two", ACCOUNT, {ACCOUNT: "0092"}),
        ("five zero zero one zero zero seven seven four four one two", ACCOUNT, {ACCOUNT: "4412"}),
        ("my card ends in seven three oh five", ACCOUNT, {CARD: "7305"}),
        ("7305, that's my card", ACCOUNT, {CARD: "7305"}),
        ("account 4412 and card 7305", "", {ACCOUNT: "4412", CARD: "7305"}),
        ("it's 5 March 1985 and the account is four four one two", BORN, MARCH | {ACCOUNT: "4412"}),
        ("no, not that, 4413", ACCOUNT, {ACCOUNT: "4413"}),
        ("mumbai", CITY, {CITY: "Mumbai"}),
        ("I live in New Delhi", "", {CITY: "New Delhi"}),
        ("I'm from New Orleans and my name is Jean-Luc Moreau", "", {NAME: "Jean-Luc Moreau", CITY: "New Orleans"}),
    ],
)
def test_details_are_found_in_any_order(text: str, asked: str, found: dict[str, str]) -> None:
    """Asked for or not, one or several in a sentence."""
    assert find_factors(text, NOW, asked) == found


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("what's my balance", ""),
        ("this is ridiculous", ""),
        ("I'm really angry now", NAME),
        ("Priya", NAME),
        ("Priya, yes", NAME),
        ("my name is Priya, good morning", ""),
        ("I don't know", ACCOUNT),
        ("four four one two", NAME),
        ("in 1985", ""),
        ("the fifth of March", BORN),
        ("four four one", ACCOUNT),
    ],
)
def test_other_words_and_halves_are_none(text: str, asked: str) -> None:
    """A number that nobody asked for and nobody named is nothing."""
    assert find_factors(text, NOW, asked) == {}


def test_a_numeric_date_is_read_as_the_country_writes_it() -> None:
    """The third of May or the fifth of March."""
    assert find_factors("born 5/3/1985", NOW) == {BORN: "1985-05-03"}
    assert find_factors("born 5/3/1985", NOW, is_day_first=True) == {BORN: "1985-03-05"}


@pytest.mark.parametrize(
    ("text", "begun"), [("Priya.", "priya"), ("it's Priya", "priya"), ("no", ""), ("Priya S.", "")]
)
def test_a_given_name_alone_is_a_beginning(text: str, begun: str) -> None:
    """The family name may follow in a second breath."""
    assert begun_name(text) == begun
