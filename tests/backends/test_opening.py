"""Opening hours on plain days, special days, and the days on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.opening import Calendar, Span, SpecialDay, Stretch, merged

NEW_YORK = ZoneInfo("America/New_York")
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
THANKSGIVING = SpecialDay("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "Thanksgiving Day")
CHRISTMAS_EVE = SpecialDay("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "Christmas Eve", closes=time(14))
EVERY_DAY = tuple(Span(weekday, time(9), time(17)) for weekday in range(7))
NIGHTS = tuple(Span(weekday, time(22), time(4)) for weekday in range(7))


def hours(calendar: Calendar, day: date) -> list[tuple[str, str]]:
    """A day's stretches as the wall shows them."""
    return [(f"{calendar.wall(s.start):%H:%M}", f"{calendar.wall(s.end):%H:%M}") for s in calendar.stretches(day)]


@pytest.mark.parametrize(
    ("day", "open_from_to"),
    [
        (date(2026, 11, 25), [("09:00", "17:00")]),
        (date(2026, 11, 26), []),
        (date(2027, 11, 25), []),
        (date(2027, 11, 26), [("09:00", "17:00")]),
        (date(2026, 12, 24), [("09:00", "14:00")]),
        (date(2026, 12, 31), []),
    ],
    ids=["plain", "Thanksgiving", "Thanksgiving a year later", "the day after it", "Christmas Eve", "a single date"],
)
def test_special_days_come_back_each_year_and_dates_do_not(day: date, open_from_to: list[tuple[str, str]]) -> None:
    """The fourth Thursday of November is another date each year."""
    calendar = Calendar(NEW_YORK, EVERY_DAY, (THANKSGIVING, CHRISTMAS_EVE, SpecialDay("2026-12-31", "a private party")))
    assert hours(calendar, day) == open_from_to


def test_a_date_counts_more_than_a_yearly_rule() -> None:
    """This year the house stays open for lunch on Thanksgiving."""
    this_year = SpecialDay("2026-11-26", "our Thanksgiving lunch", opens=time(11), closes=time(15))
    calendar = Calendar(NEW_YORK, EVERY_DAY, (THANKSGIVING, this_year))
    assert hours(calendar, date(2026, 11, 26)) == [("11:00", "15:00")]


def test_easter_is_a_rule_too() -> None:
    """Two days before Easter, which calendars write as an extension of RFC 5545."""
    calendar = Calendar(NEW_YORK, EVERY_DAY, (SpecialDay("FREQ=YEARLY;BYEASTER=-2", "Good Friday"),))
    assert hours(calendar, date(2027, 3, 26)) == []
    assert hours(calendar, date(2027, 3, 25))


def test_two_stretches_of_a_day_leave_the_break_out() -> None:
    """Lunch from noon to one; a visit of an hour must end before it."""
    calendar = Calendar(NEW_YORK, (Span(0, time(13), time(15)), Span(0, time(9), time(12))))
    starts = [f"{calendar.wall(at):%H:%M}" for at in calendar.starts(date(2026, 11, 23), step=HOUR, length=HOUR)]
    assert starts == ["09:00", "10:00", "11:00", "13:00", "14:00"]


def test_a_special_day_that_closes_before_it_opens_is_closed() -> None:
    """The evening of a short day has no hours left."""
    calendar = Calendar(NEW_YORK, tuple(Span(d, time(17), time(22)) for d in range(7)), (CHRISTMAS_EVE,))
    assert hours(calendar, date(2026, 12, 24)) == []


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        (date(2027, 3, 13), time(9), datetime(2027, 3, 13, 14, tzinfo=UTC)),
        (date(2027, 3, 14), time(9), datetime(2027, 3, 14, 13, tzinfo=UTC)),
        (date(2027, 3, 14), time(2, 30), None),
        (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (date(2026, 11, 1), time(9), datetime(2026, 11, 1, 14, tzinfo=UTC)),
    ],
    ids=["winter", "summer", "leapt over", "there twice: the first", "winter again"],
)
def test_a_time_of_the_wall_is_what_the_caller_means(day: date, at: time, utc: datetime | None) -> None:
    """Nine is nine on both sides of the change."""
    assert Calendar(NEW_YORK, ()).moment(day, at) == utc


@pytest.mark.parametrize(
    ("night", "elapsed"),
    [(date(2027, 3, 12), 6), (date(2027, 3, 13), 5), (date(2026, 10, 31), 7)],
    ids=["plain", "an hour is missing", "an hour is there twice"],
)
def test_a_night_through_the_change_is_as_long_as_it_really_is(night: date, elapsed: int) -> None:
    """From ten to four; it belongs to the evening's date."""
    (stretch,) = Calendar(NEW_YORK, NIGHTS).stretches(night)
    assert stretch.end - stretch.start == elapsed * HOUR


def test_the_hour_that_is_there_twice_is_offered_once() -> None:
    """Half past one would not say which."""
    calendar = Calendar(NEW_YORK, NIGHTS)
    starts = [f"{calendar.wall(at):%H:%M}" for at in calendar.starts(date(2026, 10, 31), step=HOUR, length=HOUR)]
    assert starts == ["22:00", "23:00", "00:00", "01:00", "02:00", "03:00"]


def test_the_hour_that_is_leapt_over_is_not_offered() -> None:
    """After one comes three."""
    calendar = Calendar(NEW_YORK, NIGHTS)
    starts = [f"{calendar.wall(at):%H:%M}" for at in calendar.starts(date(2027, 3, 13), step=HOUR, length=HOUR)]
    assert starts == ["22:00", "23:00", "00:00", "01:00", "03:00"]


@given(
    day=st.dates(date(2025, 1, 1), date(2035, 12, 31)),
    zone=st.sampled_from(["America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"]),
    opens=st.times().map(lambda t: t.replace(minute=t.minute // 15 * 15, second=0, microsecond=0)),
    closes=st.times().map(lambda t: t.replace(minute=t.minute // 15 * 15, second=0, microsecond=0)),
)
def test_each_start_can_be_said_and_fits(day: date, zone: str, opens: time, closes: time) -> None:
    """What is offered is found again by its day and time on the wall, and ends before the house closes."""
    calendar = Calendar(ZoneInfo(zone), (Span(day.weekday(), opens, closes),))
    for start in calendar.starts(day, step=QUARTER, length=HOUR):
        wall = calendar.wall(start)
        assert calendar.moment(wall.date(), wall.time()) == start
        assert any(s.start <= start and start + HOUR <= s.end for s in calendar.stretches(day))


def test_where_several_work_the_house_is_open_while_any_of_them_does() -> None:
    """Nobody wants to hear of shifts that overlap; a pause of all stays one."""
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    shifts = [(-4, 0), (-3, 1), (1, 5), (2, 6), (8, 9)]
    stretches = [Stretch(noon + HOUR * start, noon + HOUR * end) for start, end in shifts]
    assert merged(reversed(stretches)) == (
        Stretch(noon - 4 * HOUR, noon + 6 * HOUR),
        Stretch(noon + 8 * HOUR, noon + 9 * HOUR),
    )
