"""What wishes are made of."""

from datetime import date, datetime, time

from evals.strangers.goals import left_open, moment

NOW = datetime(2026, 11, 20, 12)  # noqa: DTZ001  # a caller's own clock, on a Friday


def test_a_moment_is_compared_as_it_is_written() -> None:
    """One that was never agreed to is like none."""
    assert moment({"day": date(2026, 11, 24), "at": time(9, 30)}) == "2026-11-24T09:30"
    assert moment({"day": date(2026, 11, 24)}) == "no moment"


def test_a_wish_that_is_left_open_knows_what_does_for_it() -> None:
    """The week after next begins on a Monday."""
    after_next = next(one for one in left_open(NOW) if "the week after next" in one.words)
    days = [date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 6), date(2026, 12, 7)]
    assert [after_next.fits(day, time(9)) for day in days] == [False, True, True, False]
