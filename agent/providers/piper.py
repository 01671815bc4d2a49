"""PiperTTS: LiveKit's TTS over the speech process, sentence by sentence. Piper itself (GPL) stays in that process."""

from collections.abc import Callable

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, TimedString

from agent.errors import ProviderError
from agent.providers.clauses import sentences
from agent.providers.pronounce import spoken
from agent.providers.speech import SpeechClient

_SILENCE_S = 0.02  # for a text in which nothing can be said, such as a lone emoji: LiveKit takes no sound for an error


class PiperTTS(tts.TTS[None]):
    """Streaming and whole-text speech, mono PCM at the voice's own rate. `pronounce` gives what is said; the timed
    transcript keeps the written one."""

    def __init__(self, client: SpeechClient, pronounce: Callable[[str], str] = spoken) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True, aligned_transcript=True),
            sample_rate=client.sample_rate,
            num_channels=1,
        )
        self._client = client
        self.pronounce = pronounce

    @property
    def sample_rate(self) -> int:
        """The voice's, which is known for certain once the client shook hands with the speech process."""
        return self._client.sample_rate

    @property
    def model(self) -> str:
        """The model family; which voice it is is the speech process's option."""
        return "piper"

    @property
    def provider(self) -> str:
        """Whom figures and events name."""
        return "piper"

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> "PiperChunkedStream":
        """Speak a text that is known as a whole."""
        return PiperChunkedStream(self, self._client, text, conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "PiperStream":
        """Speak a text while it is being written."""
        return PiperStream(self, self._client, conn_options)

    async def keep(self, text: str) -> None:
        """Have the speech process hold a phrase ready for every call. Raises ProviderError."""
        for number, sentence in enumerate(sentences(text)):
            await self._client.keep(self.pronounce(sentence), is_opening=not number)

    async def keep_opening(self, text: str) -> None:
        """The same for its first clause only, so that a reply that begins so begins at once. Raises ProviderError."""
        for sentence in sentences(text)[:1]:
            await self._client.keep(self.pronounce(sentence), is_opening=True, most=1)

    async def render(self, text: str) -> list[rtc.AudioFrame]:
        """Sound to keep, for phrases that must be heard even while the speech process is away."""
        async with self.synthesize(text) as stream:
            return [audio.frame async for audio in stream]


class PiperChunkedStream(tts.ChunkedStream):
    """One text."""

    def __init__(self, owner: PiperTTS, client: SpeechClient, text: str, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=owner, input_text=text, conn_options=conn_options)
        self._client = client
        self._pronounce = owner.pronounce

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = _Voice(self._client, output_emitter, self._pronounce)
        await voice.begin(is_stream=False)
        await voice.say(self.input_text)
        voice.end()


class PiperStream(tts.SynthesizeStream):
    """One reply, spoken a sentence at a time as the sentences become whole."""

    def __init__(self, owner: PiperTTS, client: SpeechClient, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=owner, conn_options=conn_options)
        self._client = client
        self._pronounce = owner.pronounce

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = _Voice(self._client, output_emitter, self._pronounce)
        await voice.begin(is_stream=True)
        written = ""
        async for piece in self._input_ch:
            if isinstance(piece, self._FlushSentinel):
                *whole, written = *sentences(written), ""
            else:
                *whole, written = _split(written + piece)
            for sentence in whole:
                self._mark_started()
                await voice.say(sentence)
        if written.strip():
            self._mark_started()
            await voice.say(written)
        voice.end()


class _Voice:
    """Sentences onto LiveKit's emitter, each with its own text, so that the transcript keeps to what was heard."""

    def __init__(self, client: SpeechClient, emitter: tts.AudioEmitter, pronounce: Callable[[str], str]) -> None:
        self._client = client
        self._pronounce = pronounce
        self._emitter = emitter
        self._duration_s = 0.0
        self._is_opening = True

    async def begin(self, *, is_stream: bool) -> None:
        try:
            await self._client.connect()  # so that the rate below is the voice's
        except ProviderError as error:
            raise APIConnectionError(str(error)) from error
        self._emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=self._client.sample_rate,
            num_channels=1,
            mime_type="audio/pcm",
            stream=is_stream,
        )
        if is_stream:
            self._emitter.start_segment(segment_id=utils.shortuuid())

    async def say(self, sentence: str) -> None:
        self._emitter.push_timed_transcript(TimedString(text=f"{sentence} ", start_time=self._duration_s))
        try:
            async for pcm in self._client.synthesize(self._pronounce(sentence), is_opening=self._is_opening):
                self._push(pcm)
        except ProviderError as error:
            raise APIConnectionError(str(error)) from error
        self._is_opening = False
        self._emitter.flush()

    def end(self) -> None:
        if not self._duration_s:
            self._push(bytes(2 * int(_SILENCE_S * self._client.sample_rate)))
        self._emitter.flush()

    def _push(self, pcm: bytes) -> None:
        self._emitter.push(pcm)
        self._duration_s += len(pcm) / 2 / self._client.sample_rate


def _split(written: str) -> list[str]:
    """The whole sentences of what was written so far, and last the one that may still go on."""
    found = sentences(written)
    if not found:
        return [written]
    gap = written[len(written.rstrip()) :]  # the next piece may begin in the middle of a word or after a space
    return [*found[:-1], found[-1] + gap]
