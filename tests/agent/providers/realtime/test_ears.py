"""A server that ends the caller's turns: what its VAD and transcription are to a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, stt

from agent.providers.realtime.ears import RealtimeSTT
from tests.agent.providers.realtime.conftest import Connect, Wired, history, lookup_order, loud
from tests.rig.faults import Fault

ONCE = APIConnectOptions(max_retry=0, timeout=5.0)
SILENCE = [rtc.AudioFrame(bytes(640), 16_000, 1, 320)] * 50


@asynccontextmanager
async def listening(wired: Wired) -> AsyncIterator[stt.RecognizeStream]:
    """To a caller who says something once."""
    async with RealtimeSTT(wired.wire, "en").stream(conn_options=ONCE) as stream:
        for frame in [*SILENCE[:20], *loud(0.8), *SILENCE]:
            stream.push_frame(frame)
        yield stream


async def until_the_end(stream: stt.RecognizeStream) -> list[stt.SpeechEvent]:
    """All of one turn."""
    found = []
    async for event in stream:
        found.append(event)
        if event.type is stt.SpeechEventType.END_OF_SPEECH:
            break
    return found


async def test_the_servers_turn_is_a_turn_with_its_words(connect: Connect) -> None:
    """It begins, has words, and ends; the session asks for the VAD as the profile sets it, and for no answers."""
    wired = connect(turns="server", vad_silence_ms=300, vad_threshold=0.6)
    async with listening(wired) as stream:
        events = await until_the_end(stream)
    kinds = stt.SpeechEventType
    assert [event.type for event in events] == [kinds.START_OF_SPEECH, kinds.FINAL_TRANSCRIPT, kinds.END_OF_SPEECH]
    assert events[1].alternatives[0].text == "Where is my order?"
    detection = wired.sent("session.update")[0]["session"]["audio"]["input"]["turn_detection"]
    assert (detection["type"], detection["silence_duration_ms"], detection["threshold"]) == ("server_vad", 300, 0.6)
    assert detection["create_response"] is False and not wired.sent("response.create")


async def test_what_it_heard_is_what_is_answered(connect: Connect) -> None:
    """The caller's turn stays the sound that it was: it is sent neither again nor in words."""
    wired = connect(turns="server")
    async with listening(wired) as stream:
        await until_the_end(stream)
        asked = await wired.answer(history(("user", "Where is my order?")), (lookup_order,))
    assert [call.name for call in asked.tool_calls] == ["lookup_order"]
    assert not wired.sent("conversation.item.create") and not wired.sent("input_audio_buffer.commit")


async def test_a_wire_that_is_lost_is_a_failure_of_hearing(connect: Connect) -> None:
    """So the chain lets the next one hear, at once; and while another hears, the model is not asked."""
    wired = connect(turns="server")
    async with listening(wired) as stream:
        await until_the_end(stream)
        await wired.rig.openai.fail(Fault.RESET)
        with pytest.raises(APIError):
            await asyncio.wait_for(until_the_end(stream), 10)
    with pytest.raises(APIConnectionError, match="somebody else"):
        await wired.answer(history(("user", "Hello")))
