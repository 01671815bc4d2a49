"""Several slots in one sentence, on a Saturday: which words belong to which."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.answer import Value
from agent.intent import Slot, SlotKind
from agent.understanding.reading.slot_spans import read

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=ZoneInfo("America/New_York"))
COUNT = Slot(
    name="count",
    kind=SlotKind.NUMBER,
    ask="How many?",
    max_length=2,
    cues=("{} people", "{} of us", "we are {}", "for {}"),
)
WAS = Slot(name="was", kind=SlotKind.DATE, ask="From when?", cues=("from {}", "the one on {}"), is_optional=True)
DAY = Slot(name="day", kind=SlotKind.DATE, ask="Which day?")
AT = Slot(name="at", kind=SlotKind.TIME, ask="When?", first_hour=11)
PLACE = Slot(
    name="place", kind=SlotKind.CHOICE, ask="Where?", choices=("hall", "garden"), said_as=(("outside", "garden"),)
)
NAME = Slot(name="name", kind=SlotKind.NAME, ask="Your name?")
PHONE = Slot(name="phone", kind=SlotKind.PHONE, ask="Your number?", min_length=10, max_length=15)
BORN = Slot(name="born_on", kind=SlotKind.DATE, ask="When were you born?")
SLOTS = (COUNT, WAS, DAY, AT, PLACE, NAME, PHONE, BORN)

TABLE: list[tuple[str, str, dict[str, Value]]] = [
    (
        "for four tomorrow at seven in the garden, name is Miller",
        "",
        {"count": 4, "day": "2026-11-22", "at": "19:00", "place": "garden", "name": "Miller"},
    ),
    ("tomorrow at seven for four people", "", {"day": "2026-11-22", "at": "19:00", "count": 4}),
    (
        "four people, seven thirty, friday the 27th, under Anna Miller, my number is 518 555 zero one zero one",
        "",
        {"count": 4, "at": "19:30", "day": "2026-11-27", "name": "Anna Miller", "phone": "5185550101"},
    ),
    ("from friday to saturday at eight", "", {"was": "2026-11-27", "day": "2026-11-28", "at": "20:00"}),
    ("for seven thirty tomorrow, two people", "", {"day": "2026-11-22", "at": "19:30", "count": 2}),
    ("for two adults at noon", "", {"count": 2, "at": "12:00"}),
    ("we are five, not four", "", {"count": 5}),
    ("four tomorrow, no, five people", "", {"count": 5, "day": "2026-11-22"}),
    ("make it eight o'clock", "", {"at": "20:00"}),
    ("make it eight", "", {}),  # people or o'clock
    ("no, five", "", {}),
    ("make it outside please", "", {"place": "garden"}),
    ("I'm born on the fifth of March 1984, for three people", "", {"born_on": "1984-03-05", "count": 3}),
    ("this is urgent", "", {}),
    ("This is Ann Lee, for two people", "", {"name": "Ann Lee", "count": 2}),
    ("under thirty dollars", "", {}),
    ("the one on the 27th", "was", {"was": "2026-11-27"}),
    ("november 27", "was", {"was": "2026-11-27"}),
    ("from friday to saturday", "day", {"was": "2026-11-27", "day": "2026-11-28"}),
    ("four", "count", {"count": 4}),
    ("four, tomorrow at seven", "count", {"count": 4, "day": "2026-11-22", "at": "19:00"}),
    ("eight", "at", {"at": "20:00"}),
    ("two of us, at nine", "at", {"at": "21:00", "count": 2}),
    ("Miller, and we are five", "name", {"name": "Miller", "count": 5}),
    ("make it five people", "name", {"count": 5}),
    ("sunday then", "name", {"day": "2026-11-22"}),
    ("five one eight five five five oh one oh one", "phone", {"phone": "5185550101"}),
]


@pytest.mark.parametrize(("text", "asked", "expected"), TABLE)
def test_what_one_slot_takes_the_next_does_not_hear(text: str, asked: str, expected: dict[str, Value]) -> None:
    """Every value goes to one slot, and what could be two of them goes to none."""
    assert {name: values[-1] for name, values in read(SLOTS, text, NOW, asked).items()} == expected


def test_a_lone_hour_is_one_when_nothing_else_is_counted() -> None:
    """Where no number could be meant but a time, no "at" is needed."""
    assert read((DAY, AT), "tomorrow, eight", NOW)["at"] == ("20:00",)


def test_the_month_of_a_birthday_is_no_name() -> None:
    """ "It's July 7, 1967", asked for the day of birth."""
    assert read((NAME, BORN), "it's July 7, 1967", NOW, "born_on") == {"born_on": ("1967-07-07",)}


def test_the_day_that_was_asked_for_is_not_the_old_one() -> None:
    """ "The one on the 8th of December", asked for the new day; both, when both are said."""
    assert read((WAS, DAY), "make it the one on december 8", NOW, "day") == {"day": ("2026-12-08",)}
    both = read((WAS, DAY), "from tuesday to december 8", NOW, "day")
    assert both == {"was": ("2026-11-24",), "day": ("2026-12-08",)}
