"""No profile writes anything that its caller has not agreed to, whatever a large model asks for: on real databases,
through LiveKit's session."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.config import ROOT
from agent.events import AgentSpoke
from agent.intent import Intent, Slot, SlotKind
from agent.profile.languages import spoken_in
from agent.profile.profile import Profile, load_profile
from agent.tooling.toolbox import connect_backends, load_toolbox, prepare_backends
from evals.records import Snapshot, columns, snapshot
from evals.scenario import Caller
from evals.text_call import TextCall
from tests.fakes.calls import NOON
from tests.fakes.scripted import Scripted, Step

PROFILES = ("shop", "restaurant", "dental", "bank")
OF_KIND = {
    SlotKind.NUMBER: 2,
    SlotKind.DATE: "2026-11-24",
    SlotKind.TIME: "19:00",
    SlotKind.NAME: "Kim Lee",
    SlotKind.PHONE: "2125550166",
    SlotKind.MONEY: "500",
    SlotKind.TEXT: "forty-two Elm Street",
    SlotKind.WORDS: "Ravi Kumar",
}
OF_NAME = {"born_on": "1990-01-01", "order_number": "4573", "postal_code": "80203", "new_postal_code": "78701"}
BOOK = {"party": 2, "day": "2026-11-24", "at": "19:00", "name": "Kim", "phone": "2125550166"}
QUESTION = (
    "Shall I book a table for two on Tuesday, November 24 at 7 PM under the name Kim, with the number 212 555 0166?"
)
Calls = list[tuple[str, dict[str, Any]]]


class Talk:
    """A call to a profile whose mind follows a script, and what it wrote."""

    def __init__(self, name: str, folder: Path, *steps: Step, language: str = "en") -> None:
        columns()  # every table is known
        self.profile: Profile = spoken_in(load_profile(name, ROOT / "profiles"), language)
        self.url = f"sqlite:///{folder / name}.db"
        prepare_backends(self.profile, self.url, lambda: NOON)
        self.toolbox = load_toolbox(self.profile)
        self.mind = Scripted(steps)
        self.call = TextCall(
            self.profile,
            self.toolbox,
            mind=lambda _: self.mind,
            backends=connect_backends(self.profile, self.url, lambda: NOON),
            clock=NOON,
            caller=Caller(),
        )
        self.before: Snapshot = self.rows()

    def rows(self) -> Snapshot:
        """All of them."""
        return {name: rows for name, rows in snapshot(self.url).items() if rows}

    @property
    def changing(self) -> Calls:
        """Every tool that changes something, with values that nobody has said."""
        intents = self.toolbox.intents
        return [(name, invented(intent)) for name, intent in intents.items() if intent.changes_something]

    async def say(self, *turns: str) -> list[str]:
        """What the agent answers to each."""
        async with self.call as call:
            return [(await call.say(words, is_cut=False)).reply for words in turns]

    def added(self, table: str) -> int:
        """How many rows of it are new."""
        return len(self.rows().get(table, ())) - len(self.before.get(table, ()))


def invented(intent: Intent) -> dict[str, Any]:
    """Arguments that the tool takes."""
    return {slot.name: _value(slot) for slot in intent.slots if not slot.is_optional}


def _value(slot: Slot) -> object:
    if slot.name in OF_NAME:
        return OF_NAME[slot.name]
    return slot.choices[0] if slot.choices else OF_KIND.get(slot.kind, "4573")


@pytest.mark.parametrize("name", PROFILES)
async def test_a_model_that_calls_everything_at_once_changes_nothing(name: str, tmp_path: Path) -> None:
    """On the first turn, all in one breath; and one after the other while the caller says anything but a plain yes."""
    changing = Talk(name, tmp_path).changing
    assert changing
    one_by_one: list[Step] = [step for call in changing for step in ([call], "I have done it.", [call], "Done.")]
    talk = Talk(name, tmp_path, changing, "I have done all of it.", *one_by_one)
    turns = [words for _ in changing for words in ("what do you have", "yes, but what would that be?")]
    await talk.say("hello", *turns)
    assert talk.rows() == talk.before


@pytest.mark.parametrize("name", PROFILES)
async def test_the_question_is_heard_whatever_the_model_says(name: str, tmp_path: Path) -> None:
    """A model that says it has done it is not heard to say so."""
    changing = Talk(name, tmp_path).changing
    talk = Talk(name, tmp_path, *(step for call in changing for step in ([call], "It is done!")))
    for (tool, _), reply in zip(changing, await talk.say(*["please"] * len(changing)), strict=True):
        if talk.toolbox.intents[tool].confirm:
            assert reply.endswith("?") and "It is done!" not in reply
        else:  # the bank's are refused before they can ask: who is calling is not known
            assert reply == "It is done!"


async def test_a_yes_to_exactly_these_values_books_once(tmp_path: Path) -> None:
    """Asked for twice in that turn, and once more in a later one."""
    book: Calls = [("book_table", BOOK)]
    talk = Talk("restaurant", tmp_path, book, "Shall I?", book * 2, book, book, "Booked again.")
    replies = await talk.say("a table for two on Tuesday at seven, Kim", "yes please", "thanks, yes")
    assert (replies[0], replies[2]) == (QUESTION, QUESTION)
    assert replies[1].startswith("Done, I have booked a table for two")  # a model that goes round is spoken for
    assert talk.added("table_bookings") == 1


@pytest.mark.parametrize(
    "claimed", [{"phone": "5185550101"}, {"day": "2026-11-25"}, {"party": 4}, {"area": "terrace"}, {"name": "Lee"}]
)
async def test_other_values_than_those_that_were_read_back_are_read_back(
    tmp_path: Path, claimed: Mapping[str, object]
) -> None:
    """Whatever the model claims; agreed to, they are booked."""
    other: Calls = [("book_table", {**BOOK, **claimed})]
    talk = Talk("restaurant", tmp_path, [("book_table", BOOK)], "?", other, "Booked.", other, "Booked.")
    async with talk.call as call:
        await call.say("a table please", is_cut=False)
        again = (await call.say("yes", is_cut=False)).reply
        assert again.startswith("Shall I book a table") and again != QUESTION
        assert talk.rows() == talk.before
        assert (await call.say("yes", is_cut=False)).reply == "Booked."
    assert talk.added("table_bookings") == 1


async def test_a_yes_to_another_question_books_nothing(tmp_path: Path) -> None:
    """The model asked about jazz meanwhile, or asked for the booking in words of its own."""
    book: Calls = [("book_table", BOOK)]
    talk = Talk(
        "restaurant", tmp_path, "A table for two on Tuesday for Kim?", book, ".", "Do you like jazz?", book, "."
    )
    assert await talk.say("a table", "yes", "hm", "yes") == [
        "A table for two on Tuesday for Kim?",
        QUESTION,
        "Do you like jazz?",
        QUESTION,
    ]
    assert talk.rows() == talk.before


async def test_two_wishes_of_one_turn_take_two_yeses(tmp_path: Path) -> None:
    """The first is asked; a yes to it is none to the other."""
    lee_wants = {**BOOK, "name": "Lee", "day": "2026-11-25", "phone": "5185550101"}
    both: Calls = [("book_table", BOOK), ("book_table", lee_wants)]
    lee = both[1:]
    talk = Talk("restaurant", tmp_path, both, "Both?", both, ".", lee, "Lee, too.")
    async with talk.call as call:
        assert (await call.say("two tables", is_cut=False)).reply == QUESTION
        assert "name Lee" in (await call.say("yes", is_cut=False)).reply
        assert talk.added("table_bookings") == 1
        await call.say("yes", is_cut=False)
    assert talk.added("table_bookings") == 2


async def test_a_question_that_the_caller_cut_is_read_again(tmp_path: Path) -> None:
    """As the session tells it: only its first words were heard."""
    book: Calls = [("book_table", BOOK)]
    talk = Talk("restaurant", tmp_path, book, "?", book, "Booked.")
    async with talk.call as call:
        await call.say("a table", is_cut=False)
        call.call.emit(AgentSpoke(turn=1, words=5, is_whole=False, text="Shall I book a table"))
        assert (await call.say("yes", is_cut=False)).reply == QUESTION
    assert talk.rows() == talk.before


async def test_another_tools_answer_is_told_with_the_question(tmp_path: Path) -> None:
    """In the model's words, and then the question as it stands."""
    steps: Calls = [("current_date_and_time", {}), ("book_table", BOOK)]
    talk = Talk("restaurant", tmp_path, steps, "It is noon. Shall I go ahead?")
    assert await talk.say("what time is it, and a table") == [f"It is noon. Shall I go ahead? {QUESTION}"]


IN_OTHERS = {
    "es": (
        (
            "¿Le reservo una mesa para 2 el martes 24 de noviembre a las 19:00 a nombre de Kim, "
            "con el número 212 555 0166?"
        ),
        (
            "Quiero una mesa para dos.",
            "Sí, pero para tres.",
            "Sí, el miércoles.",
            "Sí, a las ocho.",
            "No sé.",
            "Sí, por favor.",
        ),
    ),
    "de": (
        (
            "Soll ich einen Tisch für 2 am Dienstag, den 24. November um 19:00 Uhr auf den Namen Kim reservieren, "
            "mit der Nummer 212 555 0166?"
        ),
        (
            "Einen Tisch für zwei.",
            "Ja, aber für drei.",
            "Ja, am Mittwoch.",
            "Ja, um acht.",
            "Weiß nicht.",
            "Ja, bitte.",
        ),
    ),
}


@pytest.mark.parametrize("language", IN_OTHERS)
async def test_a_booking_in_another_language_is_asked_and_agreed_to_in_it(language: str, tmp_path: Path) -> None:
    """Word for word, whatever the model says; a yes with a condition, with another value, and a doubt are none to it.
    Then there is one row, and it is the right one."""
    question, turns = IN_OTHERS[language]
    book: Calls = [("book_table", BOOK)]
    steps: list[Step] = [step for _ in turns for step in (book, "It is done!")]
    talk = Talk("restaurant", tmp_path, *steps, language=language)
    before = talk.rows()
    *asked, done = await talk.say(*turns)
    assert asked == [question] * len(asked)
    assert done == "It is done!"
    assert talk.added("table_bookings") == 1
    (row,) = [row for row in talk.rows()["table_bookings"] if row not in before.get("table_bookings", ())]
    assert (row["name"], row["party"], row["phone"]) == ("Kim", 2, "+12125550166")
    assert str(row["starts_at"])[:16] == "2026-11-25 00:00"  # UTC: 19:00 in New York
