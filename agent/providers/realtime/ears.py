"""RealtimeSTT: a speech-to-speech model where an STT stands: its server says when the caller's turn is over, and writes
down what was said."""

import asyncio
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, LanguageCode, llm, stt
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer, aio

from agent.providers.realtime.wire import Wire

RATE = 24_000
_Type = stt.SpeechEventType


class RealtimeSTT(stt.STT[Any]):
    """One per call."""

    def __init__(self, wire: Wire, language: str) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))
        self.wire = wire
        self.language = language

    @property
    def model(self) -> str:
        """The wire's."""
        return self.wire.model.model

    @property
    def provider(self) -> str:
        """The wire's."""
        return self.wire.model.provider

    async def works(self) -> bool:
        """Tried beside the call."""
        return await self.wire.works()

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> "RealtimeEars":
        """Listen to the caller; whoever listened before does so no more."""
        return RealtimeEars(self, conn_options)

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        raise NotImplementedError("a call streams")


class RealtimeEars(stt.RecognizeStream):
    """What the server makes of the caller's sound, until the wire is lost."""

    def __init__(self, owner: RealtimeSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=owner, conn_options=conn_options, sample_rate=RATE)
        self._owner = owner
        self._came: asyncio.Queue[tuple[str, object]] = asyncio.Queue()

    async def _run(self) -> None:
        wire = self._owner.wire
        hearing = wire.hearing = lambda name, event: self._came.put_nowait((name, event))
        pushing = asyncio.create_task(self._push(), name="realtime ears")
        try:
            while True:
                coming = asyncio.ensure_future(self._came.get())
                await asyncio.wait({coming, pushing}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    coming.cancel()
                    return
                self._tell(*coming.result())
        finally:
            if wire.hearing is hearing:  # somebody else hears now: what the model has not heard it cannot answer
                wire.hearing = None
                wire.drop(APIConnectionError("realtime: not listened to"))
            await aio.cancel_and_wait(pushing)

    async def _push(self) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                self._owner.wire.push(frame)

    def _tell(self, name: str, event: object) -> None:
        """In the words of an STT. Raises APIError when the wire is lost."""
        if name == "lost":
            raise event if isinstance(event, APIError) else APIConnectionError("realtime: lost")
        if name == "input_speech_started":
            self._event_ch.send_nowait(stt.SpeechEvent(type=_Type.START_OF_SPEECH))
        elif isinstance(event, llm.InputTranscriptionCompleted) and event.is_final:
            if text := event.transcript.strip():
                language, confidence = LanguageCode(self._owner.language), event.confidence or 1.0
                said = stt.SpeechData(language=language, text=text, confidence=confidence)
                self._event_ch.send_nowait(stt.SpeechEvent(type=_Type.FINAL_TRANSCRIPT, alternatives=[said]))
            self._event_ch.send_nowait(stt.SpeechEvent(type=_Type.END_OF_SPEECH))
