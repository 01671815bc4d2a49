"""The toolbox finds tools and wraps them in a time limit, events and errors as sentences."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from livekit.agents import AgentSession, FunctionTool, RunContext, ToolError, function_tool, llm
from livekit.agents.voice.speech_handle import SpeechHandle

from agent.call import Call
from agent.errors import ConfigError, NotFound, Refused
from agent.events import Outcome, ToolCalled, ToolReturned
from agent.nlu.intent import Intent, understood
from agent.toolbox import FAILED, TIMED_OUT, connect_backends, guard, load_toolbox
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


@pytest.mark.parametrize(("intent", "is_held"), [(Intent(examples=(), confirm="Shall I?"), True), (ASKS_FIRST, False)])
async def test_a_change_is_held_and_a_question_before_one_is_not(intent: Intent, is_held: bool) -> None:
    """Who is asked whether to pay may say no into the question; what was agreed to is told to its end."""

    @understood(intent)
    @function_tool
    async def probe(context: RunContext[Call], order_number: str) -> str:  # noqa: ARG001  # what an LLM would give
        """Probe."""
        return "Shall I pay it?"

    context = context_of(recorded_call()[0])
    await guard(probe, 1.0)(context, order_number="4571")
    assert context.speech_handle.allow_interruptions is not is_held


def outcome(record: Recorded) -> Outcome:
    """How the one tool call ended."""
    called, returned = record.of(ToolCalled), record.of(ToolReturned)
    assert len(called) == len(returned) == 1
    assert isinstance(returned[0], ToolReturned) and returned[0].tool_call == "c1"
    return returned[0].outcome


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
    original = next(tool for tool in load_toolbox(shop()).tools if tool.info.name == "lookup_order")
    schema = llm.utils.build_legacy_openai_schema(original)["function"]
    assert schema["parameters"]["required"] == ["order_number"]
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
