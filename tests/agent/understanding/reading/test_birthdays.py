"""Days of birth as people say them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from agent.understanding.reading.birthdays import find_birth_date

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("said", "born"),
    [
        ("the fifth of March eighty-five", date(1985, 3, 5)),
        ("march fifth nineteen eighty five", date(1985, 3, 5)),
        ("Fifth March nineteen eighty-five", date(1985, 3, 5)),
        ("it's March 5th, 1985.", date(1985, 3, 5)),
        ("1985-03-05", date(1985, 3, 5)),
        ("3/5/1985", date(1985, 3, 5)),
        ("oh three oh five eighty five", date(1985, 3, 5)),
        ("25/3/1985", date(1985, 3, 25)),
        ("third of may two thousand and five", date(2005, 5, 3)),
        ("may third two thousand five", date(2005, 5, 3)),
        ("may third nineteen hundred and ninety", date(1990, 5, 3)),
        ("the second of february oh one", date(2001, 2, 2)),
        ("january the twenty first nineteen ninety", date(1990, 1, 21)),
        ("thirty first of december nineteen ninety nine", date(1999, 12, 31)),
        ("march fifth nineteen oh five", date(1905, 3, 5)),
        ("no sorry, the sixth of March eighty-five", date(1985, 3, 6)),
        ("the fifth of march eighty-five, no, the sixth of march eighty-five", date(1985, 3, 6)),
        ("sept 9 88", date(1988, 9, 9)),
        ("February nineteen ninety-nine", None),
        ("march nineteenth eighty five", date(1985, 3, 19)),
        ("march 19 1985", date(1985, 3, 19)),
        ("The twenty-eight the February, nineteen ninety nine.", date(1999, 2, 28)),
        ("the twenty-first of november twenty-six", date(2026, 11, 21)),
        ("the twenty-second of november twenty-six", date(1926, 11, 22)),
        ("march fifth", None),
        ("nineteen eighty five", None),
        ("the thirtieth of february ninety", None),
        ("fifth of march two thousand thirty", None),
        ("march fifth eighteen ninety", None),
        ("13/13/1985", None),
        ("07141979", date(1979, 7, 14)),
        ("14071979", date(1979, 7, 14)),
        ("19790714", date(1979, 7, 14)),
        ("07141879", None),
        ("order 07141979", None),
        ("I was born in Mumbai", None),
        ("", None),
    ],
)
def test_a_day_of_birth_is_heard(said: str, born: date | None) -> None:
    """With its century: the latest that is not to come. A day that is none, or has no year, is not heard."""
    assert find_birth_date(said, TODAY) == born


def test_a_number_without_a_month_goes_by_the_country() -> None:
    """3/5 is the fifth of March in America and the third of May elsewhere."""
    assert find_birth_date("3/5/85", TODAY) == date(1985, 3, 5)
    assert find_birth_date("3/5/85", TODAY, is_day_first=True) == date(1985, 5, 3)


@given(st.dates(date(1927, 1, 1), TODAY), st.sampled_from(["{day} of {month} {year}", "{month} {day} {year}"]))
def test_any_day_said_in_full_is_heard(born: date, form: str) -> None:
    """Day as an ordinal, year as years are said."""
    said = form.format(day=num2words(born.day, to="ordinal"), month=f"{born:%B}", year=num2words(born.year, to="year"))
    assert find_birth_date(said, TODAY) == born, said


@given(st.text(max_size=60))
def test_no_text_makes_it_raise(text: str) -> None:
    """Whatever the ear makes of it."""
    find_birth_date(text, TODAY)
