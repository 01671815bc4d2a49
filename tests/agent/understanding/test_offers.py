"""Ways out as they were said, and which of them the caller takes, on a Friday."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.answer import Answer, Offered, Value
from agent.intent import Slot, SlotKind
from agent.understanding.frames import dated
from agent.understanding.history import AgentSaid, CallerSaid, Item, ToolAnswered, ToolAsked, turns
from agent.understanding.offers import Offer, chosen, for_slots, open_offers

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=ZoneInfo("America/New_York"))
COUNT = Slot(name="count", kind=SlotKind.NUMBER, ask="How many?", cues=("{} people",))
DAY = Slot(name="day", kind=SlotKind.DATE, ask="Which day?")
AT = Slot(name="at", kind=SlotKind.TIME, ask="When?", first_hour=11)
PLACE = Slot(name="place", kind=SlotKind.CHOICE, ask="Where?", choices=("hall", "garden"), is_optional=True)
SLOTS = (COUNT, DAY, AT, PLACE)
KNOWN: dict[str, Value] = {"count": 2, "day": "2026-11-21", "at": "19:00"}
FIRST, SECOND = {"day": "2026-11-21", "at": "17:30"}, {"day": "2026-11-21", "at": "20:30", "place": "garden"}
THIRD = {"day": "2026-11-22", "at": "19:00"}
SAID = Answer(
    "I have no table then. I have 5:30 PM, or 8:30 PM in the garden, or 7 PM on Sunday, November 22. Which one?",
    offers=[
        Offered("5:30 PM", FIRST),
        Offered("8:30 PM in the garden", SECOND),
        Offered("7 PM on Sunday, November 22", THIRD),
    ],
)


def _asked(*items: Item) -> tuple[Offer, ...]:
    """What is open when the caller speaks next, after a tool has offered these and then what follows."""
    before: list[Item] = [
        CallerSaid("a table"),
        ToolAsked("1", "look"),
        ToolAnswered("1", "look", SAID, True, SAID.meaning),
    ]
    history = turns([*before, *items, CallerSaid("hm")])
    return open_offers(history, len(history) - 1)


def test_what_a_tool_offered_is_open_however_it_was_worded() -> None:
    """A large model has words of its own; what it offers is the tool's."""
    assert _asked(AgentSaid(SAID)) == (FIRST, SECOND, THIRD)
    assert _asked(AgentSaid("Half past five or half past eight outside, or Sunday at seven.")) == (FIRST, SECOND, THIRD)


def test_who_spoke_into_the_offers_knows_those_that_were_said() -> None:
    """The caller cannot take what they have not heard."""
    assert _asked(AgentSaid("I have no table then. I have 5:30 PM, or", is_whole=False)) == (FIRST,)
    assert _asked(AgentSaid("I have no", is_whole=False)) == ()


def test_an_offer_is_open_as_long_as_it_is_said() -> None:
    """Repeated it is open again; after another question of ours "nine" is no choice."""
    assert _asked(AgentSaid(SAID), CallerSaid("what?"), AgentSaid(SAID)) == (FIRST, SECOND, THIRD)
    assert _asked(AgentSaid(SAID), CallerSaid("hm"), AgentSaid("And your name?")) == ()


def test_of_an_offer_counts_what_the_tool_takes() -> None:
    """A tool without a place takes the time alone, and a day that something existing has is not the new one."""
    assert for_slots((SECOND,), (DAY, AT)) == ({"day": "2026-11-21", "at": "20:30"},)
    assert for_slots((THIRD,), (replace(DAY, cues=("the one on {}",)), PLACE)) == ()


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


def test_a_day_that_a_large_model_wrote_in_words_is_none_to_count_from() -> None:
    """The understanding may go on after another model's calls; nothing is guessed, and nothing fails."""
    assert dated("the day after", SLOTS, {"day": "2026-11-21"}) == "2026-11-22"
    assert dated("the day after", SLOTS, {"day": "next Friday"}) == ""
