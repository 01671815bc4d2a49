"""A call's notes are made from its facts."""

import json
from collections.abc import Mapping

import pytest

from agent.events import FlagRaised, Outcome, ToolCalled, ToolReturned
from agent.intent import Intent, Slot, SlotKind
from agent.memory.notes import Notes, in_words
from agent.rules.identity import Tier

Told = tuple[str, Mapping[str, object], Outcome]  # a tool, its arguments, how it ended
NUMBER = Slot(name="order_number", kind=SlotKind.CODE, ask="Which?", min_length=4, max_length=4)
DAY = Slot(name="day", kind=SlotKind.DATE, ask="When?")
EMAIL = Slot(name="email", kind=SlotKind.EMAIL, ask="Which?", is_optional=True, phrase="by e-mail")
INTENTS = {
    "lookup_order": Intent(examples=(), slots=(NUMBER, EMAIL), noted="asked about order {order_number} {email}"),
    "book_table": Intent(examples=(), slots=(DAY,), confirm="Shall I?", noted="booked a table for {day}"),
    "end_call": Intent(examples=()),
    "pay": Intent(examples=(), reads_back=True, noted="paid"),
}


def notes(*calls: Told) -> Notes:
    """Those of a call with these tools."""
    found = Notes(INTENTS)
    for number, (tool, arguments, outcome) in enumerate(calls):
        found.on_event(ToolCalled(tool_call=str(number), tool=tool, arguments=json.dumps(arguments)))
        found.on_event(
            ToolReturned(tool_call=str(number), tool=tool, outcome=outcome, duration_ms=1.0, sentence="canary")
        )
    return found


ASKED = ("lookup_order", {"order_number": "4571"}, Outcome.OK)
BOOKED = ("book_table", {"day": "2026-11-21"}, Outcome.OK)
FULL = ("book_table", {"day": "2026-11-21"}, Outcome.REFUSED)
BYE: Told = ("end_call", {}, Outcome.OK)


@pytest.mark.parametrize(
    ("calls", "summary"),
    [
        ((), ""),
        ((BYE,), ""),
        ((ASKED, ASKED, BYE), "asked about order 4571"),
        (
            (ASKED, BOOKED),
            "asked about order 4571 and booked a table for Saturday, November 21",
        ),
        ((("lookup_order", {"order_number": "4571", "email": ""}, Outcome.OK),), "asked about order 4571"),
        ((("lookup_order", {"email": "a@b.org"}, Outcome.OK),), "asked about order by e-mail"),
        ((FULL,), ""),
        ((("book_table", {"day": "soon"}, Outcome.OK),), "book table"),
        ((("unknown", {}, Outcome.OK),), ""),
        ((("pay", {}, Outcome.OK),), ""),
    ],
)
def test_a_summary_is_what_tools_did(calls: tuple[Told, ...], summary: str) -> None:
    """In the words of their authors; what failed, and what is worth no note, is not in it."""
    assert notes(*calls).summary() == summary


def test_what_did_not_come_to_its_end_stays_open_until_it_does() -> None:
    """Over several calls."""
    first = notes(FULL, ASKED).open_matters()
    assert first == ("book_table",)
    assert notes(ASKED).open_matters(first) == ("book_table",)
    assert notes(FULL, BOOKED).open_matters(first) == ()


def test_the_wish_for_a_person_stays_open() -> None:
    """Nobody here can know whether it was met."""
    found = notes()
    found.on_event(FlagRaised(flag="wants_human", reason="asked"))
    found.on_event(FlagRaised(flag="upset", reason="loud"))
    assert found.open_matters() == ("wants_human",)
    assert [in_words(matter) for matter in ("wants_human", "book_table")] == ["talk to a person", "book table"]


def test_a_note_for_people_names_tools_references_and_how_well_the_caller_is_known() -> None:
    """Codes that a tool took stand as digits, if its author names them and the tool came to its end; what tools
    answered does not."""
    unfound: Told = ("lookup_order", {"order_number": "9999"}, Outcome.FAILED)
    found = notes(ASKED, unfound, FULL, BYE)
    found.refer_to("booking", "483920")
    assert found.for_people(Tier.PARTIAL) == (
        "Identity: partial. Done: asked about order 4571. "
        "Tools: lookup_order (failed), book_table (refused), end_call. About: order number 4571, booking 483920."
    )
    assert set(found.references) == {"4571", "483920"}
    assert notes().for_people(Tier.NONE) == "Identity: none."
