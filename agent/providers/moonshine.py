"""MoonshineSTT: LiveKit's STT over the speech process. Its own VAD cuts utterances; what turns are is the session's."""

import asyncio
import time
from dataclasses import dataclass

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, stt, utils, vad
from livekit.agents.language import LanguageCode
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer

from agent.errors import ProviderError
from agent.providers.speech import SpeechClient
from agent.providers.utterance import Utterance

SAMPLE_RATE = 16_000
_LANGUAGE = LanguageCode("en")
_Type = stt.SpeechEventType


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How one stream listens. Seconds.

    After `preflight_silence_s` of silence the utterance is transcribed although it may go on: if it does not, that text
    is the final one and costs no time. Partials come `interim_every_s` apart, at most. `prefix_s` of sound before the
    VAD's start belongs to the utterance: its first consonant. `longest_s` bounds what the model gets at once.
    """

    preflight_silence_s: float = 0.1
    interim_every_s: float = 0.6
    prefix_s: float = 0.5
    longest_s: float = 24.0


class MoonshineSTT(stt.STT[None]):
    """Streaming and offline. `vad_model` is loaded by the worker once; each stream has a VAD stream of its own."""

    def __init__(self, client: SpeechClient, vad_model: vad.VAD, hearing: Hearing | None = None) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self._client = client
        self._vad = vad_model
        self._hearing = hearing or Hearing()

    @property
    def model(self) -> str:
        """The model family; which folder it came from is the speech process's option."""
        return "moonshine"

    @property
    def provider(self) -> str:
        """Whom figures and events name."""
        return "moonshine"

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> "MoonshineStream":
        """Listen to one caller. The language is the model's: English."""
        return MoonshineStream(self, self._client, self._vad, self._hearing, conn_options)

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        try:
            text = await self._client.transcribe(_mono_16k(buffer), is_final=True)
        except ProviderError as error:
            raise APIConnectionError(str(error)) from error
        return _event(_Type.FINAL_TRANSCRIPT, text)


class MoonshineStream(stt.RecognizeStream):
    """One caller's ear: START_OF_SPEECH, partials, a preflight at the first short silence, the final, END_OF_SPEECH."""

    def __init__(
        self,
        owner: MoonshineSTT,
        client: SpeechClient,
        vad_model: vad.VAD,
        hearing: Hearing,
        conn_options: APIConnectOptions,
    ) -> None:
        super().__init__(stt=owner, conn_options=conn_options, sample_rate=SAMPLE_RATE)
        self._client = client
        self._vad = vad_model
        self._hearing = hearing
        self._utterance: Utterance | None = None
        self._heard_s = 0.0  # audio since the last usage report

    async def _run(self) -> None:
        ear = self._vad.stream()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._forward(ear))
                tasks.create_task(self._listen(ear))
        except* ProviderError as failures:
            raise APIConnectionError(str(failures.exceptions[0])) from failures
        finally:
            if self._utterance:
                await self._utterance.aclose()
                self._utterance = None
            await ear.aclose()

    async def _forward(self, ear: vad.VADStream) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                ear.push_frame(frame)
            else:
                ear.flush()
        ear.end_input()

    async def _listen(self, ear: vad.VADStream) -> None:
        async for event in ear:
            match event.type:
                case vad.VADEventType.START_OF_SPEECH:
                    await self._begin(event)
                case vad.VADEventType.INFERENCE_DONE:
                    await self._go_on(event)
                case vad.VADEventType.END_OF_SPEECH:
                    await self._end(event)
        if self._utterance:  # the input ended in mid-speech
            await self._finish(self._utterance)

    async def _begin(self, event: vad.VADEvent) -> None:
        self._send(_event(_Type.START_OF_SPEECH))
        spoken = b"".join(bytes(frame.data) for frame in event.frames)
        keep = self._hearing.prefix_s + event.speech_duration
        started_at = event.timestamp - event.speech_duration + self.start_time_offset
        self._utterance = Utterance(self._client, spoken[-2 * int(keep * SAMPLE_RATE) :], started_at)

    async def _go_on(self, event: vad.VADEvent) -> None:
        self._heard_s += sum(frame.duration for frame in event.frames)
        utterance = self._utterance
        if utterance is None or not event.speaking:
            return
        utterance.add(b"".join(bytes(frame.data) for frame in event.frames), silence_s=event.raw_accumulated_silence)
        if utterance.silence_s >= self._hearing.preflight_silence_s:
            utterance.begin_preflight(self._on_preflight)
        elif utterance.is_partial_due(self._hearing.interim_every_s):
            utterance.begin_partial(self._on_partial)
        if utterance.is_longer_than(self._hearing.longest_s):
            await self._finish(utterance)
            self._utterance = Utterance(self._client, b"", event.timestamp + self.start_time_offset)

    async def _end(self, event: vad.VADEvent) -> None:
        speech_end_time = time.time() - event.silence_duration - event.inference_duration
        if self._utterance:
            await self._finish(self._utterance)
            self._utterance = None
        self._send(stt.SpeechEvent(type=_Type.END_OF_SPEECH, speech_end_time=speech_end_time))

    async def _finish(self, utterance: Utterance) -> None:
        """The final text, if there is any: noise gives none, and says nothing."""
        if text := await utterance.final():
            self._send(self._said(_Type.FINAL_TRANSCRIPT, utterance, text))
        usage = stt.RecognitionUsage(audio_duration=self._heard_s)
        self._send(stt.SpeechEvent(type=_Type.RECOGNITION_USAGE, recognition_usage=usage))
        self._heard_s = 0.0

    def _on_partial(self, utterance: Utterance, text: str) -> None:
        self._send(self._said(_Type.INTERIM_TRANSCRIPT, utterance, text))

    def _on_preflight(self, utterance: Utterance, text: str) -> None:
        self._send(self._said(_Type.PREFLIGHT_TRANSCRIPT, utterance, text))

    def _said(self, kind: stt.SpeechEventType, utterance: Utterance, text: str) -> stt.SpeechEvent:
        return _event(kind, text, start_s=utterance.started_at, end_s=utterance.ended_at)

    def _send(self, event: stt.SpeechEvent) -> None:
        self._event_ch.send_nowait(event)


def _event(kind: stt.SpeechEventType, text: str = "", *, start_s: float = 0.0, end_s: float = 0.0) -> stt.SpeechEvent:
    said = stt.SpeechData(language=_LANGUAGE, text=text, start_time=start_s, end_time=end_s, confidence=1.0)
    return stt.SpeechEvent(type=kind, alternatives=[said] if text or kind is _Type.FINAL_TRANSCRIPT else [])


def _mono_16k(buffer: AudioBuffer) -> bytes:
    frame = utils.merge_frames(buffer)
    samples = np.frombuffer(frame.data, np.int16).reshape(-1, frame.num_channels)
    mono = rtc.AudioFrame(samples.mean(1).astype(np.int16).tobytes(), frame.sample_rate, 1, len(samples))
    if frame.sample_rate == SAMPLE_RATE:
        return bytes(mono.data)
    resampler = rtc.AudioResampler(frame.sample_rate, SAMPLE_RATE, quality=rtc.AudioResamplerQuality.HIGH)
    return b"".join(bytes(part.data) for part in [*resampler.push(mono), *resampler.flush()])
