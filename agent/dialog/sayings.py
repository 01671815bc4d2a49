"""Sayings: sentences of the profile that must be heard even when the TTS fails, or when nothing but this process is
left: they are rendered while everything works."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

from livekit import rtc
from livekit.agents import NOT_GIVEN, AgentSession, tts

from agent.call.call import Call
from agent.providers.local.phrases import Phrases
from agent.providers.rendered import frame_of, render
from agent.speaking.pronounce import Pronunciation
from agent.turns.voice_out import Source, VoiceOut, pieces

REACHES_S = 0.2  # until the last of it is with the caller
LATE_S = 2.0  # a sentence that was not rendered in time is worth no longer wait


class Sayings:
    """One per call."""

    def __init__(
        self,
        session: AgentSession[Call],
        voice: tts.TTS[Any],
        pronunciation: Pronunciation | None = None,
        kept: Phrases | None = None,
    ) -> None:
        """`pronunciation` is None for a voice that pronounces by itself; `kept` are sentences that have a sound
        already."""
        self._session = session
        self._tts = voice
        self._pronunciation = pronunciation
        self._kept = kept or Phrases(None, voice="")
        self._frames: dict[str, rtc.AudioFrame] = {}

    async def render(self, sentences: Iterable[str]) -> None:
        """Keep them as sound: first what has one, then the others, one after the other."""
        await asyncio.to_thread(self._kept.load)
        wanted = list(sentences)
        self._frames |= {text: frame_of(sound) for text in wanted if (sound := self._kept.find(text)) is not None}
        for sentence in [text for text in wanted if text not in self._frames]:
            with contextlib.suppress(Exception):  # then the sentence is synthesised when it is needed
                self._frames[sentence] = await self._synthesize(sentence)

    async def interject(self, sentence: str, voice: VoiceOut) -> float:
        """Play it beside the session, whose own speech does not come: seconds of sound, 0 when it was not rendered."""
        frame = self._frames.get(sentence)
        if frame is None:
            return 0.0
        await voice.interject(frame)
        return frame.duration

    async def speak(self, sentence: str, may_be_stopped: bool = True) -> None:
        """Say it in the conversation."""
        with contextlib.suppress(RuntimeError):  # the session closed meanwhile: nobody is there to hear it
            can_stop = NOT_GIVEN if may_be_stopped else False
            await self._session.say(sentence, audio=self._sound(sentence), allow_interruptions=can_stop)

    async def fill(self, sentence: str) -> bool:
        """Say it outside of the history: an LLM would take it for its own promise, the understanding for an answer."""
        with contextlib.suppress(RuntimeError):
            handle = self._session.say(sentence, audio=self._sound(sentence), add_to_chat_ctx=False)
            await handle
            return handle.exception() is None
        return False

    async def give_way(self) -> None:
        """Be silent now, whatever is being said."""
        with contextlib.suppress(RuntimeError):  # the session closed meanwhile, or tells what must be told
            await self._session.interrupt()

    async def at_last(self, sentence: str, source: Source) -> None:
        """Play it without the session, which is over."""
        frame = self._frames.get(sentence)
        if frame is None:
            with contextlib.suppress(Exception):  # then there is nothing to be heard, and no time to lose
                frame = await asyncio.wait_for(self._synthesize(sentence), LATE_S)
        if frame is not None:
            source.clear_queue()
            await _play(frame, source)

    async def say_on(self, sentence: str, source: Source) -> None:
        """Play it to somebody else than the caller, who listens to another source. Raises what the TTS raises."""
        await _play(self._frames.get(sentence) or await self._synthesize(sentence), source)

    async def _synthesize(self, sentence: str) -> rtc.AudioFrame:
        said = self._pronunciation.spoken(sentence) if self._pronunciation else sentence
        return await render(self._tts, said)

    def _sound(self, sentence: str):  # type: ignore[no-untyped-def]  # NOT_GIVEN's type is LiveKit's own
        frame = self._frames.get(sentence)
        return _one(frame) if frame else NOT_GIVEN


async def _one(frame: rtc.AudioFrame) -> AsyncIterator[rtc.AudioFrame]:
    yield frame


async def _play(frame: rtc.AudioFrame, source: Source) -> None:
    """All of it, in pieces that fit into the source's queue, at its own pace."""
    for piece in pieces(frame):
        await source.capture_frame(piece)
    await asyncio.sleep(source.queued_duration + REACHES_S)
