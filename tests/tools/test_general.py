"""Time and goodbye; and what holds for every tool."""

import importlib
import pkgutil
from typing import Any

import pytest
from livekit.agents import FunctionTool

from agent.call.call import Call
from agent.events import EndReason
from agent.intent import intent_of
from tests.fakes.calls import recorded_call
from tests.fakes.contexts import context_of
from tools.general import current_date_and_time, end_call

ONLY_FOR_A_LARGE_MODEL = {"run_query"}  # nobody says SQL


def every_tool() -> list[FunctionTool[..., Any]]:
    """All of tools/, by walking it."""
    modules = [importlib.import_module(f"tools.{m.name}") for m in pkgutil.iter_modules(["tools"])]
    return [value for module in modules for value in vars(module).values() if isinstance(value, FunctionTool)]


async def test_the_time_is_that_of_the_profiles_zone(call: Call) -> None:
    """Seventeen hours UTC is noon in New York."""
    said = await current_date_and_time(context_of(call))
    assert said == "It is noon on Friday, November 20, 2026."


async def test_goodbye_hangs_up_as_the_callers_wish() -> None:
    """The call ends by itself once the sentence is spoken."""
    call, record = recorded_call()
    assert await end_call(context_of(call)) == call.profile.sentences.goodbye
    assert record.hang_ups == [EndReason.CALLER_GOODBYE]


@pytest.mark.parametrize("tool", every_tool(), ids=lambda tool: tool.info.name)
def test_every_tool_tells_an_llm_what_it_is_for_and_the_understanding_what_callers_say(
    tool: FunctionTool[..., Any],
) -> None:
    """A docstring that is a prompt, and at least eight different examples."""
    assert len((tool.info.description or "").split()) >= 8
    intent = intent_of(tool)
    if tool.info.name in ONLY_FOR_A_LARGE_MODEL:
        assert intent is None
        return
    assert intent is not None
    assert len({example.lower() for example in intent.examples}) >= 8


def test_no_example_is_claimed_by_two_tools() -> None:
    """The nearest example decides, so one sentence means one tool; two names of one wish share theirs."""
    intents = {intent.examples: intent for tool in every_tool() if (intent := intent_of(tool))}
    people = [set(intent.examples) for intent in intents.values() if "operator" in intent.examples]
    intents = {key: intent for key, intent in intents.items() if not any(set(key) < other for other in people)}
    examples = [e.lower() for intent in intents.values() for e in intent.examples]
    assert len(examples) == len(set(examples))
