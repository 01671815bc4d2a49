"""One parser per kind of slot, on a Saturday."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.intent import Slot, SlotKind
from agent.understanding.reading.slots import Heard, fill

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=ZoneInfo("America/New_York"))
CHOICES = ("refund", "exchange", "store credit")

TABLE: list[tuple[SlotKind, str, str | int | bool | None]] = [
    (SlotKind.RANGE, "any day except Tuesday", "mon,wed,thu,fri,sat,sun"),
    (SlotKind.RANGE, "before noon on Friday", "..12:00"),
    (SlotKind.RANGE, "sure", None),
    (SlotKind.CODE, "four five seven one", "4571"),
    (SlotKind.CODE, "I lost it", None),
    (SlotKind.NUMBER, "two", 2),
    (SlotKind.NUMBER, "twenty-five please", 25),
    (SlotKind.NUMBER, "a dozen", 12),
    (SlotKind.NUMBER, "just a couple", 2),
    (SlotKind.NUMBER, "1,200", 1200),
    (SlotKind.NUMBER, "two hundred and five", 205),
    (SlotKind.NUMBER, "three, no, four", 4),
    (SlotKind.NUMBER, "that one", None),
    (SlotKind.NUMBER, "on November 29", None),
    (SlotKind.NUMBER, "just 2, at 7 pm", 2),
    (SlotKind.NUMBER, "3 tonight", 3),
    (SlotKind.NUMBER, "none", None),
    (SlotKind.DATE, "today", "2026-11-21"),
    (SlotKind.DATE, "tomorrow please", "2026-11-22"),
    (SlotKind.DATE, "the day after tomorrow", "2026-11-23"),
    (SlotKind.DATE, "on friday", "2026-11-27"),
    (SlotKind.DATE, "next friday", "2026-11-27"),
    (SlotKind.DATE, "next saturday", "2026-11-28"),
    (SlotKind.DATE, "last tuesday", "2026-11-17"),
    (SlotKind.DATE, "the third of march", "2027-03-03"),
    (SlotKind.DATE, "the second of may", "2027-05-02"),
    (SlotKind.DATE, "march 3rd", "2027-03-03"),
    (SlotKind.DATE, "december 24th 2027", "2027-12-24"),
    (SlotKind.DATE, "friday the 27th", "2026-11-27"),
    (SlotKind.DATE, "thursday of next week", "2026-11-26"),
    (SlotKind.DATE, "next week on tuesday", "2026-11-24"),
    (SlotKind.DATE, "in two weeks", "2026-12-05"),
    (SlotKind.DATE, "a week from tomorrow", "2026-11-29"),
    (SlotKind.DATE, "three days ago", "2026-11-18"),
    (SlotKind.DATE, "12/24", "2026-12-24"),
    (SlotKind.DATE, "2026-12-24", "2026-12-24"),
    (SlotKind.DATE, "tuesday, no wednesday", "2026-11-25"),
    (SlotKind.DATE, "I may come", None),
    (SlotKind.DATE, "whenever", None),
    (SlotKind.DATE, "the second one", None),
    (SlotKind.DATE, "hold on a second", None),
    (SlotKind.DATE, "for this evening", "2026-11-21"),
    (SlotKind.DATE, "on saturday", "2026-11-28"),
    (SlotKind.DATE, "this saturday", "2026-11-21"),
    (SlotKind.TIME, "half past three", "15:30"),
    (SlotKind.TIME, "quarter to five", "16:45"),
    (SlotKind.TIME, "five to nine", "08:55"),
    (SlotKind.TIME, "3 pm", "15:00"),
    (SlotKind.TIME, "three thirty p.m.", "15:30"),
    (SlotKind.TIME, "three o'clock", "15:00"),
    (SlotKind.TIME, "ten in the morning", "10:00"),
    (SlotKind.TIME, "seven in the evening", "19:00"),
    (SlotKind.TIME, "noon", "12:00"),
    (SlotKind.TIME, "midnight", "00:00"),
    (SlotKind.TIME, "12 am", "00:00"),
    (SlotKind.TIME, "15:30", "15:30"),
    (SlotKind.TIME, "march 3rd at 10 am", "10:00"),
    (SlotKind.TIME, "at 5, no, at 6", "18:00"),
    (SlotKind.TIME, "eight thirty P M", "20:30"),
    (SlotKind.TIME, "order 1234", None),
    (SlotKind.TIME, "later", None),
    (SlotKind.EMAIL, "john dot smith at example dot com", "john.smith@example.com"),
    (SlotKind.EMAIL, "it's john@example.com.", "john@example.com"),
    (SlotKind.EMAIL, "my e-mail is j o h n at example dot com", "john@example.com"),
    (SlotKind.EMAIL, "jane underscore doe 45 at mail dot example dot org", "jane_doe45@mail.example.org"),
    (SlotKind.EMAIL, "John.Smith at gmail.com", "john.smith@gmail.com"),
    (SlotKind.EMAIL, "mary at example dot co dot uk please", "mary@example.co.uk"),
    (SlotKind.EMAIL, "look at that", None),
    (SlotKind.NAME, "my name is john smith", "John Smith"),
    (SlotKind.NAME, "Hi, I'm Anna McDonald", "Anna McDonald"),
    (SlotKind.NAME, "this is Mary speaking", "Mary"),
    (SlotKind.NAME, "it's O'Brien", "O'Brien"),
    (SlotKind.NAME, "S M I T H", "Smith"),
    (SlotKind.NAME, "no, Smythe", "Smythe"),
    (SlotKind.NAME, "I don't know", None),
    (SlotKind.PHONE, "five five five zero one zero zero one zero zero", "5550100100"),
    (SlotKind.PHONE, "+1 555 010 0100", "+15550100100"),
    (SlotKind.PHONE, "(555) 010-0100", "5550100100"),
    (SlotKind.PHONE, "plus four four twenty seventy nine forty six oh nine five eight", "+442079460958"),
    (SlotKind.PHONE, "I have no phone", None),
    (SlotKind.PHONE, "555-0142, area code 212", "2125550142"),
    (SlotKind.PHONE, "five five five oh one four two, the area code is two one two", "2125550142"),
    (SlotKind.PHONE, "eight six six four fifty sixty-one fifty-two", "8664506152"),
    (SlotKind.PHONE, "eight hundred five five five one two one two", "8005551212"),
    (SlotKind.PHONE, "20 7946 0018, country code 44", "+442079460018"),
    (SlotKind.CODE, "order 1 double 03", "1003"),
    (SlotKind.DATE, "saturday, not sunday", "2026-11-28"),
    (SlotKind.DATE, "eight six six four fifty sixty-one fifty-two", None),
    (SlotKind.TIME, "at seven, not at six", "19:00"),
    (SlotKind.NUMBER, "four, not three", 4),
    (SlotKind.CHOICE, "refund, not exchange", "refund"),
    (SlotKind.CODE, "it's 4 triple 7", "4777"),
    (SlotKind.CODE, "oh five four six seven", "05467"),
    (SlotKind.CODE, "zero five 467", "05467"),
    (SlotKind.YES_NO, "yes", True),
    (SlotKind.YES_NO, "yeah go ahead", True),
    (SlotKind.YES_NO, "uh-huh", True),
    (SlotKind.YES_NO, "sure, why not", True),
    (SlotKind.YES_NO, "nope", False),
    (SlotKind.YES_NO, "no, don't", False),
    (SlotKind.YES_NO, "I don't think so", False),
    (SlotKind.YES_NO, "that's not right", False),
    (SlotKind.YES_NO, "not sure", None),
    (SlotKind.YES_NO, "yes, no", None),
    (SlotKind.YES_NO, "hm", None),
    (SlotKind.CHOICE, "a refund please", "refund"),
    (SlotKind.CHOICE, "a re fund", "refund"),
    (SlotKind.CHOICE, "the second one", "exchange"),
    (SlotKind.CHOICE, "store credit", "store credit"),
    (SlotKind.CHOICE, "refund, no, exchange", "exchange"),
    (SlotKind.CHOICE, "whatever", None),
    (SlotKind.TEXT, "  ring me   tomorrow ", "ring me tomorrow"),
    (SlotKind.TEXT, "", None),
    (SlotKind.WORDS, "pay five  hundred to Ravi", "pay 500 to ravi"),
    (SlotKind.WORDS, "", None),
    (SlotKind.MONEY, "five hundred, no, six hundred rupees", "600.00 INR"),
    (SlotKind.MONEY, "what does it cost", None),
]


def hear(kind: SlotKind, said: str, *, is_answer: bool = True) -> tuple[str | int | bool, ...]:
    """What the slot of this kind gets."""
    longest = {SlotKind.CODE: 6, SlotKind.PHONE: 15}.get(kind, 64)
    shortest = 4 if kind is SlotKind.CODE else 1
    slot = Slot(name="it", kind=kind, ask="?", choices=CHOICES, min_length=shortest, max_length=longest)
    return fill(Heard(slot, said, NOW, is_answer))


@pytest.mark.parametrize(
    ("said", "is_day_first", "born"),
    [
        ("3/5/85", False, "1985-03-05"),
        ("3/5/85", True, "1985-05-03"),
        ("the third of may eighty-five", True, "1985-05-03"),
        ("March fifth nineteen oh five", False, "1905-03-05"),
        ("5 3 1985", True, "1985-03-05"),
        ("oh three oh five two thousand one", False, "2001-03-05"),
    ],
)
def test_a_birthday_is_read_as_the_country_writes_it(said: str, is_day_first: bool, born: str) -> None:
    """With or without its century; of two digits the latest year that is not to come."""
    slot = Slot(name="date_of_birth", kind=SlotKind.DATE, ask="?", is_day_first=is_day_first)
    assert fill(Heard(slot, said, NOW, True)) == (born,)


@pytest.mark.parametrize(("kind", "said", "value"), TABLE, ids=lambda v: str(v)[:40])
def test_a_slot_gets_what_was_said(kind: SlotKind, said: str, value: str | int | bool | None) -> None:
    """The value, or nothing: never a guess."""
    assert hear(kind, said) == (() if value is None else (value,))


def test_every_kind_has_rows() -> None:
    """A new kind of slot comes with its table."""
    assert {kind for kind, _, _ in TABLE} == set(SlotKind)


def test_free_words_and_bare_names_are_only_read_as_answers() -> None:
    """Otherwise any request would fill them."""
    assert hear(SlotKind.TEXT, "where is my order", is_answer=False) == ()
    assert hear(SlotKind.NAME, "where is my order", is_answer=False) == ()
    assert hear(SlotKind.NAME, "my name is bob", is_answer=False) == ("Bob",)


@given(kind=st.sampled_from(SlotKind), said=st.text(max_size=60), is_answer=st.booleans())
def test_nothing_that_is_said_breaks_a_parser(kind: SlotKind, said: str, is_answer: bool) -> None:
    """Whatever the ear writes, there is a value of the right type or none."""
    expected = {SlotKind.NUMBER: int, SlotKind.YES_NO: bool}.get(kind, str)
    assert all(isinstance(value, expected) for value in hear(kind, said, is_answer=is_answer))


@given(days=st.integers(min_value=0, max_value=300))
def test_any_day_ahead_is_heard_by_its_name(days: int) -> None:
    """ "March 3" within the next year."""
    day = NOW.date() + timedelta(days=days)
    assert hear(SlotKind.DATE, f"on {day:%B} {day.day}") == (day.isoformat(),)


@given(hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_any_time_of_day_is_heard(hour: int, minute: int) -> None:
    """ "3:07 PM"."""
    half = "am" if hour < 12 else "pm"
    assert hear(SlotKind.TIME, f"{hour % 12 or 12}:{minute:02d} {half}") == (f"{hour:02d}:{minute:02d}",)


@given(st.dates(min_value=date(2026, 12, 1), max_value=date(2029, 12, 31)))
def test_any_iso_date_is_itself(day: date) -> None:
    """As a page's text box may send it."""
    assert hear(SlotKind.DATE, day.isoformat()) == (day.isoformat(),)
