"""What a stranger answers."""

import random
from datetime import date, datetime, time

from agent.intent import Intent, Slot, SlotKind
from evals.strangers import own
from evals.strangers.caller import Caller
from evals.strangers.goals import Goal
from evals.strangers.habits import Habits
from evals.strangers.hearing import Heard, Kind
from evals.strangers.words import Template, Words

NOW = datetime(2026, 11, 20, 12)  # noqa: DTZ001  # a caller's own clock
INTENTS = {
    "book_table": Intent(
        examples=("book",),
        slots=(
            Slot(name="name", kind=SlotKind.NAME, ask="What name is it under?"),
            Slot(name="phone", kind=SlotKind.PHONE, ask="What is your number?", is_written=False),
        ),
        confirm="A table under {name}. Shall I book it?",
    )
}


OPENINGS = Words({("restaurant", "ReserveRestaurant", "open"): [Template("I'd like a table")]})


def opened(*habits: str, is_by_ear: bool = False) -> Caller:
    """One who has asked for a table, with these habits and no others."""
    values = {"day": date(2026, 11, 24), "at": time(19), "name": "Teresa Novak", "phone": "2125550142"}
    goal = Goal("restaurant", ("book_table",), "ReserveRestaurant", values, "table_bookings")
    made = Caller(goal, OPENINGS, INTENTS, random.Random(1), NOW, is_by_ear=is_by_ear)
    made.habits = Habits(*[False] * 9)
    for habit in habits:
        setattr(made.habits, habit, True)
    assert made.open() == "I'd like a table"
    return made


def test_what_is_asked_is_answered_and_the_question_is_known_again() -> None:
    """By its slot, whatever its wording."""
    made = opened()
    said = made.answer(Heard(Kind.SLOT, "What name is it under?", "name"))
    assert said is not None
    assert "Teresa Novak" in said
    assert made.answered == "slot name"


def test_a_value_that_is_read_back_wrong_is_corrected() -> None:
    """And one that is right is agreed to."""
    made = opened()
    assert "Teresa Novak" in str(made.answer(Heard(Kind.CONFIRM, "A table under Teresa Novack. Shall I book it?")))
    assert made.answer(Heard(Kind.CONFIRM, "A table under Teresa Novak. Shall I book it?")) in own.YES


def test_who_hears_a_name_cannot_hear_how_it_is_spelled() -> None:
    """What is written down then is what they agreed to; another name is corrected as ever."""
    made = opened(is_by_ear=True)
    assert "Teresa Novak" in str(made.answer(Heard(Kind.CONFIRM, "A table under Teresa Nova. Shall I book it?")))
    assert made.answer(Heard(Kind.CONFIRM, "A table under Teresa Novack. Shall I book it?")) in own.YES
    assert made.wanted["name"] == "Teresa Novack" and made.is_spelled_otherwise


def test_a_number_in_two_pieces_ends_a_turn_later() -> None:
    """The rest is said to whatever comes between."""
    made = opened("in_pieces")
    assert made.answer(Heard(Kind.SLOT, "What is your number?", "phone")) == "212 555"
    assert made.answer(Heard(Kind.NOTHING, "Go on.")) == "0142"


def test_an_offer_that_is_taken_is_what_is_wanted_from_then_on() -> None:
    """Whatever way it is taken."""
    made = opened()
    offers = ({"day": date(2026, 11, 25), "at": time(20)},)
    assert made.answer(Heard(Kind.OFFER, "I have 8 PM on Wednesday.", "", offers))
    assert (made.wanted["day"], made.wanted["at"]) == (date(2026, 11, 25), time(20))


def test_who_hears_no_question_five_times_gives_up() -> None:
    """None is no words."""
    made = opened()
    heard = [made.answer(Heard(Kind.NOTHING, "Lovely weather.")) for _ in range(5)]
    assert [said is None for said in heard] == [False, False, False, False, True]
