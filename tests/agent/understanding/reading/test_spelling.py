"""Letters said one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.reading.spelling import letters_apart, said_before, spelled


@pytest.mark.parametrize(
    ("said", "letters"),
    [
        ("S M I T H", "smith"),
        ("S-M-I-T-H", "smith"),
        ("S. M. I. T. H.", "smith"),
        ("it's S M I T H please", "smith"),
        ("S as in Sam, M as in Mary, Y", "smy"),
        ("B for bravo, double T", "btt"),
        ("alpha bravo four two", "ab42"),
        ("x-ray yankee zulu double u", "xyzw"),
        ("A B one two C", "ab12c"),
        ("Smith, S M I", "smi"),
        ("Victor", ""),
        ("Charlie Mike", ""),
        ("four five seven", ""),
        ("plan B is better", ""),
        ("", ""),
    ],
)
def test_spelled_letters_are_put_together(said: str, letters: str) -> None:
    """Words of the telephone alphabet only among letters: Victor is a name."""
    assert spelled(said) == letters


def test_the_name_that_is_spelled_is_known() -> None:
    """So that one hears when the spelling is over."""
    assert said_before("My name is Smith, that's S M I T H") == "smith"
    assert said_before("S M I T H") == ""


@given(st.text(max_size=60))
def test_any_text_may_be_spelled(said: str) -> None:
    """What comes out are letters and digits."""
    assert all(sign.isalnum() for sign in spelled(said))
    assert letters_apart(letters_apart(said)) is not None
