"""The end of a turn for an STT that has its own idea of it: its END_OF_SPEECH is only a silence, and waits as long as
the words demand. A preflight (an eager end of turn) is where that silence began."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable

from livekit.agents import stt

from agent.providers.turn_end import TurnEnd

_Type = stt.SpeechEventType


class PatientEnds:
    """One per call. Deepgram, Cartesia and the others; Moonshine asks `turn_end` by itself."""

    def __init__(self, turn_end: TurnEnd, clock: Callable[[], float] = time.time) -> None:
        self._turn_end = turn_end
        self._clock = clock
        self._said = ""
        self._end: stt.SpeechEvent | None = None
        self._eager_at: float | None = None  # since when the STT has thought that the turn may be over
        self._silent_since = self._due = 0.0

    async def of(self, events: AsyncIterable[stt.SpeechEvent]) -> AsyncGenerator[stt.SpeechEvent, None]:
        """The events, each END_OF_SPEECH when the turn is over; one after which the caller goes on is dropped."""
        source = aiter(events)
        following = asyncio.ensure_future(_next(source))
        try:
            while True:
                await asyncio.wait({following}, timeout=self._left_s())
                if not following.done():
                    yield self._over()
                    continue
                event = following.result()
                if event is None:
                    break
                following = asyncio.ensure_future(_next(source))
                if await self._passes(event):
                    yield event
            if self._end:
                yield self._over()
        finally:
            following.cancel()

    def _left_s(self) -> float | None:
        """Until the silence has lasted long enough; None while nobody is silent."""
        return max(0.0, self._due - self._clock()) if self._end else None

    async def _passes(self, event: stt.SpeechEvent) -> bool:
        """False for what is not to be told: an end that may be none, a beginning in mid-turn."""
        match event.type:
            case _Type.START_OF_SPEECH:
                goes_on = self._end is not None
                self._end = self._eager_at = None
                self._turn_end.on_speech()
                return not goes_on
            case _Type.END_OF_SPEECH:
                await self._wait_from(event)
                return False
            case _Type.FINAL_TRANSCRIPT if event.alternatives and event.alternatives[0].text:
                self._said = f"{self._said} {event.alternatives[0].text}".strip()
                if self._end:  # the words came after the silence: they say how long it must be
                    await self._wait_from(self._end)
            case _Type.PREFLIGHT_TRANSCRIPT:
                self._end, self._eager_at = None, self._clock()
            case _Type.INTERIM_TRANSCRIPT if event.alternatives and event.alternatives[0].text:
                self._end = self._eager_at = None  # the caller speaks again
        return True

    async def _wait_from(self, end: stt.SpeechEvent) -> None:
        if end is not self._end:
            self._turn_end.on_silence()
            known = (end.speech_end_time, self._eager_at, self._clock())
            self._silent_since = min(at for at in known if at is not None)
        self._end = end
        self._due = self._silent_since + (await self._turn_end.wait(self._said)).seconds

    def _over(self) -> stt.SpeechEvent:
        assert self._end is not None
        end, self._end, self._eager_at, self._said = self._end, None, None, ""
        self._turn_end.on_end()
        return end


async def _next(source: AsyncIterator[stt.SpeechEvent]) -> stt.SpeechEvent | None:
    return await anext(source, None)
