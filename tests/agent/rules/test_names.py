"""Names that were misheard, and names that are others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.names import is_among, is_name, is_place, parts


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Mr. John O'Brien", ("john", "obrien")),
        ("john o brien", ("john", "obrien")),
        ("John O\u2019Brien", ("john", "obrien")),
        ("Ana Núñez-Ortega", ("ana", "nunez", "ortega")),
        ("J O N jones", ("jon", "jones")),
        ("dr sharma", ("sharma",)),
        ("ronald mc donald", ("ronald", "mcdonald")),
        ("...", ()),
        ("", ()),
    ],
)
def test_a_name_is_made_comparable(name: str, words: tuple[str, ...]) -> None:
    """Titles, accents, apostrophes and spelling letter by letter are no part of it."""
    assert parts(name) == words


@pytest.mark.parametrize(
    ("heard", "known"),
    [
        ("Jon O'Brian", "John O'Brien"),
        ("john o brien", "John O'Brien"),
        ("Mister John Obrien", "John O'Brien"),
        ("Sharma Priya", "Priya Sharma"),
        ("preeya sarma", "Priya Sharma"),
        ("priya anand sharma", "Priya Sharma"),
        ("Katherine Johns", "Catherine Jones"),
        ("kathryn jones", "Catherine Jones"),
        ("Raul Sharma", "Rahul Sharma"),
        ("aneeta deshpande", "Anita Deshpande"),
        ("maria lopes", "Maria Lopez"),
        ("sophia rossy", "Sofia Rossi"),
        ("vikrum iyer", "Vikram Iyer"),
        ("jean luc moreau", "Jean-Luc Moreau"),
        ("arjoon meta", "Arjun Mehta"),
        ("madonna", "Madonna"),
    ],
)
def test_a_misheard_name_is_known(heard: str, known: str) -> None:
    """By its sound, its spelling, in either order."""
    assert is_name(heard, known)


@pytest.mark.parametrize(
    ("heard", "known"),
    [
        ("Jane O'Brien", "John O'Brien"),
        ("John Bryan", "John O'Brien"),
        ("john", "John O'Brien"),
        ("obrien", "John O'Brien"),
        ("john john", "John O'Brien"),
        ("rahul sharma", "Priya Sharma"),
        ("priya verma", "Priya Sharma"),
        ("priya mishra", "Arjun Mehta"),
        ("james jackson", "Jones Johnson"),
        ("chen", "Chen Chen"),
        ("priya rahul arjun vikram sharma", "Priya Sharma"),
        ("", "Priya Sharma"),
        ("priya sharma", ""),
        ("", ""),
    ],
)
def test_another_name_is_another(heard: str, known: str) -> None:
    """Half a name, somebody of the family, a list of guesses."""
    assert not is_name(heard, known)


@pytest.mark.parametrize(
    ("heard", "known", "is_same"),
    [
        ("mumbai", "Mumbai", True),
        ("Mumbay", "Mumbai", True),
        ("new delhi", "New Delhi", True),
        ("delhi", "New Delhi", False),
        ("new delhi india", "New Delhi", False),
        ("pune", "Mumbai", False),
        ("san jose", "San Diego", False),
        ("", "Mumbai", False),
        ("mumbai", "", False),
    ],
)
def test_a_city_is_heard_whole(heard: str, known: str, is_same: bool) -> None:
    """All its words and no others."""
    assert is_place(heard, known) is is_same


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_was_heard_gives_an_answer(heard: str, known: str) -> None:
    """And a name of two words or more is always itself."""
    assert is_name(heard, known) in {True, False} and is_place(heard, known) in {True, False}
    if len(set(parts(known))) > 1 and parts(known)[0] != parts(known)[-1]:
        assert is_name(known, known) and is_place(known, known)


@pytest.mark.parametrize(
    ("heard", "is_there"),
    [
        ("pay fifty dollars to loom in power.", True),
        ("pay Lumen Power fifty dollars", True),
        ("to loman power please", True),
        ("pay the power company", False),
        ("pay my phone bill", False),
        ("", False),
    ],
)
def test_a_name_is_found_in_a_sentence_however_its_words_were_parted(heard: str, is_there: bool) -> None:
    """Sound and spelling of a run of words, as an STT writes them."""
    assert is_among(heard, "Lumen Power") is is_there
