"""Who thinks behind the rig's Realtime server, asked with what that server was told."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from livekit.agents import llm
from livekit.agents.utils import http_context

from agent.call.call import Call
from agent.config import ROOT
from agent.intent import Intent
from agent.profile.profile import load_profile
from agent.providers import catalog
from agent.providers.realtime.mind import RealtimeLLM
from agent.providers.realtime.wire import Wire
from agent.rules.identity import NOT_MATCHED
from agent.thinking.llm_stack import build_understanding
from agent.tooling.toolbox import load_toolbox
from evals.expecting import lasting
from evals.realtime_mind import RealtimeMind, asked_by_tool, read_aloud, since_caller
from evals.rehearsal import Rehearsal
from tests.fakes.calls import shop
from tests.fakes.embedder import WordEmbedder
from tests.rig.content import Heard, Known, Wish
from tests.rig.items import Item, told_of
from tests.rig.rig import running

QUESTION = "Shall I start a return of order 4573?"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
INTENTS = {
    "lookup_order": Intent(examples=("where is my order",)),
    "start_return": Intent(examples=("return it",), confirm="Shall I start a return of order {order_number}?"),
}


def message(role: str, text: str) -> Item:
    """What one side said."""
    return Item({"id": f"{role} {text}", "type": "message", "role": role}, text=text)


def asked(tool: str, output: str = "", **arguments: str) -> list[Item]:
    """A tool that was asked for, and what it answered, if it has."""
    call = {"id": f"call {tool}", "type": "function_call", "call_id": tool, "name": tool}
    answer = {"id": f"answer {tool}", "type": "function_call_output", "call_id": tool, "output": output}
    items = [Item(call | {"arguments": json.dumps(arguments)}), Item(answer, text=output)]
    return items if output else items[:1]


def heard(*items: Item, tools: Sequence[str] = ("lookup_order", "start_return")) -> Heard:
    """The conversation, as the server tells it."""
    return told_of(items, "You answer for a shop.", tools)


@pytest.fixture
async def mind() -> RealtimeMind:
    """That of the shop, which knows what is near by common words alone."""
    return await RealtimeMind.of(shop(), WordEmbedder())


def test_the_server_tells_the_tools_in_their_places() -> None:
    """And what was said as it did before."""
    told = heard(
        message("user", "Where is it? "), *asked("lookup_order", "It has left."), message("assistant", "Left.")
    )
    kinds = [(item.type, getattr(item, "name", "")) for item in told.history.items]
    assert kinds == [
        ("message", ""), ("function_call", "lookup_order"), ("function_call_output", "lookup_order"), ("message", ""),
    ]  # fmt: skip
    assert [role for role, _ in told.said] == ["system", "user", "tool", "assistant"]


async def test_a_tool_is_wished_for_and_its_answer_said(mind: RealtimeMind) -> None:
    """As the local understanding does in a pipeline."""
    question = message("user", "Look up order number 4573.")
    wish = await mind(heard(question))
    assert isinstance(wish, Wish) and wish.tool in {"lookup_order", "check_shipping"}
    assert json.loads(wish.arguments)["order_number"] == "4573"
    answered = asked(wish.tool, "Order 4573 has left our house.", order_number="4573")
    assert await mind(heard(question, *answered)) == "Order 4573 has left our house."


async def test_the_tool_is_asked_where_the_understanding_would_read_back_by_itself(mind: RealtimeMind) -> None:
    """A large model cannot announce its question: the tool's is the one that a yes is good for, and the yes does it."""
    wanted = message("user", "Start a return of order 4573, the ZIP code is 80203.")
    wish = await mind(heard(wanted))
    assert isinstance(wish, Wish) and wish.tool == "start_return"
    given = json.loads(wish.arguments)
    read_back = [wanted, *asked("start_return", QUESTION, **given)]
    assert await mind(heard(*read_back)) == QUESTION
    agreed = await mind(heard(*read_back, message("assistant", QUESTION), message("user", "Yes, please.")))
    assert isinstance(agreed, Wish) and (agreed.tool, json.loads(agreed.arguments)) == ("start_return", given)


async def test_a_probe_is_answered(mind: RealtimeMind) -> None:
    """Without anything that a caller has said."""
    assert await mind(heard())


@pytest.mark.parametrize(
    ("tool", "output", "is_refusal"),
    [
        ("start_return", QUESTION, False),
        ("start_return", "A return of order 4573 is started.", False),
        ("start_return", "That is too late. Would you like to speak to a person?", True),
        ("lookup_order", "I have that on Monday. Would that suit you?", True),
        ("lookup_order", "It was shipped. Do you want its tracking number?", False),
        ("lookup_order", NOT_MATCHED, True),
    ],
)
def test_a_refusal_is_known_by_its_sentence(tool: str, output: str, is_refusal: bool) -> None:
    """The protocol says of no answer that it is an error."""
    marked = read_aloud(heard(message("user", "Hello"), *asked(tool, output)).history, INTENTS, NOW).items[-1]
    assert isinstance(marked, llm.FunctionCallOutput) and marked.is_error is is_refusal


def test_a_read_back_is_said_only_while_nothing_came_after_it() -> None:
    """Neither the caller's words nor another tool's answer."""
    items = heard(message("user", "Return it."), *asked("start_return", QUESTION)).history.items
    assert asked_by_tool(since_caller(items), INTENTS) == QUESTION
    later = heard(
        message("user", "Return it."), *asked("start_return", QUESTION), message("user", "Yes.")
    ).history.items
    assert asked_by_tool(since_caller(later), INTENTS) == ""


async def test_a_spoken_scenario_leaves_the_right_database_through_the_protocol(tmp_path: Path) -> None:
    """With a question of its own that becomes the tool's, a refusal with a way out, and a yes to what was then read
    back: by text, through the real plugin and the call's own guards."""
    profile, embedder = load_profile("dental", ROOT / "profiles"), WordEmbedder()
    async with running(Known(), lambda _: "") as rig, http_context.open():

        def model(_: Call) -> llm.LLM[None]:
            built, _options = catalog.build_realtime(rig.choice("realtime", "openai"), "en")
            return RealtimeLLM(Wire(built, has_turns=False, on_metrics=lambda _: None))

        rehearsal = Rehearsal(profile, embedder, tmp_path, mind=model)
        script = next(script for script in rehearsal.scripts if script.scenario.spoken)
        toolbox = load_toolbox(profile)
        understanding = build_understanding(profile, toolbox, embedder, lambda: script.clock)
        rig.openai.mind = RealtimeMind(understanding, toolbox.intents, lambda: script.clock)
        played = await rehearsal.play(script)
    assert not lasting(script, played.outcome, profile), played.outcome.turns
    moves = [turn.words for turn in played.outcome.turns if any(call.tool == "move_appointment" for call in turn.calls)]
    assert moves == ["At four o'clock in the afternoon.", "Yes, please.", "The first one, please.", "Yes."]
