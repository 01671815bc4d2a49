"""Ways out as they were said, and which of them the caller takes, on a Friday."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.intent import Slot, SlotKind
from agent.understanding.history import Value
from agent.understanding.offers import chosen, offered

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=ZoneInfo("America/New_York"))
COUNT = Slot(name="count", kind=SlotKind.NUMBER, ask="How many?", cues=("{} people",))
DAY = Slot(name="day", kind=SlotKind.DATE, ask="Which day?")
AT = Slot(name="at", kind=SlotKind.TIME, ask="When?", first_hour=11)
PLACE = Slot(name="place", kind=SlotKind.CHOICE, ask="Where?", choices=("hall", "garden"), is_optional=True)
SLOTS = (COUNT, DAY, AT, PLACE)
KNOWN: dict[str, Value] = {"count": 2, "day": "2026-11-21", "at": "19:00"}
SAID = (
    "I have no table then. I have 5:30 PM, or 8:30 PM in the garden, or 7 PM on Sunday, November 22. "
    "Which one would suit you?"
)
SPELLED = (  # as a large model may write it
    "I have no table then. I have five thirty P M, or eight thirty P M in the garden, "
    "or seven P M on Sunday, November twenty-second. Which one would suit you?"
)
FIRST, SECOND = {"at": "17:30"}, {"at": "20:30", "place": "garden"}
THIRD = {"day": "2026-11-22", "at": "19:00"}


@pytest.mark.parametrize("said", [SAID, SPELLED])
def test_the_alternatives_are_found_in_the_sentence(said: str) -> None:
    """Each with what it says, and no more."""
    assert offered(said, SLOTS, NOW) == (FIRST, SECOND, THIRD)


@pytest.mark.parametrize(
    "said", ["Would you like to sit in the hall or in the garden?", "We are open for lunch or dinner.", ""]
)
def test_a_sentence_without_times_offers_nothing(said: str) -> None:
    """An "or" alone is no offer."""
    assert offered(said, SLOTS, NOW) == ()


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("the first one", FIRST),
        ("the second please", SECOND),
        ("number three", THIRD),
        ("the last one", THIRD),
        ("the one in the middle", SECOND),
        ("the earliest", FIRST),
        ("then half past eight", SECOND),
        ("half past five works", FIRST),
        ("sunday is fine", THIRD),
        ("the one in the garden", SECOND),
        ("either is fine", FIRST),
        ("the second one, but we'll be three people", SECOND | {"count": 3}),
        ("what about nine", None),
        ("monday", None),
        ("just a second", None),
        ("no thanks", None),
        ("yes", None),  # which one?
    ],
)
def test_the_caller_takes_one_of_them(text: str, taken: dict[str, Value] | None) -> None:
    """By its place, its time, its day or where it is."""
    assert chosen(text, (FIRST, SECOND, THIRD), SLOTS, KNOWN, NOW) == taken


def test_yes_takes_the_only_one() -> None:
    """With one way out there is nothing to choose."""
    assert chosen("yes please", (THIRD,), SLOTS, KNOWN, NOW) == THIRD
