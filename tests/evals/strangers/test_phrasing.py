"""How a caller's values are put into words."""

import random
from datetime import date, datetime, time

from agent.intent import Slot, SlotKind
from evals.strangers.goals import Goal
from evals.strangers.phrasing import Phrasing, as_read
from evals.strangers.words import Template, Words

NOW = datetime(2026, 11, 20, 12)  # noqa: DTZ001  # a caller's own clock
VALUES = {"party": 4, "day": date(2026, 11, 24), "at": time(19), "phone": "2125550142"}


def phrasing(*templates: Template) -> Phrasing:
    """Of one who wants a table, with these sentences of strangers."""
    goal = Goal("restaurant", ("book_table",), "ReserveRestaurant", VALUES)
    return Phrasing(goal, Words({("restaurant", "ReserveRestaurant", "tell"): templates}), random.Random(1), NOW)


def test_a_strangers_sentence_holds_the_callers_value_and_has_told_it() -> None:
    """In the form in which they said theirs."""
    says = phrasing(Template("Make it {at}.", {"at": "half past in the part"}))
    assert says.template("tell", ("at",)) == "Make it 7:00 in the evening."
    assert says.told == {"at"}
    assert says.template("tell", ("day",)) is None


def test_what_is_added_has_not_been_said_before() -> None:
    """And is not what was asked."""
    says = phrasing()
    says.told |= {"party", "at"}
    assert "November" in says.with_more("okay.", "phone") or "24" in says.with_more("okay.", "phone")
    assert says.told == {"party", "at", "day"}


def test_another_value_is_another() -> None:
    """Of the same kind."""
    says = phrasing()
    assert says.other("party") != 4
    assert isinstance(says.other("day"), date)


def test_a_number_is_read_back_as_the_agent_writes_it() -> None:
    """So that a wrong digit in it is noticed."""
    slot = Slot(name="phone", kind=SlotKind.PHONE, ask="What is your number?")
    assert "0142" in as_read(slot, "2125550142")
