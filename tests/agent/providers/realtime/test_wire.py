"""A wire with the real plugin and the real protocol: what the model gets to hear and know, and what becomes of it."""

import asyncio

import pytest
from livekit.agents import APIConnectionError, APIError, APIStatusError, llm
from livekit.agents.metrics import RealtimeModelMetrics

from tests.agent.providers.realtime.conftest import MIND, Connect, Wired, history, lookup_order, whole
from tests.rig.faults import Fault


async def test_a_turn_is_heard_as_sound_and_answered_in_sound(connect: Connect) -> None:
    """The model has the caller's sound itself; nothing of the turn is sent in words, and it answers only when asked."""
    wired = connect()
    wired.wire.open()
    await wired.say()
    asked = await wired.answer(history(("user", "Are you open on sunday?")), (lookup_order,))
    assert [call.name for call in asked.tool_calls] == ["lookup_order"]  # to what was heard, not to what was written
    assert [event["type"] for event in wired.api.events if "buffer" in event["type"]] == ["input_audio_buffer.commit"]
    assert not wired.sent("conversation.item.create") and len(wired.sent("response.create")) == 1
    assert 0.5 < wired.api.conversations[0].items[0].seconds < 0.8
    detection = wired.sent("session.update")[0]["session"]["audio"]["input"]["turn_detection"]
    assert detection is None


async def test_what_was_said_beside_it_is_told_in_words_in_its_place(connect: Connect) -> None:
    """The greeting stands before the caller's turn, although the model learns of it later."""
    wired = connect()
    wired.wire.open()
    await wired.say()
    await whole(await wired.wire.ask(history(("assistant", "Hello."), ("user", "Where is my order?")), []))
    said = [(item.told.get("role"), item.text.strip()) for item in wired.api.conversations[0].items[:2]]
    assert said == [("assistant", "Hello."), ("user", "Where is my order?")]


async def test_its_own_answers_stay_its_own(connect: Connect) -> None:
    """A second turn sends nothing again, and a tool's outcome alone is new."""
    wired = connect()
    context = history(("user", "Where is my order?"))
    asked = await wired.answer(context, (lookup_order,))
    wish = asked.tool_calls[0]
    assert (wish.name, wish.arguments) == ("lookup_order", '{"number": "4571"}')
    call = llm.FunctionCall(call_id=wish.call_id, name=wish.name, arguments=wish.arguments)
    out = llm.FunctionCallOutput(call_id=wish.call_id, name=wish.name, output="It has left.", is_error=False)
    context.items += [call, out]
    said = await wired.answer(context, (lookup_order,))
    assert said.text.strip() == "It has left."
    context.add_message(role="assistant", content=said.text)
    context.add_message(role="user", content="And on sunday?")
    assert (await wired.answer(context)).text.strip() == "On Sunday we are closed."
    created = [event["item"]["type"] for event in wired.sent("conversation.item.create")]
    assert created == ["message", "function_call_output", "message"] and not wired.sent("conversation.item.delete")


async def test_instructions_and_tools_are_told_when_they_change(connect: Connect) -> None:
    """Notes are for one answer, and stay in no history."""
    wired = connect()
    context = history(("user", "Hello"))
    await wired.answer(context, (lookup_order,))
    context.items.insert(1, llm.ChatMessage(role="system", content=["The caller likes tea."]))
    await wired.answer(context, (lookup_order,))
    await wired.answer(context)
    updates = [event["session"] for event in wired.sent("session.update")]
    assert [update["instructions"] for update in updates if "instructions" in update] == ["You answer for a shop."]
    tools = [[tool["name"] for tool in update["tools"]] for update in updates if "tools" in update]
    assert tools == [["lookup_order"], []]
    notes = [event["response"].get("instructions") or "" for event in wired.sent("response.create")]
    assert "tea" not in notes[0] and "shop" in notes[1] and "tea" in notes[1]
    assert all("tea" not in str(item.told) for item in wired.api.conversations[0].items)


async def test_what_was_cut_off_is_cut_off_for_the_model_too(connect: Connect) -> None:
    """By the time that it was heard."""
    wired = connect()
    context = history(("user", "Are you open on sunday?"))
    answer = await wired.wire.ask(context, [])
    await whole(answer)
    said = llm.ChatMessage(role="assistant", content=["On Sunday"], interrupted=True)
    said.metrics = {"started_speaking_at": 10.0, "stopped_speaking_at": 10.5}
    context.items.append(said)
    context.add_message(role="user", content="Stop.")
    await whole(await wired.wire.ask(context, []))
    cut = wired.sent("conversation.item.truncate")
    assert [event["audio_end_ms"] for event in cut] == [500] and cut[0]["item_id"] == answer.messages[0]


async def test_an_answer_that_nobody_waits_for_is_cancelled_and_forgotten(connect: Connect) -> None:
    """Another mind has answered: its words stand in the history, the model's do not."""
    wired = connect()
    context = history(("user", "Are you open on sunday?"))
    answer = await wired.wire.ask(context, [])
    assert await answer.pieces.get() == "On "
    wired.wire.leave(answer)
    context.add_message(role="assistant", content="We close on Sundays.")
    context.add_message(role="user", content="Thanks")
    await whole(await wired.wire.ask(context, []))
    texts = [item.text.strip() for item in wired.api.conversations[0].items]
    assert "We close on Sundays." in texts and len(wired.sent("response.cancel")) == 1
    assert not [text for text in texts if text.startswith("On Sun")]


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.RESET, Fault.UNAUTHORIZED, Fault.LIMITED, Fault.BROKEN])
async def test_a_line_that_breaks_is_an_error_at_once(connect: Connect, fault: Fault) -> None:
    """Of the vendor's kind; the next question opens a new one, which learns the history in words."""
    wired = connect()
    context = history(("user", "Are you open on sunday?"))
    said = await wired.answer(context)
    await wired.rig.openai.fail(fault)
    context.add_message(role="assistant", content=said.text)
    context.add_message(role="user", content="Hello")
    with pytest.raises(APIError) as caught:  # one that was cut is opened anew, and refused
        await answered_until_it_fails(wired, context)
    assert not isinstance(caught.value, APIStatusError) or str(caught.value.status_code) == fault.value
    with pytest.raises(APIError):
        await wired.answer(context)
    await wired.rig.openai.fail(None)
    assert (await wired.answer(context)).text.strip() == MIND.otherwise
    texts = [item.text.strip() for item in wired.api.conversations[-1].items]
    assert texts[:3] == ["Are you open on sunday?", "On Sunday we are closed.", "Hello"]


async def answered_until_it_fails(wired: Wired, context: llm.ChatContext) -> None:
    """Asks again and again. Raises APIError."""
    async with asyncio.timeout(30):
        while True:
            await wired.answer(context)
            await asyncio.sleep(0.05)


async def test_one_that_is_dead_is_left_for_a_new_one(connect: Connect) -> None:
    """Nothing at all has come for a question: whoever gives up on it has the wire dropped."""
    wired = connect()
    context = history(("user", "Hello"))
    await wired.answer(context)
    await wired.rig.openai.fail(Fault.HALF_OPEN)
    answer = await wired.wire.ask(context, [])
    await asyncio.sleep(0.3)
    assert not answer.has_begun
    wired.wire.leave(answer)
    await wired.rig.openai.fail(None)
    assert (await wired.answer(context)).text and len(wired.api.conversations) == 2


async def test_an_empty_answer_is_an_error(connect: Connect) -> None:
    """So that the pipeline answers instead."""
    wired = connect()
    wired.rig.openai.mind = lambda _: ""
    with pytest.raises(APIConnectionError, match="empty"):
        await wired.answer(history(("user", "Hello")))


async def test_it_is_tried_beside_the_call(connect: Connect) -> None:
    """The probe leaves nothing in the call's conversation."""
    wired = connect()
    await wired.answer(history(("user", "Hello")))
    assert await wired.wire.works()
    before, probe = wired.api.conversations
    assert len(before.items) == 2 and len(probe.items) == 1


async def test_what_it_uses_is_told_with_its_tokens_of_sound(connect: Connect) -> None:
    """Both sides'."""
    wired = connect()
    wired.wire.open()
    await wired.say()
    await whole(await wired.wire.ask(history(("user", "Where is my order?")), []))
    await asyncio.sleep(0.05)
    used = [one for one in wired.used if isinstance(one, RealtimeModelMetrics) and one.total_tokens]
    assert len(used) == 1 and used[0].input_token_details.audio_tokens >= 5
