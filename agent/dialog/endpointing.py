"""Endpointing: the turn's end, as the STT asks for it. Gathers what rules/endpointing needs; remembers the pace."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from livekit import rtc

from agent.errors import VoiceAgentError
from agent.rules.endpointing import Dictated, Meant, Pace, Patience, Pause, Wait, wait_for
from agent.rules.language import Language

logger = logging.getLogger("parley.turns")

OPINION_WITHIN_S = 0.25  # who takes longer is not asked for an opinion this time
TOO_EARLY_S = 0.9  # a caller who speaks again so soon after the turn's end had not finished


class EndOfTurn(Protocol):
    """A model of its own opinion about whether a turn is over; turns.py has LiveKit's."""

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """What is heard."""

    def on_silence(self) -> None:
        """The question will come: a model that listens may begin to think."""

    async def probability(self, text: str) -> float:
        """That what was said so far is a whole turn."""

    def on_end(self) -> None:
        """The turn is over; the next begins."""


class Endpointing:
    """One per call. `dictated` says whether the words are a number, code or address, and whether all of it was said;
    `meant`, where there is a local understanding, what it makes of them."""

    def __init__(
        self,
        patience: Patience,
        language: Language,
        *,
        dictated: Callable[[str], Dictated],
        meant: Callable[[str], Awaitable[Meant | None]] | None = None,
        model: EndOfTurn | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.patience = patience  # of the line, which is known when the caller has come
        self._language = language
        self._dictated = dictated
        self._meant = meant
        self._model = model
        self._clock = clock
        self._pace = Pace()
        self._ended_at: float | None = None

    def on_speech(self) -> None:
        """The caller begins a turn. So soon after the last one, it was not over."""
        if self._ended_at is None:
            return
        was_early = self._clock() - self._ended_at < TOO_EARLY_S
        self._pace = self._pace.cut_off() if was_early else self._pace.went_well()
        self._ended_at = None

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """For the model."""
        if self._model:
            self._model.on_sound(frame)

    def on_silence(self) -> None:
        """The model listens back while the words are still being made out."""
        if self._model:
            self._model.on_silence()

    async def wait(self, text: str) -> Wait:
        """How long the silence after these words must be to end the turn, and why."""
        probability, meant = await asyncio.gather(self._probability(text), self._meaning(text))
        pause = Pause(text, probability, self._dictated(text), meant)
        wait = wait_for(pause, self.patience, self._language, self._pace)
        logger.debug("waiting", extra={"seconds": round(wait.seconds, 2), "reason": wait.reason})
        return wait

    async def _meaning(self, text: str) -> Meant | None:
        if self._meant is None:
            return None
        try:
            async with asyncio.timeout(OPINION_WITHIN_S):
                return await self._meant(text)
        except (TimeoutError, VoiceAgentError):
            return None

    def on_end(self) -> None:
        """The turn is over."""
        self._ended_at = self._clock()
        if self._model:
            self._model.on_end()

    async def _probability(self, text: str) -> float | None:
        if self._model is None:
            return None
        try:
            async with asyncio.timeout(OPINION_WITHIN_S):
                return await self._model.probability(text)
        except TimeoutError:
            return None
