"""A whole call that is recorded: asked for, agreed to, and what the sealed file then holds of both sides."""

import asyncio
import wave
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest

from agent.providers.local.speech_client import SpeechClient
from agent.recording import AGENT, CALLER, RATE, write_wav
from evals import voices
from evals.caller import Samples
from evals.servers import LiveKit, end, start_worker
from tests.agent.calls import ANSWER_S, ask, greeted, profiles_with, spoken

MASTER = bytes(range(32))


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(240)
async def test_a_call_is_recorded_after_a_yes_on_both_sides_and_without_the_number_that_was_said(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient
) -> None:
    """From the browser nobody knows the caller's place, so they are asked; what they say of their order's number is
    silence in the file, and the answer after it is not."""
    profiles = profiles_with(tmp_path, recording={"enabled": True, "place": "US-NY"})
    worker = await asyncio.to_thread(
        start_worker, livekit_server, tmp_path, agent_name="recorded",
        PARLEY_PROFILES_DIR=profiles, PARLEY_RECORDING_KEY=b64encode(MASTER).decode(),
    )  # fmt: skip
    try:
        async with worker.join() as caller:
            await greeted(caller)
            await caller.until(lambda c: len(spoken(c)) > 1, ANSWER_S, "the question")
            agreed = await ask(caller, await voices.agents(speech, "Yes, that's fine."))
            answer = await ask(caller, await voices.agents(speech, "Where can I park?"))
            told = await ask(caller, await voices.agents(speech, "Where is my order four five seven one?"))
    finally:
        await asyncio.to_thread(end, worker.process)
    assert (spoken(caller)[1], agreed) == ("May I record this call?", "Thank you. The recording is on.")
    assert "park" in answer and told, (answer, told)
    (sealed,) = (worker.var / "recordings").iterdir()
    write_wav(sealed, tmp_path / "call.wav", MASTER)
    heard = {side: await understood(speech, tmp_path / "call.wav", side) for side in (CALLER, AGENT)}
    assert "park" in heard[CALLER] and "park" in heard[AGENT], heard
    assert "order" not in heard[CALLER] and "seven" not in heard[CALLER] and "4571" not in heard[CALLER], heard
    assert len(heard[AGENT]) > len(answer) / 2


async def understood(speech: SpeechClient, path: Path, side: int) -> str:
    """One side of a recording, as a person understands it."""
    both = sound(path)
    return (await speech.transcribe(np.ascontiguousarray(both[:, side]).tobytes())).lower()


def sound(path: Path) -> Samples:
    """Shape (n, 2) at RATE."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)
