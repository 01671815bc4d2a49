"""A tool that changes something: read back, agreed to, done once, whatever a model asks for and however often."""

import asyncio
from collections.abc import Sequence
from datetime import date, time
from typing import Any

import pytest
from livekit.agents import FunctionTool, RunContext, ToolError, function_tool

from agent.call.agreement import ONE_AT_A_TIME
from agent.call.call import Call
from agent.errors import Refused, Unavailable
from agent.events import AgentSpoke, CallerSpoke, Outcome, ToolReturned
from agent.intent import Intent, Slot, SlotKind, understood
from agent.tooling.toolbox import announce, guard
from agent.understanding.state import Proposed
from tests.fakes.calls import recorded_call
from tests.fakes.contexts import context_of

HIRE = Intent(
    examples=(),
    slots=(
        Slot(name="boats", kind=SlotKind.NUMBER, ask="How many?", cues=("{} boats",), phrase="{} boats"),
        Slot(name="day", kind=SlotKind.DATE, ask="Which day?", phrase="on {}"),
        Slot(name="at", kind=SlotKind.TIME, ask="When?", phrase="at {}"),
        Slot(name="name", kind=SlotKind.NAME, ask="What name?"),
        Slot(name="phone", kind=SlotKind.PHONE, ask="What number?", min_length=10, max_length=15),
        Slot(name="member", kind=SlotKind.CODE, ask="Which member?", min_length=4, max_length=4, is_written=False),
        Slot(name="place", kind=SlotKind.CHOICE, ask="Where?", choices=("harbour", "lake"), is_optional=True),
    ),
    confirm="Shall I hire {boats} {day} {at} for {name}?",
)
THURSDAY = {
    "boats": 2,
    "day": date(2026, 11, 26),
    "at": time(10),
    "name": "Kim",
    "phone": "2125550166",
    "member": "4471",
}
ASKED = "Phone: 212 555 0166. Shall I hire two boats on Thursday, November 26 at 10 AM for Kim?"


class Boathouse:
    """A call to one, and what was written in its book. `fails` are raised by the first tries."""

    def __init__(self, fails: Sequence[Exception] = ()) -> None:
        self.call, self.record = recorded_call()
        self.written: list[dict[str, object]] = []
        self.fails = list(fails)
        self.tool = guard(self._tool(HIRE), 1.0)

    def _tool(self, intent: Intent) -> FunctionTool[..., Any]:
        @understood(intent)
        @function_tool
        async def hire(
            ctx: RunContext[Call],  # noqa: ARG001  # as LiveKit calls it
            boats: int,
            day: date,
            at: time,
            name: str,
            phone: str,
            member: str,  # noqa: ARG001  # only a backend would compare it
            place: str | None = None,
        ) -> str:
            """Hire boats."""
            await asyncio.sleep(0)
            if self.fails:
                raise self.fails.pop(0)
            self.written.append({"boats": boats, "day": day, "at": at, "name": name, "phone": phone, "place": place})
            return "Done."

        return hire

    async def ask(self, **changes: object) -> str:
        """What a model gets that calls the tool."""
        try:
            return await self.tool(context_of(self.call, "hire"), **{**THURSDAY, **changes})  # type: ignore[no-any-return]
        except ToolError as error:
            return error.message

    def hears(self, question: str, answer: str, *, is_whole: bool = True) -> None:
        """The agent says it, the caller answers."""
        turn = self.call.agreements.turn
        self.call.emit(AgentSpoke(turn=turn, words=1, is_whole=is_whole, text=question))
        self.call.emit(CallerSpoke(turn=turn + 1, words=1, text=answer))

    @property
    def outcomes(self) -> list[Outcome]:
        """How the calls ended, as the events say it."""
        return [event.outcome for event in self.record.of(ToolReturned) if isinstance(event, ToolReturned)]


async def test_the_first_call_only_reads_back_all_that_would_be_written() -> None:
    """What the tool's own question leaves out is said before it; a proof is not."""
    house = Boathouse()
    house.hears("Hello.", "two boats on Thursday at ten for Kim")
    assert await house.ask() == ASKED
    assert (house.written, house.outcomes) == ([], [Outcome.ASKED])


async def test_a_yes_does_it_once() -> None:
    """However often and however quickly it is asked for in that turn; later it is another wish."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    await house.ask()
    house.hears(ASKED, "yes please")
    assert await asyncio.gather(*(house.ask() for _ in range(4))) == ["Done."] * 4
    assert await house.ask() == "Done." and len(house.written) == 1
    house.hears("Done. Anything else?", "yes")
    assert await house.ask() == ASKED and len(house.written) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "5185550101"},
        {"member": "9999"},
        {"boats": 3},
        {"name": "Lee"},
        {"at": time(11)},
        {"place": "lake"},
        {"day": date(2027, 11, 26)},
    ],
)
async def test_a_yes_is_to_these_values_and_no_others(change: dict[str, object]) -> None:
    """What a model claims that the caller agreed to is read back."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    await house.ask()
    house.hears(ASKED, "yes")
    question = await house.ask(**change)
    assert "Shall I hire" in question and house.written == []
    house.hears(question, "yes")
    assert await house.ask(**change) == "Done." and len(house.written) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "no",
        "yes, Friday please",
        "yes, at eleven",
        "sure, three boats",
        "yes but first tell me the price",
        "yes, on the lake",
        "I guess so, is it cheap?",
        "okay, my number is 518 555 0101",
        "what?",
        "",
    ],
)
async def test_what_is_no_plain_yes_to_all_of_it_does_nothing(answer: str) -> None:
    """A condition, a question, another value: it is read back again, with the same or other values."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    await house.ask()
    house.hears(ASKED, answer)
    assert (await house.ask(), house.written) == (ASKED, [])
    house.hears(ASKED, "yes")
    assert await house.ask() == "Done."


@pytest.mark.parametrize(
    "answer",
    [
        "yes",
        "yes please",
        "go ahead",
        "do it",
        "okay, do it",
        "sure, sounds good",
        "yes, Thursday at ten",
        "right, Kim",
    ],
)
async def test_a_plain_yes_may_say_values_of_it_again(answer: str) -> None:
    """As people do."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    await house.ask()
    house.hears(ASKED, answer)
    assert await house.ask() == "Done."


async def test_a_question_that_was_cut_is_asked_again() -> None:
    """A yes into the middle of it may be to anything."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    await house.ask()
    house.hears("Phone: 212 555", "yes", is_whole=False)
    assert (await house.ask(), house.written) == (ASKED, [])


async def test_two_wishes_of_one_turn_are_asked_for_one_after_the_other() -> None:
    """The second is refused until the first is answered."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    assert await house.ask() == ASKED
    assert await house.ask(name="Lee") == ONE_AT_A_TIME
    house.hears(ASKED, "yes")
    assert await house.ask() == "Done."
    question = await house.ask(name="Lee")
    house.hears(question, "yes")
    assert await house.ask(name="Lee") == "Done." and [row["name"] for row in house.written] == ["Kim", "Lee"]


@pytest.mark.parametrize(
    ("error", "then"), [(Unavailable("Away."), "Done."), (KeyError("bug"), "Done."), (Refused("Full."), ASKED)]
)
async def test_a_yes_outlives_a_system_that_is_away_and_not_a_no(error: Exception, then: str) -> None:
    """Tried again, it is still agreed to; refused, it is another wish."""
    house = Boathouse([error])
    house.hears("Hello.", "hire")
    await house.ask()
    house.hears(ASKED, "yes")
    await house.ask()
    house.hears("That did not work.", "try again")
    assert await house.ask() == then


async def test_only_what_is_begun_is_told_to_its_end() -> None:
    """The caller may speak into the question."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    context = context_of(house.call, "hire")
    await house.tool(context, **THURSDAY)
    assert context.speech_handle.allow_interruptions
    house.hears(ASKED, "yes")
    await house.tool(context, **THURSDAY)
    assert not context.speech_handle.allow_interruptions


@pytest.mark.parametrize(
    ("said", "is_done"), [(ASKED, True), ("Hello.", False), ("Shall I hire two boats?", False), ("", False)]
)
async def test_the_understanding_asks_by_itself(said: str, is_done: bool) -> None:
    """Its values are in JSON's types; the question counts when it was really said."""
    house = Boathouse()
    house.hears("Hello.", "hire")
    arguments = {**THURSDAY, "day": "2026-11-26", "at": "10:00"}
    announce(house.call, [house.tool], Proposed("hire", arguments, ASKED))  # type: ignore[arg-type]  # none is a date
    house.hears(said, "yes")
    assert (await house.ask() == "Done.") is is_done


@pytest.mark.parametrize("arguments", [{}, {"boats": "many"}, {"day": "someday"}])
async def test_an_announcement_that_fits_no_tool_is_none(arguments: dict[str, str]) -> None:
    """The tool itself will refuse it, aloud."""
    house = Boathouse()
    announce(house.call, [house.tool], Proposed("hire", arguments, ASKED))
    announce(house.call, [house.tool], Proposed("sink", arguments, ASKED))
    house.hears(ASKED, "yes")
    assert (await house.ask(), house.written) == (ASKED, [])


def test_a_model_is_told_how_it_goes() -> None:
    """In the tool's description; one that only looks keeps its own."""
    assert "first call changes nothing" in str(Boathouse().tool.info.description)
