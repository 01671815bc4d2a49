"""The witness of the sound: Smart Turn, asked in the speech process, which all calls of the machine share."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from livekit import rtc

from agent.errors import ProviderError
from agent.providers.local.models.log_mel import RATE
from agent.providers.local.models.smart_turn import SECONDS
from agent.rules.evidence import Who

logger = logging.getLogger("parley.turns")

_KEPT = 2 * SECONDS * RATE  # bytes: what the model hears
Listen = Callable[[bytes], Awaitable[float]]  # PCM16 mono at 16 kHz to a probability; raises ProviderError


class SmartTurnWitness:
    """Keeps the turn's last eight seconds. `listen` is the speech process's."""

    who = Who.SMART_TURN

    def __init__(self, listen: Listen) -> None:
        self._listen = listen
        self._heard = bytearray()
        self._resampler: rtc.AudioResampler | None = None
        self._asked: asyncio.Task[float | None] | None = None
        self._has_warned = False

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """Kept, at the model's rate."""
        for part in self._at_rate(frame):
            self._heard += bytes(part.data)
        del self._heard[:-_KEPT]

    def on_silence(self) -> None:
        """Ask while the words are still being made out. A new silence drops the question before."""
        self._drop()
        self._asked = asyncio.create_task(self._ask(bytes(self._heard)))

    async def probability(self, text: str) -> float | None:
        """0 to 1, from the sound alone; None when the speech process does not say."""
        if self._asked is None:
            self.on_silence()
        assert self._asked is not None
        return await asyncio.shield(self._asked)

    def on_end(self) -> None:
        """The next turn begins without the sound of this one."""
        self._drop()
        self._heard.clear()

    def _drop(self) -> None:
        if self._asked:
            self._asked.cancel()
            self._asked = None

    async def _ask(self, pcm: bytes) -> float | None:
        try:
            return await self._listen(pcm) if pcm else None
        except ProviderError as error:
            if not self._has_warned:
                logger.warning("smart turn does not answer; the other witnesses decide", extra={"reason": error.reason})
                self._has_warned = True
            return None

    def _at_rate(self, frame: rtc.AudioFrame) -> list[rtc.AudioFrame]:
        if frame.sample_rate == RATE:
            return [frame]
        if self._resampler is None:
            self._resampler = rtc.AudioResampler(frame.sample_rate, RATE, quality=rtc.AudioResamplerQuality.LOW)
        return self._resampler.push(frame)
