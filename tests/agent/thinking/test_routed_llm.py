"""A large model is not asked what the router knows, in a whole session over a real OpenAI-compatible endpoint."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from livekit.agents import Agent, AgentSession, ToolError, function_tool, llm
from livekit.agents.voice.run_result import RunResult
from livekit.plugins import openai

from agent.errors import ProviderError
from agent.intent import HAND_OVER, Intent, Slot, SlotKind
from agent.thinking.informed_llm import NONE, SOME, InformedLLM, Library
from agent.thinking.routed_llm import RoutedLLM
from agent.understanding.matching.embedding import Embedder, Remembered, Vectors
from agent.understanding.routing import Route, Router, Why
from tests.fakes.calls import shop
from tests.fakes.embedder import DeadEmbedder, WordEmbedder
from tests.fakes.knowledge import PARKING, WordKnowledge
from tests.fakes.openai_server import OpenAIServer, serving

NUMBER = Slot(name="order_number", kind=SlotKind.CODE, ask="Which?", min_length=4, max_length=4)
# words that no two of them share: the fake embedding sees nothing else
INTENTS = {
    "find": Intent(examples=("where parcel", "track parcel", "locate parcel", "parcel whereabouts"), slots=(NUMBER,)),
    "sing": Intent(examples=("sing song", "song please", "perform song", "song now")),
    "burn": Intent(examples=("burn house", "house fire", "ignite house"), confirm="Really?"),
    f"{HAND_OVER}boss": Intent(examples=("boss here", "boss talk", "fetch boss")),
}


@function_tool
async def find(order_number: str) -> str:
    """Find a parcel."""
    if order_number == "9999":
        raise ToolError("I can't find that one.")
    return f"Parcel {order_number} is on its way."


@function_tool
async def sing() -> str:
    """Sing a song."""
    return "La la la."


@function_tool
async def burn() -> str:
    """Burn the house."""
    return "It burns."


@function_tool
async def hand_over_to_boss() -> str:
    """Call the boss."""
    return "Here is the boss."


TOOLS: list[llm.Tool | llm.Toolset] = [find, sing, burn, hand_over_to_boss]


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    """A model that always says the same."""
    async with serving(OpenAIServer()) as running:
        yield running


async def routed(server: OpenAIServer, embedder: Embedder | None = None) -> tuple[RoutedLLM, list[Route]]:
    """The endpoint's model with a router that has learned, and what it decided."""
    router = Router(INTENTS, WordEmbedder(), shop().sentences)
    await router.warm([PARKING])
    if embedder is not None:
        router = Router(INTENTS, embedder, shop().sentences)
    routes: list[Route] = []
    inner = openai.LLM(model="fake", base_url=server.base_url, api_key="none")

    def on_route(route: Route | None) -> None:
        assert route is not None
        routes.append(route)

    return RoutedLLM(inner, router, lambda: datetime(2026, 11, 20, tzinfo=UTC), on_route), routes


async def say(session: AgentSession[None], text: str) -> tuple[list[str], str]:
    """The tools of a turn and the agent's words."""
    result: RunResult[None] = await session.run(user_input=text)
    calls = [f"{e.item.name}{e.item.arguments}" for e in result.events if e.type == "function_call"]
    items = [event.item for event in result.events if event.type == "message"]
    return calls, " ".join(item.text_content or "" for item in items if item.role == "assistant").strip()


async def test_a_sure_turn_costs_no_request_at_all(server: OpenAIServer) -> None:
    """The tool is called and its sentence said, though the model was never asked."""
    mind, routes = await routed(server)
    async with mind, AgentSession[None](llm=mind) as session:
        await session.start(Agent(instructions="Be kind.", tools=TOOLS))
        assert await say(session, "where parcel 4571") == (
            ['find{"order_number": "4571"}'],
            "Parcel 4571 is on its way.",
        )
        assert not server.asked
        assert await say(session, "sing song") == (["sing{}"], "La la la.")
    assert not server.asked
    assert [route.why for route in routes] == [Why.ACTED, Why.ACTED]


@pytest.mark.parametrize("text", ["hello there", "track parcel", "burn house", "tell stories about mountains"])
async def test_all_else_is_the_models(server: OpenAIServer, text: str) -> None:
    """Small talk, a missing number, what changes something, what nobody declared; nothing is called."""
    mind, routes = await routed(server)
    async with mind, AgentSession[None](llm=mind) as session:
        await session.start(Agent(instructions="Be kind.", tools=TOOLS))
        assert await say(session, text) == ([], server.reply)
    assert len(server.asked) == 1 and routes[0].why is not Why.ACTED


async def test_the_model_words_a_failure_of_the_routers_tool(server: OpenAIServer) -> None:
    """It may ask for the right number, or try something else."""
    mind, _ = await routed(server)
    async with mind, AgentSession[None](llm=mind) as session:
        await session.start(Agent(instructions="Be kind.", tools=TOOLS))
        calls, said = await say(session, "where parcel 9999")
    assert calls and said == server.reply
    assert "I can't find that one." in json.dumps(server.asked[0][2]["messages"])


async def test_after_a_hand_over_the_model_speaks_for_the_other_persona(server: OpenAIServer) -> None:
    """It was handed over to for a reason."""
    mind, _ = await routed(server)
    async with mind, AgentSession[None](llm=mind) as session:
        await session.start(Agent(instructions="Be kind.", tools=TOOLS))
        assert await say(session, "fetch boss") == (["hand_over_to_boss{}"], server.reply)
    assert len(server.asked) == 1


async def test_a_router_that_has_not_learned_is_not_asked(server: OpenAIServer) -> None:
    """A caller who speaks before it is warm waits for nothing."""
    mind, routes = await routed(server, DeadEmbedder())
    async with mind, AgentSession[None](llm=mind) as session:
        await session.start(Agent(instructions="Be kind.", tools=TOOLS))
        assert (await say(session, "sing song"))[1] == server.reply
    assert not routes


class Failing:
    """An embedder that dies after it has taught."""

    def __init__(self) -> None:
        self.inner: Embedder = WordEmbedder()

    async def embed(self, texts: Any) -> Vectors:
        """As the inner one."""
        return await self.inner.embed(texts)


async def test_without_a_vector_the_model_is_asked(server: OpenAIServer) -> None:
    """The speech process died a moment ago: nobody notices."""
    embedder = Failing()
    router = Router(INTENTS, embedder, shop().sentences)
    await router.warm([])
    embedder.inner = DeadEmbedder()
    with pytest.raises(ProviderError):
        await embedder.embed(["x"])
    inner = openai.LLM(model="fake", base_url=server.base_url, api_key="none")
    routes: list[Route | None] = []
    mind = RoutedLLM(inner, router, lambda: datetime(2026, 11, 20, tzinfo=UTC), routes.append)
    async with mind, AgentSession[None](llm=mind) as session:
        await session.start(Agent(instructions="Be kind.", tools=TOOLS))
        assert (await say(session, "sing song"))[1] == server.reply
    assert routes == [None], "an earlier turn's route must not be taken for this one's"


async def informed(server: OpenAIServer, *said: str, embedder: Embedder | None = None) -> list[str]:
    """The contents of the messages that the endpoint gets for a history of the caller's words."""
    inner = openai.LLM(model="fake", base_url=server.base_url, api_key="none")
    library = Library(Remembered(embedder or WordEmbedder()), WordKnowledge(), 0.5)
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="Be kind.")
    for text in said:
        context.add_message(role="user", content=text)
    async with InformedLLM(inner, library) as mind:
        await mind.chat(chat_ctx=context).collect()
    assert len(context.items) == 1 + len(said)
    return [str(message["content"]) for message in server.asked[-1][2]["messages"]]


async def test_a_model_is_given_the_passages_with_their_source(server: OpenAIServer) -> None:
    """Before the caller's last words, and not in the history that stays."""
    first, second, note, last = await informed(server, "hello", "where can I park")
    assert (first, second, last) == ("Be kind.", "hello", "where can I park")
    assert note.startswith(SOME) and f"[{PARKING.source}] {PARKING.text}" in note


async def test_a_model_is_told_when_there_is_no_passage(server: OpenAIServer) -> None:
    """So that it says that it does not know."""
    assert (await informed(server, "why is the sky blue"))[1] == NONE


async def test_without_vectors_a_model_is_told_nothing(server: OpenAIServer) -> None:
    """That no passage was found would be a lie."""
    assert await informed(server, "where can I park", embedder=DeadEmbedder()) == ["Be kind.", "where can I park"]
