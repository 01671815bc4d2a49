"""Endpointing: the turn's end, as the STT asks for it. Gathers what rules/endpointing needs; remembers the pace."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from livekit import rtc

from agent.errors import VoiceAgentError
from agent.rules.endpointing import Dictated, Pace, Patience, Pause, Wait, wait_for
from agent.rules.evidence import Meant, Who
from agent.rules.language import Language
from agent.turns.witnesses.witness import Witness

logger = logging.getLogger("parley.turns")

OPINION_WITHIN_S = 0.25  # who takes longer is not asked for an opinion this time
TOO_EARLY_S = 0.9  # a caller who speaks again so soon after the turn's end had not finished


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
        witnesses: Sequence[Witness] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.patience = patience  # of the line, which is known when the caller has come
        self._language = language
        self._dictated = dictated
        self._meant = meant
        self._witnesses = witnesses
        self._clock = clock
        self._pace = Pace()
        self._ended_at: float | None = None

    def speak(self, language: Language, witnesses: Sequence[Witness]) -> None:
        """Another language is spoken: its words, and who knows them."""
        self._language, self._witnesses = language, witnesses

    def on_speech(self) -> None:
        """The caller begins a turn. So soon after the last one, it was not over."""
        if self._ended_at is None:
            return
        was_early = self._clock() - self._ended_at < TOO_EARLY_S
        self._pace = self._pace.cut_off() if was_early else self._pace.went_well()
        self._ended_at = None

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """For the witnesses who hear."""
        for witness in self._witnesses:
            witness.on_sound(frame)

    def on_silence(self) -> None:
        """Who hears listens back while the words are still being made out."""
        for witness in self._witnesses:
            witness.on_silence()

    async def wait(self, text: str) -> Wait:
        """How long the silence after these words must be to end the turn, and why."""
        asked = asyncio.gather(*(self._said(one, text) for one in self._witnesses))
        meant, said = await asyncio.gather(self._meaning(text), asked)
        known = {who: probability for who, probability in said if probability is not None}
        pause = Pause(text, known, self._dictated(text), meant)
        wait = wait_for(pause, self.patience, self._language, self._pace)
        logger.debug("waiting", extra={"seconds": round(wait.seconds, 2), "reason": wait.reason, "witnesses": known})
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
        for witness in self._witnesses:
            witness.on_end()

    async def _said(self, witness: Witness, text: str) -> tuple[Who, float | None]:
        try:
            async with asyncio.timeout(OPINION_WITHIN_S):
                return witness.who, await witness.probability(text)
        except TimeoutError:
            return witness.who, None
