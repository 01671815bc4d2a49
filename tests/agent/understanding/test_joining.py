"""Values over two turns."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.intent import Slot, SlotKind
from agent.understanding.joining import begun_value, read_on
from agent.understanding.reading.slots import Heard

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=ZoneInfo("America/New_York"))


def slot_of(kind: SlotKind) -> Slot:
    """A slot of this kind; codes have four digits."""
    low, high = (4, 4) if kind is SlotKind.CODE else (1, 64)
    return Slot(name="it", kind=kind, ask="?", min_length=low, max_length=high)


@pytest.mark.parametrize(
    ("kind", "first", "second", "value"),
    [
        (SlotKind.CODE, "four five", "seven one", "4571"),
        (SlotKind.CODE, "four five", "it's 4571", "4571"),
        (SlotKind.CODE, "four six", "no, four five seven one", "4571"),
        (SlotKind.CODE, "double", "seven four one", "7741"),
        (SlotKind.PHONE, "five five five", "zero one zero zero one nine nine", "5550100199"),
        (SlotKind.EMAIL, "john dot smith", "at example dot com", "john.smith@example.com"),
        (SlotKind.EMAIL, "john at", "example dot com", "john@example.com"),
        (SlotKind.EMAIL, "it's john at", "john at example dot com", "john@example.com"),
        (SlotKind.EMAIL, "j o h n", "s m i t h at example dot com", "johnsmith@example.com"),
        (SlotKind.EMAIL, "j o h n", "j o h n at example dot com", "john@example.com"),
        (SlotKind.DATE, "march", "the fifth", "2027-03-05"),
        (SlotKind.TIME, "half past", "three", "15:30"),
    ],
)
def test_the_second_turn_goes_on_where_the_first_stopped(kind: SlotKind, first: str, second: str, value: str) -> None:
    """Or says it anew, or corrects it."""
    slot = slot_of(kind)
    begun = begun_value(slot, first, "")
    assert begun
    assert read_on(Heard(slot, second, NOW, is_answer=True), begun) == (value,)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (SlotKind.CODE, "I lost it"),
        (SlotKind.CODE, "four five seven one"),
        (SlotKind.EMAIL, "I don't have one"),
        (SlotKind.DATE, "march fifth"),
        (SlotKind.TEXT, "four five"),
        (SlotKind.NAME, "my name is"),
    ],
)
def test_nothing_is_kept_of_what_is_no_beginning(kind: SlotKind, said: str) -> None:
    """Whole values, other words, and kinds that are not dictated."""
    assert begun_value(slot_of(kind), said, "") == ""


def test_without_a_beginning_a_turn_stands_alone() -> None:
    """As ever."""
    heard = Heard(slot_of(SlotKind.CODE), "four five seven one", NOW, is_answer=True)
    assert read_on(heard, "") == ("4571",)
