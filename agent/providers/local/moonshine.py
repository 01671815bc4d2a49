"""MoonshineSTT: LiveKit's STT over the speech process. Its own VAD finds the speech; moonshine_stream follows it."""

import math
import weakref

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, stt, utils, vad
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer

from agent.errors import ProviderError
from agent.providers.attention import SAMPLE_RATE
from agent.providers.local.moonshine_stream import Hearing, MoonshineStream, StreamParts, speech_event
from agent.providers.local.slips import mended
from agent.providers.local.speech_client import SpeechClient
from agent.providers.surroundings import Surroundings
from agent.providers.turn_end import TurnEnd

__all__ = ["Hearing", "MoonshineSTT", "MoonshineStream"]


class MoonshineSTT(stt.STT[None]):
    """Streaming and offline. `vad_model` is loaded by the worker once; each stream has a VAD stream of its own.

    Where `around` has ears, the VAD's settings of the profile, a stream raises them as far as the line's noise demands.
    The VAD is then this call's own. While the agent speaks, partials decide something, and echo is about; otherwise
    they are captions only, which may come later where many callers share the model. What value is wanted tells which of
    the model's slips are mended.
    """

    def __init__(
        self,
        client: SpeechClient,
        vad_model: vad.VAD,
        hearing: Hearing | None = None,
        turn_end: TurnEnd | None = None,
        around: Surroundings | None = None,
    ) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self._client = client
        self._vad = vad_model
        self._hearing = hearing or Hearing()
        self._turn_end = turn_end
        self._around = around or Surroundings()
        self._streams = weakref.WeakSet[MoonshineStream]()

    @property
    def silent_s(self) -> float:
        """For how long the caller has made no sound, in seconds; infinite between two turns."""
        return min((stream.silent_s for stream in self._streams), default=math.inf)

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
        parts = StreamParts(
            client=self._client,
            vad=self._vad,
            hearing=self._hearing,
            turn_end=self._turn_end,
            around=self._around,
        )
        stream = MoonshineStream(self, parts, conn_options)
        self._streams.add(stream)
        return stream

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        try:
            text = await self._client.transcribe(_mono_16k(buffer), is_final=True)
        except ProviderError as error:
            raise APIConnectionError(str(error)) from error
        return speech_event(stt.SpeechEventType.FINAL_TRANSCRIPT, mended(text, self._around.wanted(text)))


def _mono_16k(buffer: AudioBuffer) -> bytes:
    frame = utils.merge_frames(buffer)
    samples = np.frombuffer(frame.data, np.int16).reshape(-1, frame.num_channels)
    mono = rtc.AudioFrame(samples.mean(1).astype(np.int16).tobytes(), frame.sample_rate, 1, len(samples))
    if frame.sample_rate == SAMPLE_RATE:
        return bytes(mono.data)
    resampler = rtc.AudioResampler(frame.sample_rate, SAMPLE_RATE, quality=rtc.AudioResamplerQuality.HIGH)
    return b"".join(bytes(part.data) for part in [*resampler.push(mono), *resampler.flush()])
