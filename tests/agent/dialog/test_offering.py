"""A frustrated caller is offered a person, once, after an answer that asks nothing itself."""

from collections.abc import AsyncGenerator

import pytest
from livekit.agents import llm

from agent.dialog.offering import is_done, offer_due, with_offer
from agent.dialog.reading_back import Chunk, text_of
from agent.events import AgentSpoke
from agent.thinking.local_llm import WAITS
from tests.fakes.calls import recorded_call, shop

OFFER = shop().sentences.offer_person
TOOLS = ("transfer_to_human", "check_shipping")


async def said(*chunks: Chunk) -> str:
    """What comes of these chunks, as text."""

    async def stream() -> AsyncGenerator[Chunk, None]:
        for chunk in chunks:
            yield chunk

    return "".join([text_of(chunk) async for chunk in with_offer(stream(), OFFER)])


async def test_the_offer_follows_the_answer() -> None:
    """With what was asked answered first."""
    assert await said("Order 4571 was ", "shipped.") == f"Order 4571 was shipped. {OFFER}"


@pytest.mark.parametrize("question", ["What is your order number?", "Shall I cancel it? ", ""])
async def test_a_question_is_not_asked_beside_another(question: str) -> None:
    """Nor where nothing is said."""
    assert await said(question) == question


async def test_a_tool_that_is_asked_for_comes_first() -> None:
    """Its answer may carry the offer."""
    call = llm.FunctionToolCall(name="check_shipping", arguments="{}", call_id="t1")
    asked = llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", tool_calls=[call]))
    assert await said("Let me look.", asked) == "Let me look."


async def test_whoever_is_waited_for_is_asked_nothing_else() -> None:
    """In the middle of a number, or while they look something up."""
    told = llm.ChoiceDelta(role="assistant", content="Go on.", extra={WAITS: True})
    assert await said(llm.ChatChunk(id="1", delta=told)) == "Go on."


def test_it_is_due_once_and_only_to_whom_it_helps() -> None:
    """Not before the flag, not where nobody can be had, not to who has asked, not again once it was heard; what was
    offered before the flag was another matter."""
    call, _ = recorded_call()
    assert offer_due(call, TOOLS) == ""
    call.emit(AgentSpoke(turn=1, words=9, is_whole=True, text=f"I did not get that either. {OFFER}"))
    call.flag("frustrated", "the caller complains")
    assert offer_due(call, TOOLS) == OFFER
    assert offer_due(call, ("check_shipping",)) == ""
    call.emit(AgentSpoke(turn=1, words=9, is_whole=True, text=f"It was shipped. {OFFER}"))
    assert offer_due(call, TOOLS) == ""
    other, _ = recorded_call()
    other.flag("frustrated", "the caller complains")
    other.flag("wants_human", "asked")
    assert offer_due(other, TOOLS) == ""


def test_who_was_just_served_needs_nobody_else() -> None:
    """What was done before the caller spoke last is another matter, and so is what was only looked up, or refused."""
    history = llm.ChatContext.empty()
    history.add_message(role="user", content="Yes, that's better.")
    assert not is_done(history, {"book_table"})
    for name, is_error in (("check_shipping", False), ("book_table", True)):
        history.items.append(llm.FunctionCallOutput(call_id="1", name=name, output="Said.", is_error=is_error))
    assert not is_done(history, {"book_table"})
    history.items.append(llm.FunctionCallOutput(call_id="2", name="book_table", output="Done.", is_error=False))
    assert is_done(history, {"book_table"})
    history.add_message(role="user", content="And is there parking?")
    assert not is_done(history, {"book_table"})
