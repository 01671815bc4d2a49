"""A caller is handed over to another persona, by the local understanding and by an LLM, and all goes with them."""

from pathlib import Path
from typing import Any

import pytest
from livekit.agents import AgentSession, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr
from livekit.agents.voice.run_result import RunResult

from agent.call.call import Call
from agent.dialog.persona import Persona
from agent.events import HandedOver
from agent.profile.profile import Profile
from agent.rules.identity import Tier
from agent.thinking.llm_stack import build_understanding
from agent.tooling.toolbox import NOT_HERE, connect_backends, load_toolbox, prepare_backends
from agent.understanding.matching.embedding import Embedder
from tests.fakes.calls import NOON, Recorded, recorded_call
from tests.fakes.desks import desks
from tests.fakes.embedder import WordEmbedder


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """The desk, parcels and the vault."""
    return desks(tmp_path / "profiles")


@pytest.fixture
def call(profile: Profile, tmp_path: Path) -> tuple[Call, Recorded]:
    """A call to them, on the shop's real orders."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    prepare_backends(profile, url)
    return recorded_call(profile, backends=connect_backends(profile, url, lambda: NOON))


def understanding_of(call: Call, embedder: Embedder | None = None) -> llm.LLM[Any]:
    """The local one, for the persona who speaks."""
    toolbox = load_toolbox(call.profile)
    return build_understanding(call.profile, toolbox, embedder or WordEmbedder(), call.now, lambda: call.speaker)


def said(result: RunResult[None]) -> str:
    """The agent's words in one turn."""
    items = [event.item for event in result.events if event.type == "message"]
    return " ".join(item.text_content or "" for item in items if item.role == "assistant")


def called(result: RunResult[None]) -> list[str]:
    """The tools of one turn."""
    return [event.item.name for event in result.events if event.type == "function_call"]


async def test_who_wants_what_another_persona_does_is_handed_over_and_served_at_once(
    call: tuple[Call, Recorded],
) -> None:
    """One turn: the hand-over, the other one's words, its question; the next turn answers that."""
    live, record = call
    async with understanding_of(live) as mind, AgentSession[Call](llm=mind, userdata=live) as session:
        await session.start(Persona(live.profile, load_toolbox(live.profile).tools))
        first: RunResult[None] = await session.run(user_input="where is my order")
        assert called(first) == ["hand_over_to_parcels"]
        assert said(first) == "This is the parcel desk. What is your order number? It has four digits."
        second: RunResult[None] = await session.run(user_input="four five seven one")
        assert called(second) == ["check_shipping"]
    assert record.of(HandedOver) == [HandedOver(by="desk", to="parcels")]


async def test_what_was_said_before_the_hand_over_is_used_after_it(call: tuple[Call, Recorded]) -> None:
    """The number is in the sentence that leads to the hand-over, and is remembered there; the way back is the same."""
    live, record = call
    async with understanding_of(live) as mind, AgentSession[Call](llm=mind, userdata=live) as session:
        await session.start(Persona(live.profile, load_toolbox(live.profile).tools))
        first: RunResult[None] = await session.run(user_input="where is my order 4571")
        assert called(first) == ["hand_over_to_parcels", "check_shipping"]
        assert said(first).startswith("This is the parcel desk. Order 4571")
        more: RunResult[None] = await session.run(user_input="what did I order")
        assert called(more) == ["lookup_order"] and "4571" in said(more)
        back: RunResult[None] = await session.run(user_input="what time is it")
        assert called(back) == ["hand_over_to_desk", "current_date_and_time"]
    assert record.of(HandedOver) == [HandedOver(by="desk", to="parcels"), HandedOver(by="parcels", to="desk")]


async def test_who_asks_for_the_other_one_only_hears_that_it_is_there(call: tuple[Call, Recorded]) -> None:
    """No apology for not having understood."""
    live, _ = call
    async with understanding_of(live) as mind, AgentSession[Call](llm=mind, userdata=live) as session:
        await session.start(Persona(live.profile, load_toolbox(live.profile).tools))
        result: RunResult[None] = await session.run(user_input="can I talk to the parcel department")
        assert said(result) == "This is the parcel desk."


async def test_a_persona_with_a_tier_is_closed_to_whom_nobody_knows(call: tuple[Call, Recorded]) -> None:
    """The refusal is said, once, and the desk goes on; whoever is known comes in."""
    live, record = call
    async with understanding_of(live) as mind, AgentSession[Call](llm=mind, userdata=live) as session:
        await session.start(Persona(live.profile, load_toolbox(live.profile).tools))
        result: RunResult[None] = await session.run(user_input="open the vault")
        assert called(result) == ["hand_over_to_vault"] and "who you are" in said(result)
        assert live.speaker.name == "desk" and not record.of(HandedOver)
        live.identity.tier = Tier.FULL
        opened: RunResult[None] = await session.run(user_input="open the vault")
        assert said(opened) == live.profile.sentences.handed_over
        assert live.speaker.name == "vault"


async def test_only_the_documents_of_who_speaks_are_read(call: tuple[Call, Recorded]) -> None:
    """The desk knows the store, not the returns."""
    live, _ = call
    async with understanding_of(live) as mind, AgentSession[Call](llm=mind, userdata=live) as session:
        await session.start(Persona(live.profile, load_toolbox(live.profile).tools))
        unknown: RunResult[None] = await session.run(user_input="can I return something without a receipt")
        assert "return" not in said(unknown).replace(live.profile.sentences.help, "").lower()
        live.hand_over("parcels")  # whose file names no documents: all of them are its
        known: RunResult[None] = await session.run(user_input="can I return something without a receipt")
        assert "don't know" not in said(known) and "account" in said(known)


class Script(llm.LLM[Any]):
    """A large model that asks for the tools it was told to, in order, and keeps what it was given."""

    def __init__(self, *tools: str, arguments: str = '{"order_number": "4571"}') -> None:
        super().__init__()
        self.tools = list(tools)
        self.arguments = arguments
        self.asked: list[tuple[str, list[str], list[str]]] = []

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,  # as LiveKit calls it
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """The next of them, or a word."""
        messages = [item for item in chat_ctx.items if isinstance(item, llm.ChatMessage)]
        prompt = next(item.text_content or "" for item in messages if item.role == "system")
        outputs = [item.output for item in chat_ctx.items if isinstance(item, llm.FunctionCallOutput)]
        self.asked.append((prompt, [tool.id for tool in tools or []], outputs))
        return ScriptStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class ScriptStream(llm.LLMStream):
    """It, as it is written."""

    async def _run(self) -> None:
        assert isinstance(self._llm, Script)
        calls = []
        if self._llm.tools:
            name = self._llm.tools.pop(0)
            arguments = self._llm.arguments if name in {"check_shipping", "weather_forecast"} else "{}"
            call_id = f"c{len(self._llm.asked)}-{name}"
            calls = [llm.FunctionToolCall(name=name, arguments=arguments, call_id=call_id)]
        delta = llm.ChoiceDelta(role="assistant", content=None if calls else "Fine.", tool_calls=calls)
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=delta))


async def test_a_large_model_gets_the_other_ones_instructions_and_tools_and_keeps_the_history(
    call: tuple[Call, Recorded],
) -> None:
    """In the very turn of the hand-over."""
    live, _ = call
    mind = Script("current_date_and_time", "hand_over_to_parcels", "check_shipping")
    async with mind, AgentSession[Call](llm=mind, userdata=live) as session:
        await session.start(Persona(live.profile, load_toolbox(live.profile).tools))
        result: RunResult[None] = await session.run(user_input="what time is it, and where is order 4571?")
        assert called(result) == ["current_date_and_time", "hand_over_to_parcels", "check_shipping"]
    first, _, third, last = mind.asked
    assert "You are the desk." in first[0] and "You are the parcel desk." in third[0]
    assert first[1] == ["current_date_and_time", "end_call", "hand_over_to_parcels", "hand_over_to_vault"]
    assert third[1] == ["lookup_order", "check_shipping", "end_call", "hand_over_to_desk"]
    assert third[2][0].startswith("It is ") and third[2][1] == "This is the parcel desk."
    assert last[2][2].startswith("Order 4571")


async def test_a_tool_of_another_persona_is_refused_whoever_asks_for_it(call: tuple[Call, Recorded]) -> None:
    """A model may invent what it was not offered."""
    live, _ = call
    mind = Script("check_shipping")
    async with mind, AgentSession[Call](llm=mind, userdata=live) as session:
        await session.start(Persona(live.profile, load_toolbox(live.profile).tools))
        await session.run(user_input="where is order 4571?")
    assert mind.asked[-1][2] == [NOT_HERE]
