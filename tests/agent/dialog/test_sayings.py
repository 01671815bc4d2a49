"""Sentences that are heard when nothing else speaks any more."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit import rtc
from livekit.agents import AgentSession

from agent.call.call import Call
from agent.dialog.sayings import Sayings
from agent.providers.local.local_tts import LocalTTS
from agent.providers.local.speech_client import SpeechClient
from agent.turns.voice_out import RATE


class Speaker:
    """A loudspeaker that counts what it was given."""

    def __init__(self) -> None:
        self.samples = 0
        self.cleared = 0

    @property
    def queued_duration(self) -> float:
        """It is quick."""
        return 0.0

    def clear_queue(self) -> None:
        """Note it."""
        self.cleared += 1

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Count it."""
        assert frame.sample_rate == RATE
        self.samples += frame.samples_per_channel


@pytest.fixture
async def sayings(speech: SpeechClient) -> AsyncIterator[Sayings]:
    """Of a call that never begins."""
    session: AgentSession[Call] = AgentSession()
    yield Sayings(session, LocalTTS(speech))
    await session.aclose()


async def test_last_words_are_played_whole_without_a_session(sayings: Sayings) -> None:
    """Rendered before, or just now; what was being said is cut."""
    for sentence in ("I have to end this call now. Goodbye.", "Please hold the line for a moment."):
        speaker = Speaker()
        if sentence.startswith("I"):
            await sayings.render([sentence])
        await sayings.at_last(sentence, speaker)
        assert speaker.samples > RATE and speaker.cleared == 1


async def test_a_session_that_is_over_says_nothing_and_hurts_nobody(sayings: Sayings) -> None:
    """The caller has left in the middle of it."""
    await sayings.speak("Hello.")
    assert not await sayings.fill("One moment.")


async def test_without_sound_and_without_a_voice_there_is_silence(tmp_path: Path) -> None:
    """The speech process died with the worker, and the sentence was not rendered."""
    client = SpeechClient(tmp_path / "nobody.sock", return_timeout_s=0.1)
    speaker = Speaker()
    dumb = Sayings(AgentSession(), LocalTTS(client))
    async with asyncio.timeout(10):
        await dumb.at_last("Hello.", speaker)
    assert speaker.samples == 0
    await client.aclose()
