"""The toolbox finds tools and wraps them in a time limit, events and errors as sentences."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from livekit.agents import AgentSession, FunctionTool, RunContext, ToolError, function_tool, llm
from livekit.agents.voice.speech_handle import SpeechHandle

from agent.answer import MEANING, NOTHING, Answer, Meaning
from agent.call.call import Call
from agent.errors import Asked, ConfigError, NotFound, Refused
from agent.events import EndReason, Outcome, ToolCalled, ToolReturned
from agent.intent import Intent, understood
from agent.tooling.toolbox import FAILED, TIMED_OUT, Toolbox, connect_backends, guard, load_toolbox, rehearse
from tests.fakes.calls import NOON, Recorded, recorded_call, shop

ASKS_FIRST = Intent(examples=(), reads_back=True)


def tool_that(act: Callable[[], Awaitable[str]]) -> FunctionTool[..., Any]:
    """A tool that does `act`."""

    @function_tool
    async def probe(context: RunContext[Call], order_number: str) -> str:  # noqa: ARG001  # what an LLM would give
        """Probe."""
        return await act()

    return guard(probe, 0.05)


def context_of(call: Call) -> RunContext[Call]:
    """What LiveKit hands to a tool."""
    session = AgentSession[Call](userdata=call, vad=None, turn_handling={"turn_detection": "manual"})
    function_call = llm.FunctionCall(call_id="c1", name="probe", arguments='{"order_number": "4571"}')
    return RunContext(session=session, speech_handle=SpeechHandle.create(), function_call=function_call)


async def call_tool(tool: FunctionTool[..., Any]) -> tuple[str, Recorded]:
    """What the LLM gets from the tool, and the call's record."""
    call, record = recorded_call()
    context = context_of(call)
    try:
        return await tool(context, order_number="4571"), record
    except ToolError as error:
        return error.message, record


@pytest.mark.parametrize("intent", [Intent(examples=(), confirm="Shall I?"), ASKS_FIRST])
async def test_a_question_before_a_change_is_not_held(intent: Intent) -> None:
    """Who is asked whether to pay may say no into the question."""

    @understood(intent)
    @function_tool
    async def probe(context: RunContext[Call], order_number: str) -> str:  # noqa: ARG001  # what an LLM would give
        """Probe."""
        return "Shall I pay it?"

    context = context_of(recorded_call()[0])
    await guard(probe, 1.0)(context, order_number="4571")
    assert context.speech_handle.allow_interruptions


def returned(record: Recorded) -> ToolReturned:
    """The one tool call, as it ended."""
    called, ended = record.of(ToolCalled), record.of(ToolReturned)
    assert len(called) == len(ended) == 1
    assert isinstance(ended[0], ToolReturned) and ended[0].tool_call == "c1"
    return ended[0]


def outcome(record: Recorded) -> Outcome:
    """How the one tool call ended."""
    return returned(record).outcome


async def test_sentence_of_a_tool_reaches_the_llm_and_the_observers() -> None:
    """A tool that works is told of twice: when called and when it returned."""

    async def act() -> str:
        return "Your order was shipped."

    said, record = await call_tool(tool_that(act))
    assert said == "Your order was shipped." and outcome(record) is Outcome.OK


@pytest.mark.parametrize(
    ("error", "sentence", "how"),
    [
        (Refused("I can't do that."), "I can't do that.", Outcome.REFUSED),
        (NotFound("There is no such order."), "There is no such order.", Outcome.FAILED),
        (KeyError("bug"), FAILED, Outcome.FAILED),
    ],
)
async def test_errors_become_sentences(error: Exception, sentence: str, how: Outcome) -> None:
    """Whatever a tool raises, the caller hears a sentence and the record says how it ended."""

    async def act() -> str:
        raise error

    said, record = await call_tool(tool_that(act))
    assert said == sentence and outcome(record) is how


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (Refused(Answer("Which day?", asks="day")), Meaning(asks="day")),
        (Asked("Shall I book it?"), Meaning(wants_yes=True)),
        (Refused("I can't do that."), NOTHING),
    ],
)
async def test_what_a_sentence_means_stays_with_the_call_in_the_history(error: Exception, means: Meaning) -> None:
    """LiveKit keeps a tool call's `extra`; a sentence that means no more than it says leaves it empty."""

    async def act() -> str:
        raise error

    context = context_of(recorded_call()[0])
    with suppress(ToolError):
        await tool_that(act)(context, order_number="4571")
    assert Meaning.read(context.function_call.extra.get(MEANING)) == means
    assert bool(context.function_call.extra) == (means != NOTHING)


async def test_slow_tool_is_cut_at_its_time_limit() -> None:
    """A tool that hangs gives a sentence, not silence."""

    async def act() -> str:
        await asyncio.sleep(5)
        return "too late"

    said, record = await call_tool(tool_that(act))
    assert said == TIMED_OUT and outcome(record) is Outcome.TIMED_OUT


async def test_cancelled_tool_is_told_as_cancelled() -> None:
    """A tool stopped from outside leaves no open ToolCalled behind."""

    async def act() -> str:
        raise asyncio.CancelledError

    call, record = recorded_call()
    with pytest.raises(asyncio.CancelledError):
        await tool_that(act)(context_of(call), order_number="1")
    assert outcome(record) is Outcome.CANCELLED


async def test_bug_in_a_tool_logs_no_words_of_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    """An exception's message may quote the caller: the log has its type and place only."""

    async def act() -> str:
        raise ValueError("canary")

    await call_tool(tool_that(act))
    assert "canary" not in caplog.text
    assert caplog.records[-1].__dict__["error"] == "ValueError"


def test_guarded_tool_keeps_what_the_llm_reads() -> None:
    """Name, description and parameters of a tool survive the wrapping."""
    original = next(tool for tool in load_toolbox(shop()).tools if tool.info.name == "start_return")
    schema = llm.utils.build_legacy_openai_schema(original)["function"]
    assert schema["parameters"]["required"] == ["order_number", "postal_code"]
    assert schema["description"]


def test_every_listed_tool_has_an_intent() -> None:
    """The local understanding can choose each tool of the shop."""
    toolbox = load_toolbox(shop())
    assert set(toolbox.intents) == set(shop().tools)


def test_unknown_tool_is_named_with_its_line() -> None:
    """A tool that no file defines names the profile's line and those there are."""
    profile = shop().model_copy(update={"tools": ("lookup_order", "teleport")})
    with pytest.raises(ConfigError, match=r"profile\.yaml, line \d+: tools\.1: no tool 'teleport'.*lookup_order"):
        load_toolbox(profile)


def test_unknown_backend_is_named_with_its_line() -> None:
    """So does a system of record."""
    profile = shop().model_copy(update={"backends": ("warehouse",)})
    with pytest.raises(ConfigError, match=r"no module 'warehouse' in backends/.*orders"):
        connect_backends(profile, "sqlite://", lambda: NOON)


LOOKS = Intent(examples=(), only_looks=True)


def box_of(act: Callable[[RunContext[Call], str], str], intent: Intent = LOOKS) -> Toolbox:
    """A toolbox with one tool, `probe`, that may be rehearsed if its intent says so."""

    @understood(intent)
    @function_tool
    async def probe(context: RunContext[Call], order_number: str) -> str:
        """Probe."""
        return act(context, order_number)

    looking = {"probe": probe} if intent.only_looks else {}
    return Toolbox((guard(probe, 1.0),), {"probe": intent}, looking=looking)


def wish(arguments: str = '{"order_number": "4571"}') -> list[llm.FunctionToolCall]:
    """What a guess wants of the probe."""
    return [llm.FunctionToolCall(name="probe", arguments=arguments, call_id="c1")]


async def test_a_rehearsed_tool_runs_once_and_is_told_of_when_it_is_called() -> None:
    """Nothing is told of the guess; the call in earnest gets its sentence, and both events."""
    runs, told = list[str](), list[str]()

    def act(_: RunContext[Call], number: str) -> str:
        runs.append(number)
        return f"Order {number} was shipped."

    box, (call, record) = box_of(act), recorded_call()
    rehearse(box, call, wish(), told.append)
    await asyncio.sleep(0.01)
    assert (runs, told, record.events) == (["4571"], ["Order 4571 was shipped."], [])
    assert await box.tools[0](context_of(call), order_number="4571") == "Order 4571 was shipped."
    assert runs == ["4571"] and outcome(record) is Outcome.OK and returned(record).was_rehearsed


async def test_a_wrong_guess_is_never_told() -> None:
    """Another number is looked up in earnest, although one was rehearsed."""
    box, (call, record) = box_of(lambda _, number: f"Order {number} was shipped."), recorded_call()
    rehearse(box, call, wish())
    await asyncio.sleep(0.01)
    assert await box.tools[0](context_of(call), order_number="4572") == "Order 4572 was shipped."
    assert outcome(record) is Outcome.OK and not returned(record).was_rehearsed


def hangs_up(context: RunContext[Call], _: str) -> str:
    """Does something to the call."""
    context.userdata.hang_up(EndReason.CALLER_GOODBYE)
    return "Goodbye."


def finds_nothing(_: RunContext[Call], number: str) -> str:
    """As a backend that does not know the number."""
    raise NotFound(f"There is no order {number}.")


@pytest.mark.parametrize("act", [hangs_up, finds_nothing])
async def test_a_rehearsal_that_comes_to_nothing_is_done_in_earnest(
    act: Callable[[RunContext[Call], str], str],
) -> None:
    """A tool that acts on the call cannot while it is rehearsed; what failed may succeed, or is told by the tool."""
    box, (call, record), told = box_of(act), recorded_call(), list[str]()
    rehearse(box, call, wish(), told.append)
    await asyncio.sleep(0.01)
    assert (told, record.events, record.hang_ups) == ([], [], [])
    with suppress(ToolError):
        await box.tools[0](context_of(call), order_number="4571")
    assert len(record.of(ToolReturned)) == 1
    assert record.hang_ups == ([EndReason.CALLER_GOODBYE] if act is hangs_up else [])


@pytest.mark.parametrize("arguments", ["{}", "no JSON at all <|x|>", '{"order_number": {"a": 1}}', "[]"])
async def test_what_the_tool_would_refuse_is_not_rehearsed(arguments: str) -> None:
    """A model's arguments may be anything."""
    box, (call, record), told = box_of(lambda *_: "never"), recorded_call(), list[str]()
    rehearse(box, call, wish(arguments), told.append)
    await asyncio.sleep(0.01)
    assert (told, record.events) == ([], [])


async def test_only_what_looks_and_what_the_persona_may_use_is_rehearsed() -> None:
    """A tool that changes something waits for the turn, and so does another persona's."""
    runs = list[str]()

    def act(_: RunContext[Call], number: str) -> str:
        runs.append(number)
        return "Done."

    call, _ = recorded_call()
    rehearse(box_of(act, Intent(examples=(), confirm="Shall I?")), call, wish())
    rehearse(box_of(act, Intent(examples=())), call, wish())
    persona = call.speaker
    others = replace(persona, says=persona.says.model_copy(update={"tools": ("something_else",)}))
    call.profile = call.profile.model_copy(update={"personas": {persona.name: others}})
    rehearse(box_of(act), call, wish())
    await asyncio.sleep(0.01)
    assert runs == []


@pytest.mark.parametrize("changes", [{"confirm": "Shall I?"}, {"reads_back": True}])
def test_nothing_that_asks_first_may_be_said_to_only_look(changes: dict[str, object]) -> None:
    """The declaration is refused where it is written."""
    with pytest.raises(ValueError, match="cannot be said to only look"):
        Intent(examples=(), only_looks=True, **changes)  # type: ignore[arg-type]  # one of its fields
