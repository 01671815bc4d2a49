"""Days and times as people say them, by each parser."""

import subprocess
import sys
import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config import ROOT
from agent.language import duckling_parser
from agent.language.en import pattern_parser
from agent.language.moments import Moment, Parser, moments

FRIDAY = date(2019, 3, 1)
BOTH: tuple[Parser, ...] = (duckling_parser, pattern_parser)


def days(parser: Parser, text: str, *, is_day_first: bool = False) -> list[date | None]:
    """The day of each moment in the text that has one or several."""
    return [m.day for m in parser.read(text, FRIDAY, is_day_first=is_day_first) if m.has_day]


@pytest.mark.parametrize("parser", BOTH, ids=lambda parser: parser.NAME)
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on the 9th", date(2019, 3, 9)),
        ("the 4th", date(2019, 3, 4)),
        ("the 7th of next month", date(2019, 4, 7)),
        ("friday", date(2019, 3, 8)),
        ("this friday", FRIDAY),
        ("tuesday", date(2019, 3, 5)),
        ("friday the 8th", date(2019, 3, 8)),
        ("a week from this sunday", date(2019, 3, 10)),
        ("2 weeks from tomorrow", date(2019, 3, 16)),
        ("3 days from tuesday", date(2019, 3, 8)),
        ("tomorrow", date(2019, 3, 2)),
        ("day after tomorrow", date(2019, 3, 3)),
        ("march 14th", date(2019, 3, 14)),
        ("2019-03-05", date(2019, 3, 5)),
    ],
)
def test_a_day_that_was_named_is_read(parser: Parser, text: str, day: date) -> None:
    """The next to come; a weekday is not today unless it is this one."""
    assert days(parser, text) == [day]


@pytest.mark.parametrize("parser", BOTH, ids=lambda parser: parser.NAME)
@pytest.mark.parametrize("text", ["friday the 4th", "next week", "this month"])
def test_several_days_are_no_day(parser: Parser, text: str) -> None:
    """The fourth is a Monday, and nobody said which day of the week."""
    assert days(parser, text) == [None]


@pytest.mark.parametrize(
    "text", ["between the 3rd and the 5th", "this weekend", "friday march 9", "from monday to thursday"]
)
def test_duckling_reads_ranges_of_days(text: str) -> None:
    """Of which none was named."""
    assert days(duckling_parser, text) == [None]


@pytest.mark.parametrize("parser", BOTH, ids=lambda parser: parser.NAME)
def test_the_country_says_whether_the_day_comes_first(parser: Parser) -> None:
    """3/5 is the fifth of March in America, the third of May elsewhere."""
    assert days(parser, "3/5") == [date(2019, 3, 5)]
    assert days(parser, "3/5", is_day_first=True) == [date(2019, 5, 3)]


@pytest.mark.parametrize("parser", BOTH, ids=lambda parser: parser.NAME)
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("at 6", ("06:00", "18:00")),
        ("at 6 pm", ("18:00",)),
        ("half past 3", ("03:30", "15:30")),
        ("quarter to 5", ("04:45", "16:45")),
        ("10 to 11", ("10:50", "22:50")),
        ("18:30", ("18:30",)),
        ("noon", ("12:00",)),
        ("half 7", ("07:30", "19:30")),
    ],
)
def test_a_time_is_one_or_two(parser: Parser, text: str, at: tuple[str, ...]) -> None:
    """Two where neither morning nor evening was said."""
    assert [moment.at for moment in parser.read(text, FRIDAY, is_day_first=False)] == [at]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("from ten to eleven", "10:00", "12:00"),
        ("2 pm to 4 pm", "14:00", "17:00"),
        ("tomorrow evening", "18:00", "00:00"),
    ],
)
def test_a_range_of_times_is_no_time(text: str, since: str, until: str) -> None:
    """Its last hour is within it."""
    [moment] = duckling_parser.read(text, FRIDAY)
    assert (moment.at, moment.since, moment.until) == ((), since, until)


@pytest.mark.parametrize(
    ("text", "number", "day"),
    [
        ("eight on the eighth at eight", "eight", date(2019, 3, 8)),
        ("3 next monday", "3", date(2019, 3, 4)),
    ],
)
def test_a_number_before_a_day_may_be_a_count(text: str, number: str, day: date) -> None:
    """So it is a bare moment of its own."""
    head, rest = duckling_parser.read(text, FRIDAY)
    assert text[head.start : head.end] == number and head.is_bare
    assert rest.day == day and not rest.is_bare


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("four in the evening", "16:00"),
        ("evening 4:30", "16:30"),
        ("at 4:15 in the evening", "16:15"),
        ("morning 10", "10:00"),
        ("the evening 7", "19:00"),
    ],
)
def test_a_part_of_the_day_says_which_half(text: str, at: str) -> None:
    """Wherever it stands, and though evening begins later; it is no bare number then."""
    [moment] = duckling_parser.read(text, FRIDAY)
    assert moment.at == (at,) and not moment.is_bare


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("march 7th for 3 days", date(2019, 3, 7)),
        ("by tuesday next week", date(2019, 3, 5)),
        ("until the 14th", date(2019, 3, 14)),
    ],
)
def test_a_stay_and_a_deadline_name_their_day(text: str, day: date) -> None:
    """The day on which a stay begins, and the one until which something is wanted."""
    assert days(duckling_parser, text) == [day]


def test_places_are_characters_whatever_the_alphabet() -> None:
    """Duckling counts bytes in some versions."""
    text = "Caf\u00e9 Zo\u00eb on the 5th at noon"
    [moment] = moments(text, FRIDAY)
    assert text[moment.start : moment.end] == "on the 5th at noon"


@pytest.mark.parametrize("text", ["now", "one second please", "2,000 rupees", "order 4571 is late", "I may come"])
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    """A moment, a thousand, a code, a verb."""
    assert not [moment for moment in moments(text, FRIDAY) if moment.day]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_a_parser(text: str) -> None:
    """Whatever was heard or typed, NUL and emoji too; and no moment lies inside another."""
    for parser in BOTH:
        found: tuple[Moment, ...] = parser.read(text, FRIDAY, is_day_first=False)
        assert all(one.end <= other.start for one, other in pairwise(found))


def test_ctrl_c_is_still_ours_after_the_parser_is_loaded() -> None:
    """Haskell's runtime takes it as it starts; whoever runs a console or a measurement wants it back."""
    program = (
        # whatever this test was started by may have it ignored, and children inherit that
        "import os, signal, time; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from agent.language import moments; moments.warm(); "
        "os.kill(os.getpid(), signal.SIGINT); time.sleep(5)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "KeyboardInterrupt" in ended.stderr


@pytest.mark.parametrize(
    ("text", "day"),
    [("1 december would be good", date(2019, 12, 1)), ("on the 3 june then", date(2019, 6, 3))],
)
def test_a_day_may_stand_before_its_month(text: str, day: date) -> None:
    """ "1 December", which Duckling alone takes for an hour and a month."""
    assert days(duckling_parser, text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "we are open on friday from 8 am to noon, from 9 am to 1 pm, from 1 pm to 5 pm and from 2 pm to 6 pm.",
        "i can do 8 to 10 or 12 to 1 or 2 to 4 or 5 to 7",
        "monday from 9 to 12, tuesday from 10 to 1, wednesday from 2 to 4, friday from 3 to 6",
    ],
)
def test_many_ranges_in_a_row_are_read_at_once(text: str) -> None:
    """Duckling alone takes minutes for four of them, and every call of the process waits meanwhile."""
    started = time.process_time()
    found = duckling_parser.read(text, FRIDAY)
    assert time.process_time() - started < 2
    assert sum(moment.has_time for moment in found) == 4
