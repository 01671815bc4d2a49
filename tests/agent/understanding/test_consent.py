"""What a plain yes is, for the understanding and the toolbox alike, and which values a caller's words bring in."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.answer import Value
from agent.intent import Slot, SlotKind
from agent.understanding.consent import agrees, named_others

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("America/New_York"))  # a Friday
SLOTS = (
    Slot(name="party", kind=SlotKind.NUMBER, ask="", cues=("{} people", "for {}")),
    Slot(name="day", kind=SlotKind.DATE, ask=""),
    Slot(name="at", kind=SlotKind.TIME, ask=""),
    Slot(name="name", kind=SlotKind.NAME, ask=""),
    Slot(name="phone", kind=SlotKind.PHONE, ask="", min_length=10),
    Slot(name="area", kind=SlotKind.CHOICE, ask="", choices=("terrace", "bar"), is_optional=True),
)
AMOUNT = (Slot(name="amount", kind=SlotKind.MONEY, ask=""),)
GIVEN: dict[str, Value] = {
    "party": 4,
    "day": "2026-11-26",
    "at": "19:00:00",
    "name": "Anna Kim",
    "phone": "+15185550101",
    "amount": "500",
}


@pytest.mark.parametrize(
    "text",
    [
        "yes", "Yes please.", "yeah, go ahead", "sure, sounds good", "that's right", "do it", "okay do it please",
        "correct", "yes, book it", "absolutely", "please do", "yes, I'd like that", "perfect, thank you",
    ],
)  # fmt: skip
def test_a_plain_yes_agrees(text: str) -> None:
    """As people say it."""
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "no", "", "hm", "yes, but at eight", "yes, no, wait", "yes, if it is free", "is that right?", "right?",
        "yes, only when my wife says so", "I'm not sure", "what would that be", "okay, before you do that",
        "can you do that", "well yes you know I was thinking about that the other day as well", "never mind",
        "don't do it",
    ],
)  # fmt: skip
def test_a_condition_a_question_or_a_story_does_not(text: str) -> None:
    """And no "no"."""
    assert not agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "yes, Thursday at seven", "yes, for 4 people", "sure, 518 555 0101", "yes, Anna", "go ahead",
    ],
)  # fmt: skip
def test_what_was_read_back_may_be_said_again(text: str) -> None:
    """However it is written."""
    assert named_others(text, SLOTS, GIVEN, NOW) == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("yes, Friday please", "day"),
        ("yes, at eight", "at"),
        ("sure, for five people", "party"),
        ("okay, my number is 212 555 0166", "phone"),
        ("yes, on the terrace", "area"),
        ("yes, my name is Lee", "name"),
    ],
)
def test_another_value_is_found(text: str, name: str) -> None:
    """The one that it is about."""
    assert name in named_others(text, SLOTS, GIVEN, NOW)


@pytest.mark.parametrize(("text", "is_other"), [("yes, five hundred dollars", False), ("yes, six hundred", True)])
def test_a_sum_is_the_same_however_it_is_written(text: str, is_other: bool) -> None:
    """Five hundred is "500" and "500.00"."""
    assert bool(named_others(text, AMOUNT, GIVEN, NOW)) is is_other
