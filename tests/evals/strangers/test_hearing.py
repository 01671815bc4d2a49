"""What a caller hears in the agent's words."""

from datetime import date, datetime, time

import pytest

from agent.intent import Intent, Slot, SlotKind
from evals.strangers.hearing import Kind, hear

NOW = datetime(2026, 11, 20, 12)  # noqa: DTZ001  # a caller's own clock
DAY = date(2026, 11, 21)
INTENTS = {
    "book": Intent(
        examples=("book",),
        slots=(
            Slot(name="day", kind=SlotKind.DATE, ask="For which day?"),
            Slot(name="name", kind=SlotKind.NAME, ask="What name is it under?"),
        ),
        confirm="Shall I book it?",
    )
}


@pytest.mark.parametrize(
    ("reply", "kind", "slot"),
    [
        ("For which day?", Kind.SLOT, "day"),
        ("Yes, 7 PM is free. What name is it under?", Kind.SLOT, "name"),
        ("Shall I book it?", Kind.CONFIRM, ""),
        ("I have no table then. I have 9 PM, or 7 PM on Sunday, November 22. Which one?", Kind.OFFER, ""),
        ("For a cleaning I have 1 PM today, or 3:15 PM today. For which day?", Kind.OFFER, "day"),
        ("Would you like to talk to a person instead?", Kind.PERSON, ""),
        ("Done, I have booked a table on Friday, November 27 at 7 PM.", Kind.NOTHING, ""),
    ],
)
def test_a_question_is_known_by_what_tools_declare(reply: str, kind: Kind, slot: str) -> None:
    """And offers by their times."""
    heard = hear(reply, INTENTS, DAY, NOW)
    assert (heard.kind, heard.slot) == (kind, slot)


def test_offers_have_their_day_or_the_one_that_was_wished() -> None:
    """ "9 PM, or 7 PM on Sunday"."""
    heard = hear("I have 9 PM, or noon on Sunday, November 22. Which one?", INTENTS, DAY, NOW)
    assert heard.offers == ({"at": time(21), "day": DAY}, {"at": time(12), "day": date(2026, 11, 22)})
