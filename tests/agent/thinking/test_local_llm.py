"""The understanding behind LiveKit's LLM interface: streams, tool calls, failures, and a real AgentSession by text."""

import json
from datetime import UTC, datetime

import pytest
from livekit.agents import Agent, AgentSession, APIConnectionError, APIConnectOptions, function_tool, llm
from livekit.agents.voice.run_result import RunResult

from agent.answer import MEANING, Meaning
from agent.config import ROOT
from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile, load_profile
from agent.rules.evidence import Meant
from agent.thinking.local_llm import UNSPEAKABLE, Understanding
from agent.understanding.history import AgentSaid, CallerSaid, Item, ToolAnswered
from agent.understanding.matching.embedding import Embedder
from agent.understanding.matching.passages import Passage
from tests.fakes.embedder import DeadEmbedder, WordEmbedder
from tests.fakes.knowledge import PARKING, WordKnowledge

FIND = Intent(
    examples=("where is my order", "find my order"),
    slots=(Slot(name="order_number", kind=SlotKind.CODE, ask="Which number?", min_length=4, max_length=4),),
)
ONCE = APIConnectOptions(max_retry=0, retry_interval=0.0, timeout=5.0)
TWICE = APIConnectOptions(max_retry=1, retry_interval=0.0, timeout=5.0)


@function_tool
async def find(order_number: str) -> str:
    """Find an order."""
    if order_number == "9999":
        raise llm.ToolError("I can't find that order.")
    return f"Order {order_number} is on its way."


@function_tool
async def unknown_to_us() -> str:
    """A tool without an intent."""
    return "never"


@pytest.fixture
def shop() -> Profile:
    """The profile whose sentences are said."""
    return load_profile("shop", ROOT / "profiles")


def make(profile: Profile, embedder: Embedder | None = None, knowledge: WordKnowledge | None = None) -> Understanding:
    """One tool and two passages, on a model that only knows words."""
    return Understanding(
        profile=profile,
        intents={"find": FIND},
        embedder=embedder or WordEmbedder(),
        knowledge=knowledge or WordKnowledge(),
        clock=lambda: datetime(2026, 11, 21, tzinfo=UTC),
    )


def context(*said: str) -> llm.ChatContext:
    """A history in which only the caller spoke, under a persona's instructions."""
    found = llm.ChatContext.empty()
    found.add_message(role="system", content="Be brief.")
    for text in said:
        found.add_message(role="user", content=text)
    return found


async def test_a_request_becomes_a_tool_call_with_json_arguments(shop: Profile) -> None:
    """As any LLM's."""
    stream = make(shop).chat(chat_ctx=context("where is my order 4571"), tools=[find, unknown_to_us])
    response = await stream.collect()
    assert [(c.name, json.loads(c.arguments)) for c in response.tool_calls] == [("find", {"order_number": "4571"})]
    assert response.tool_calls[0].call_id
    assert response.text == ""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("where is my order 4571",), Meant.CLEAR),
        (("where is my order",), Meant.UNDERSTOOD),
        (("where is my order", "four five seven one"), Meant.CLEAR),
        (("the lamp broke last week",), Meant.UNCLEAR),
        (("hello",), Meant.CLEAR),
        (("my order is late, find my order",), Meant.UNCLEAR),
        (("where can I park",), Meant.DECLARED),
        (("I park",), Meant.UNDERSTOOD),
        (("I lost order 4571",), Meant.UNDERSTOOD),
        (("where is my order", "it's 4571"), Meant.CLEAR),
        (("where is my order", "it's about the"), Meant.UNCLEAR),
        (("where is my order", "I was thinking that the lamp broke"), Meant.UNCLEAR),
    ],
)
async def test_turn_taking_is_told_how_much_of_a_wish_the_words_are(
    shop: Profile, said: tuple[str, ...], meant: Meant
) -> None:
    """All of it, a part, or nothing that is known."""
    items: list[Item] = []
    for text in said[:-1]:
        items += [CallerSaid(text), AgentSaid("Which number?")]
    decision = await make(shop).decide([*items, CallerSaid(said[-1])], ("find",))
    assert decision.meant is meant


async def test_words_that_two_passages_answer_may_go_on(shop: Profile) -> None:
    """ "Can you tell me the shipping" … costs, or times?"""
    costs = Passage("Shipping costs four dollars.", "Costs", "shipping.md#Costs", ("what does shipping cost",))
    times = Passage("Shipping takes three days.", "Times", "shipping.md#Times", ("how long does shipping take",))
    understanding = make(shop, knowledge=WordKnowledge((costs, times)))
    assert (await understanding.decide([CallerSaid("can you tell me the shipping")], ())).meant is Meant.UNCLEAR
    assert (await understanding.decide([CallerSaid("what does shipping cost")], ())).meant is Meant.DECLARED


async def test_a_misheard_sentence_ends_as_the_one_that_was_said(shop: Profile) -> None:
    """ "Day" mostly stands inside of sentences, and here at the end of one that callers are known to say."""
    asked = ("are you open on christmas day", "which day are you closed on", "what day do you deliver on")
    understanding = make(shop, knowledge=WordKnowledge((Passage("We are closed.", "Days", "days.md#Days", asked),)))
    assert (await understanding.decide([CallerSaid("Are you open unchristmas day?")], ())).meant is Meant.DECLARED
    assert (await understanding.decide([CallerSaid("Are you open on a closed day?")], ())).meant is Meant.UNCLEAR


async def test_several_requests_become_several_tool_calls(shop: Profile) -> None:
    """Each with an id of its own."""
    stream = make(shop).chat(chat_ctx=context("where is my order 4571 and 4572"), tools=[find])
    calls = (await stream.collect()).tool_calls
    assert [json.loads(c.arguments)["order_number"] for c in calls] == ["4571", "4572"]
    assert len({c.call_id for c in calls}) == 2


async def test_a_tool_answer_is_said_as_it_is(shop: Profile) -> None:
    """And what LiveKit writes for an unexpected exception is not: that is an apology."""
    for output, said in [("Order 4571 is here.", "Order 4571 is here."), (UNSPEAKABLE, shop.sentences.apology)]:
        history = context("where is my order 4571")
        history.insert(llm.FunctionCall(call_id="1", name="find", arguments='{"order_number": "4571"}'))
        history.insert(llm.FunctionCallOutput(call_id="1", name="find", output=output, is_error=output == UNSPEAKABLE))
        assert (await make(shop).chat(chat_ctx=history, tools=[find]).collect()).text == said


async def test_what_a_tool_meant_is_in_the_history(shop: Profile) -> None:
    """Each answer has what stands with its call; a provider's own data there is nobody else's."""
    items = context("where is my order", "4571")
    for call_id, extra in (("a", {MEANING: Meaning(missing=2).as_json()}), ("b", {"google": {"thought": "x"}})):
        items.insert(llm.FunctionCall(call_id=call_id, name="find", arguments="{}", extra=extra))
        items.insert(llm.FunctionCallOutput(call_id=call_id, name="find", output="Who are you?", is_error=True))
    answered = [item for item in make(shop).history(items) if isinstance(item, ToolAnswered)]
    assert [item.meaning.missing for item in answered] == [2, 0]


async def test_tool_choice_none_is_obeyed(shop: Profile) -> None:
    """Then it can only talk."""
    response = await make(shop).chat(chat_ctx=context("find my order 4571"), tools=[find], tool_choice="none").collect()
    assert response.tool_calls == []
    assert response.text


async def test_arguments_that_another_llm_left_do_not_break_it(shop: Profile) -> None:
    """The history may come from a chain's other member."""
    history = context("where is my order 4571")
    for number, arguments in enumerate(["{broken", "[1]", '{"order_number": {"a": 1}}']):
        history.insert(llm.FunctionCall(call_id=str(number), name="find", arguments=arguments))
    history.add_message(role="assistant", content="Let me see.")
    history.add_message(role="user", content="where can I park")
    assert (await make(shop).chat(chat_ctx=history, tools=[find]).collect()).text == PARKING.text


async def test_a_dead_embedder_is_a_connection_error(shop: Profile) -> None:
    """So that LiveKit retries, and the session apologises when that does not help."""
    with pytest.raises(APIConnectionError):
        await make(shop, DeadEmbedder()).chat(chat_ctx=context("hello"), tools=[], conn_options=ONCE).collect()


async def test_an_embedder_that_comes_back_is_asked_again(shop: Profile) -> None:
    """The caller notices nothing."""
    stream = make(shop, DeadEmbedder(times=1)).chat(chat_ctx=context("where can I park"), tools=[], conn_options=TWICE)
    assert (await stream.collect()).text == PARKING.text


async def test_warming_twice_embeds_once(shop: Profile) -> None:
    """The session warms it, and so does the first turn if the session could not."""
    embedder = WordEmbedder()
    understanding = make(shop, embedder)
    await understanding.warm()
    asked = len(embedder.asked)
    await understanding.warm()
    assert len(embedder.asked) == asked > 0
    assert (understanding.model, understanding.provider) == ("understanding", "parley")


async def test_a_whole_session_by_text(shop: Profile) -> None:
    """A question, its answer, a correction, a refusal of the tool, over LiveKit's own AgentSession."""
    async with make(shop) as understanding, AgentSession[None](llm=understanding) as session:
        await session.start(Agent(instructions="", tools=[find]))
        asked: RunResult[None] = await session.run(user_input="where is my order")
        asked.expect.next_event().is_message(role="assistant")
        found: RunResult[None] = await session.run(user_input="four five seven one")
        found.expect.next_event().is_function_call(name="find", arguments={"order_number": "4571"})
        found.expect.next_event().is_function_call_output(output="Order 4571 is on its way.")
        said = found.expect.next_event().is_message(role="assistant").event().item.text_content
        assert said == "Order 4571 is on its way."
        corrected: RunResult[None] = await session.run(user_input="no, I meant 9999")
        corrected.expect.next_event().is_function_call(name="find", arguments={"order_number": "9999"})
        corrected.expect.next_event().is_function_call_output(is_error=True)
        said = corrected.expect.next_event().is_message(role="assistant").event().item.text_content
        assert said == f"{shop.sentences.corrected} I can't find that order."


async def test_a_reply_without_a_caller_says_nothing_wrong(shop: Profile) -> None:
    """`generate_reply` with instructions only."""
    async with make(shop) as understanding, AgentSession[None](llm=understanding) as session:
        await session.start(Agent(instructions="", tools=[find]))
        handle = session.generate_reply(instructions="Greet the caller.")
        await handle
        said = [item.text_content for item in handle.chat_items if isinstance(item, llm.ChatMessage)]
        assert said == [shop.sentences.anything_else]
