"""What the rig's services are made of: who hears and speaks behind them, and who thinks. Real models, or what a test
knows before."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from livekit import rtc
from livekit.agents import llm
from numpy.typing import NDArray

from agent.providers.local.speech_client import SpeechClient
from agent.providers.resampling import AtRate

HEARS_HZ = 16_000
Samples = NDArray[np.int16]


class Content(Protocol):
    """Hears and speaks, PCM16 mono."""

    async def hear(self, sound: bytes, rate: int) -> str:
        """The words in it."""
        ...

    async def speak(self, text: str, rate: int) -> bytes:
        """The sound of it at that rate."""
        ...

    def stream(self, text: str, rate: int) -> AsyncIterator[bytes]:
        """The same in pieces of any length, as they are made."""
        ...


class Models:
    """The local models of a speech process. What was spoken once is there at once when it is asked for again: a
    vendor's first sound comes sooner than that of a model that shares two cores with the call."""

    def __init__(self, client: SpeechClient) -> None:
        self._client = client
        self._spoken: dict[str, bytes] = {}

    async def hear(self, sound: bytes, rate: int) -> str:
        """By Moonshine."""
        return await self._client.transcribe(resampled(sound, rate, HEARS_HZ))

    async def speak(self, text: str, rate: int) -> bytes:
        """By the local voice."""
        if text not in self._spoken:
            self._spoken[text] = b"".join([part async for part in self._client.synthesize(text)])
        return resampled(self._spoken[text], self._client.sample_rate, rate)

    async def stream(self, text: str, rate: int) -> AsyncIterator[bytes]:
        """Clause by clause."""
        if text in self._spoken:
            yield await self.speak(text, rate)
            return
        made, at_rate = b"", AtRate(rate)
        async for part in self._client.synthesize(text, is_opening=True):
            made += part
            for frame in at_rate.push(rtc.AudioFrame(part, self._client.sample_rate, 1, len(part) // 2)):
                yield bytes(frame.data)
        for frame in at_rate.flush():
            yield bytes(frame.data)
        self._spoken[text] = made


@dataclass(slots=True)
class Known:
    """Hears what the test has said it would, utterance by utterance, and speaks 60 ms of tone a letter."""

    said: Sequence[str] = ()
    spoken: list[str] = field(default_factory=list)
    heard: int = 0

    async def hear(self, sound: bytes, rate: int) -> str:
        """The next of them."""
        self.heard += 1
        return self.said[min(self.heard, len(self.said)) - 1] if self.said else ""

    async def speak(self, text: str, rate: int) -> bytes:
        """A tone."""
        self.spoken.append(text)
        count = int(0.06 * rate) * max(1, len(text))
        return (np.sin(np.arange(count) * 2 * np.pi * 440 / rate) * 8000).astype(np.int16).tobytes()

    async def stream(self, text: str, rate: int) -> AsyncIterator[bytes]:
        """All at once."""
        yield await self.speak(text, rate)


def resampled(sound: bytes, rate: int, wanted: int) -> bytes:
    """The same at another rate."""
    if rate == wanted or not sound:
        return sound
    resampler = rtc.AudioResampler(rate, wanted, quality=rtc.AudioResamplerQuality.HIGH)
    frames = [*resampler.push(bytearray(sound)), *resampler.flush()]
    return b"".join(bytes(frame.data) for frame in frames)


@dataclass(frozen=True, slots=True)
class Wish:
    """A tool that the LLM asks for, its arguments as JSON."""

    tool: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What an LLM was asked: who said what, the last last, and the tools that it may ask for. Roles are `system`,
    `user`, `assistant` and `tool`. `history` is the conversation with the tools that were asked for in their places;
    Realtime alone gives it."""

    said: Sequence[tuple[str, str]]
    tools: Sequence[str]
    history: llm.ChatContext = field(default_factory=llm.ChatContext.empty)


Mind = Callable[[Heard], str | Wish | Awaitable[str | Wish]]


@dataclass(slots=True)
class Rules:
    """Thinks by the first pattern that is found in the caller's last words; a tool's answer is said again as it came.
    `otherwise` is what it says to all else."""

    rules: Sequence[tuple[str, str | Wish]] = ()
    otherwise: str = "How can I help?"
    asked: list[Heard] = field(default_factory=list)

    def __call__(self, heard: Heard) -> str | Wish:
        """Its answer."""
        self.asked.append(heard)
        role, last = heard.said[-1] if heard.said else ("", "")
        if role == "tool":
            return last
        words = next((text for who, text in reversed(heard.said) if who == "user"), "")
        return next((answer for pattern, answer in self.rules if re.search(pattern, words, re.I)), self.otherwise)
