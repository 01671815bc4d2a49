"""A spoken turn in realtime mode, without a room: real ears and turn-taking, whose turns the model hears as sound."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import AgentSession, io, vad

from agent.call.call import Call
from agent.dialog.turn_taking import TurnTaking
from agent.events import AgentSpoke, CallerSpoke
from agent.providers import catalog
from agent.providers.chains import Chains
from agent.providers.local.speech_client import SpeechClient
from agent.providers.realtime.answer import letters
from agent.providers.realtime.mind import RealtimeLLM
from agent.tap import Tap
from agent.turns.options import PATIENCE, turn_handling
from tests.agent.providers.conftest import say
from tests.agent.providers.realtime.conftest import Connect
from tests.agent.providers.realtime.test_call import Ear, realtime_shop
from tests.fakes.calls import recorded_call
from tests.fakes.providers import Talker
from tests.rig.content import Models, Rules


class Microphone(io.AudioInput):
    """What the caller says, at its own pace, between silences."""

    def __init__(self, sound: bytes) -> None:
        super().__init__(label="microphone")
        self._sound = bytes(16_000) + sound + bytes(16_000 * 2 * 120)

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(0.02)
        piece, self._sound = self._sound[:640], self._sound[640:]
        return rtc.AudioFrame(piece, 16_000, 1, 320)

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self


async def test_the_model_hears_the_callers_turn_itself(
    connect: Connect, client: SpeechClient, silero_vad: vad.VAD, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our turn-taking ends the turn, our STT writes it down, and the model gets its sound, once, and nothing else."""
    rig, behind = connect().rig, Talker(1)
    rig.openai.content = Models(client)
    rig.openai.mind = Rules([("sunday", "On Sunday we are closed.")], "I did not hear you.")
    profile = realtime_shop(rig)
    call, record = recorded_call(profile)
    monkeypatch.setattr(catalog, "build_tts", lambda *_: behind)
    chains = Chains(profile, tmp_path, call.emit)
    taking = TurnTaking(profile, {}, client, silero_vad, chains, unknown)
    assert chains.wire
    session: AgentSession[Call] = AgentSession(
        stt=taking.stt,
        llm=RealtimeLLM(chains.wire),
        tts=chains.build_voice(catalog.Lent(client)),
        vad=None,
        turn_handling=turn_handling(profile.turns),
        userdata=call,
        conn_options=PATIENCE,
        aec_warmup_duration=None,
    )
    Tap(call, on_busy=lambda _: None, on_close=lambda _: None).attach(session)
    question = np.asarray(await say(client, "What are your opening hours on Sunday?", 16_000), np.int16)
    session.input.audio, session.output.audio = Microphone(question.tobytes()), Ear()
    async with session:
        chains.wire.open()
        await session.start(taking.persona(session, [], voice=None))
        answered = asyncio.Event()
        session.on("agent_state_changed", lambda event: answered.set() if event.old_state == "speaking" else None)
        async with asyncio.timeout(100):
            await answered.wait()
            await session.wait_for_idle()
    await chains.wire.aclose()
    heard, said = record.of(CallerSpoke)[0], record.of(AgentSpoke)[0]
    assert isinstance(heard, CallerSpoke) and "Sunday" in heard.text
    assert isinstance(said, AgentSpoke) and letters(said.text) == letters("On Sunday we are closed.")
    turn = rig.openai.realtime.conversations[0].items[0]
    assert len(question) / 16_000 - 0.5 < turn.seconds < len(question) / 16_000 + 3 and not behind.said


async def unknown(*_: object) -> None:
    """What the words mean, nobody here knows."""
