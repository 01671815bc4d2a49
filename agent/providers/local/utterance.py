"""Utterance: what one caller is saying just now, as sound, and the transcriptions of it that are under way."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from agent.errors import ProviderError
from agent.providers.local.sound_variants import WIDE, Change, Retouch
from agent.providers.local.speech_client import SpeechClient

logger = logging.getLogger("parley.speech")

_BYTES_PER_S = 2 * 16_000
_PAUSE_S = 0.5  # of a pause inside the utterance; the model hears no better for more
_LEAD_BYTES = int(0.2 * _BYTES_PER_S)
OnText = Callable[["Utterance", str], None]
Mend = Callable[[str], str]  # the model's text without its slips


class Utterance:
    """PCM16 mono at 16 kHz from the first consonant on. At most one partial and one preflight are asked for at a time.

    A preflight is a guess that the caller has finished. Speech after it makes it stale; none makes it the final text.
    """

    def __init__(
        self, client: SpeechClient, pcm: bytes, started_at: float, retouch: Retouch = WIDE, mend: Mend = str
    ) -> None:
        self.started_at = started_at  # seconds since the stream began
        self._mend = mend
        self._retouch = retouch
        self.silence_s = 0.0
        self.also = ""  # another hearing of the words
        self._client = client
        self._pcm = bytearray(pcm)
        self._lead_in = len(pcm)
        self._skipped_s = 0.0  # of pauses that the model is spared
        self._partial: asyncio.Task[None] | None = None
        self._partial_at = time.monotonic()
        self._partial_cost_s = 0.0
        self._preflight: asyncio.Future[str] | None = None
        self._pause = bytearray()  # silence beyond what the model needs to hear
        self._last_at = time.monotonic()

    @property
    def pcm(self) -> bytes:
        """Its sound so far, as the model gets it."""
        return bytes(self._pcm)

    @property
    def is_guessing(self) -> bool:
        """True once this silence has been taken for a possible end."""
        return self._preflight is not None

    @property
    def silent_for_s(self) -> float:
        """How long nothing has been said, up to this moment, in seconds."""
        return self.silence_s + (time.monotonic() - self._last_at) if self.silence_s else 0.0

    @property
    def ended_at(self) -> float:
        """Where the speech in it ended so far, in seconds since the stream began."""
        heard_s = (len(self._pcm) - self._lead_in) / _BYTES_PER_S + self._skipped_s
        return self.started_at + max(0.0, heard_s - self.silence_s)

    @property
    def sound_s(self) -> float:
        """How long the speech in it is, in seconds."""
        return self.ended_at - self.started_at

    def is_longer_than(self, seconds: float) -> bool:
        """True when the model should get no more than this; waits for a pause until a quarter more has come."""
        limit = seconds if self.silence_s > 0.0 else seconds * 1.25
        return len(self._pcm) > limit * _BYTES_PER_S

    def is_partial_due(self, every_s: float, share: float) -> bool:
        """True when the last partial is long enough ago for partials to take no more than that share of the time: a
        slow model, a long utterance or other callers make them rarer."""
        if self._partial and not self._partial.done():
            return False
        return time.monotonic() - self._partial_at >= max(every_s, self._partial_cost_s / share)

    def add(self, pcm: bytes, *, silence_s: float) -> None:
        """More sound; `silence_s` says how much of its end is silence."""
        self.silence_s, self._last_at = silence_s, time.monotonic()
        if silence_s > _PAUSE_S:
            self._pause += pcm
            self._skipped_s += len(pcm) / _BYTES_PER_S
            return
        if silence_s == 0.0:
            self._drop_preflight()
            self._pcm += self._pause[-_LEAD_BYTES:]  # the next word's first consonant
            self._skipped_s -= min(len(self._pause), _LEAD_BYTES) / _BYTES_PER_S
            self._pause.clear()
        self._pcm += pcm

    def begin_partial(self, on_text: OnText) -> None:
        """Ask for the words so far; `on_text` gets them unless a preflight overtook them."""
        self._partial_at = time.monotonic()
        self._partial = asyncio.create_task(self._ask_partial(on_text))

    def begin_preflight(self, on_text: OnText, *, told_after_s: float, is_doubtful: bool = False) -> None:
        """Ask for what may be the final words, once a silence; `on_text` gets them when it has lasted so long. What is
        doubtful is heard twice."""
        if self._preflight is None:
            self._drop_partial()
            self._preflight = asyncio.create_task(self._ask_preflight(on_text, told_after_s, is_doubtful=is_doubtful))

    async def final(self) -> str:
        """The utterance's text, from the preflight when no speech came after it. Raises ProviderError."""
        self._drop_partial()
        if self._preflight:
            return await self._preflight
        return await self._transcribed(is_final=True)

    async def guess(self) -> str:
        """The preflight's text. Raises ProviderError."""
        return await asyncio.shield(self._preflight) if self._preflight else ""

    async def heard_again(self, changed: Change) -> str:
        """The words in it when its sound is changed otherwise. Raises ProviderError."""
        return await self._heard(changed, is_final=False)

    def take(self, text: str) -> None:
        """These are the words that its preflight should have found."""
        self._preflight = asyncio.get_running_loop().create_future()
        self._preflight.set_result(text)

    async def aclose(self) -> None:
        """Drop what is under way."""
        self._drop_partial()
        if self._preflight:
            self._preflight.cancel()
        under_way = [task for task in (self._partial, self._preflight) if task]
        await asyncio.gather(*under_way, return_exceptions=True)

    def _drop_preflight(self) -> None:
        if self._preflight:
            self._preflight.cancel()
            self._preflight = None
            self.also = ""

    def _drop_partial(self) -> None:
        if self._partial:
            self._partial.cancel()

    async def _transcribed(self, *, is_final: bool) -> str:
        return await self._heard(self._retouch.first, is_final=is_final)

    async def _heard(self, change: Change, *, is_final: bool) -> str:
        return self._mend(await self._client.transcribe(change(bytes(self._pcm)), is_final=is_final))

    async def _ask_partial(self, on_text: OnText) -> None:
        with suppress(ProviderError):  # the final will ask again, and say so if it fails too
            text = await self._transcribed(is_final=False)
            self._partial_cost_s = time.monotonic() - self._partial_at
            if text:
                on_text(self, text)

    async def _ask_preflight(self, on_text: OnText, told_after_s: float, *, is_doubtful: bool) -> str:
        text = await self._transcribed(is_final=True)
        if is_doubtful:
            self.also = await self.heard_again(self._retouch.again[-1])
        await asyncio.sleep(told_after_s - self.silent_for_s)
        if text:
            on_text(self, text)
        return text
