"""LocalTTS: LiveKit's TTS over the speech process, sentence by sentence. Whose voice speaks there it need not know."""

import asyncio
from collections.abc import AsyncIterator, Callable

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, TimedString

from agent.errors import ProviderError
from agent.providers.local.speech_client import SpeechClient
from agent.speaking.clauses import begun, sentences
from agent.speaking.pronounce import spoken

_SILENCE_S = 0.02  # for a text in which nothing can be said, such as a lone emoji: LiveKit takes no sound for an error


class LocalTTS(tts.TTS[None]):
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
        self._ahead: _Ahead | None = None

    @property
    def sample_rate(self) -> int:
        """The voice's, which is known for certain once the client shook hands with the speech process."""
        return self._client.sample_rate

    @property
    def model(self) -> str:
        """The model family; which voice of it speaks is the speech process's option."""
        return self._client.voice

    @property
    def provider(self) -> str:
        """Whom figures and events name."""
        return self._client.voice

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> "LocalChunkedStream":
        """Speak a text that is known as a whole."""
        return LocalChunkedStream(self, text, conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "LocalStream":
        """Speak a text while it is being written."""
        return LocalStream(self, conn_options)

    async def connect(self) -> None:
        """Shake hands, so that `sample_rate` is the voice's. Raises ProviderError."""
        await self._client.connect()

    async def keep(self, text: str) -> None:
        """Have the speech process hold a phrase ready for every call. Raises ProviderError."""
        for number, sentence in enumerate(sentences(text)):
            await self._client.keep(self.pronounce(sentence), is_opening=not number)

    async def keep_opening(self, text: str) -> None:
        """The same for its first clause only, so that a reply that begins so begins at once. Raises ProviderError."""
        for sentence in sentences(text)[:1]:
            await self._client.keep(self.pronounce(sentence), is_opening=True, most=1)

    def prepare(self, text: str) -> None:
        """Begin to say the first sentence of a text that is likely to be the next; what was prepared before and is not
        this is given up. Whether it is said shows when a reply begins with it."""
        for sentence in sentences(text)[:1]:
            if self._ahead is None or self._ahead.sentence != sentence:
                self._give_up()
                self._ahead = _Ahead(sentence, self._sound(sentence, is_opening=True))

    def sound(self, sentence: str, *, is_opening: bool) -> AsyncIterator[bytes]:
        """PCM of a sentence, of which the beginning may be there already. Raises ProviderError."""
        ahead = self._ahead
        if ahead is None or not is_opening or ahead.sentence != sentence:
            return self._sound(sentence, is_opening=is_opening)
        self._ahead = None
        return ahead.pieces()

    async def aclose(self) -> None:
        """Prepare nothing more."""
        self._give_up()

    def _give_up(self) -> None:
        if self._ahead:
            self._ahead.cancel()
            self._ahead = None

    def _sound(self, sentence: str, *, is_opening: bool) -> AsyncIterator[bytes]:
        return self._client.synthesize(self.pronounce(sentence), is_opening=is_opening)

    async def render(self, text: str) -> list[rtc.AudioFrame]:
        """Sound to keep, for phrases that must be heard even while the speech process is away."""
        async with self.synthesize(text) as stream:
            return [audio.frame async for audio in stream]


class _Ahead:
    """A sentence whose sound is made before anybody asked for it."""

    def __init__(self, sentence: str, sound: AsyncIterator[bytes]) -> None:
        self.sentence = sentence
        self._made: asyncio.Queue[bytes | ProviderError | None] = asyncio.Queue()
        self._making = asyncio.create_task(self._make(sound), name="speech ahead")

    async def pieces(self) -> AsyncIterator[bytes]:
        """Each as soon as it is made. Raises ProviderError."""
        try:
            while (piece := await self._made.get()) is not None:
                if isinstance(piece, ProviderError):
                    raise piece
                yield piece
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Make no more of it."""
        self._making.cancel()

    async def _make(self, sound: AsyncIterator[bytes]) -> None:
        try:
            async for piece in sound:
                self._made.put_nowait(piece)
            self._made.put_nowait(None)
        except ProviderError as error:
            self._made.put_nowait(error)


class LocalChunkedStream(tts.ChunkedStream):
    """One text."""

    def __init__(self, owner: LocalTTS, text: str, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=owner, input_text=text, conn_options=conn_options)
        self._owner = owner

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = _Voice(self._owner, output_emitter)
        await voice.begin(is_stream=False)
        await voice.say(self.input_text)
        voice.end()


class LocalStream(tts.SynthesizeStream):
    """One reply, spoken a sentence at a time as the sentences become whole."""

    def __init__(self, owner: LocalTTS, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=owner, conn_options=conn_options)
        self._owner = owner

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = _Voice(self._owner, output_emitter)
        await voice.begin(is_stream=True)
        written = ""
        async for piece in self._input_ch:
            if isinstance(piece, self._FlushSentinel):
                *whole, written = *sentences(written), ""
            else:
                *whole, written = begun(written + piece)
            for sentence in whole:
                self._mark_started()
                await voice.say(sentence)
        if written.strip():
            self._mark_started()
            await voice.say(written)
        voice.end()


class _Voice:
    """Sentences onto LiveKit's emitter, each with its own text, so that the transcript keeps to what was heard."""

    def __init__(self, owner: LocalTTS, emitter: tts.AudioEmitter) -> None:
        self._owner = owner
        self._emitter = emitter
        self._duration_s = 0.0
        self._is_opening = True

    async def begin(self, *, is_stream: bool) -> None:
        try:
            await self._owner.connect()  # so that the rate below is the voice's
        except ProviderError as error:
            raise APIConnectionError(str(error)) from error
        self._emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=self._owner.sample_rate,
            num_channels=1,
            mime_type="audio/pcm",
            stream=is_stream,
        )
        if is_stream:
            self._emitter.start_segment(segment_id=utils.shortuuid())

    async def say(self, sentence: str) -> None:
        self._emitter.push_timed_transcript(TimedString(text=f"{sentence} ", start_time=self._duration_s))
        try:
            async for pcm in self._owner.sound(sentence, is_opening=self._is_opening):
                self._push(pcm)
        except ProviderError as error:
            raise APIConnectionError(str(error)) from error
        self._is_opening = False
        self._emitter.flush()

    def end(self) -> None:
        if not self._duration_s:
            self._push(bytes(2 * int(_SILENCE_S * self._owner.sample_rate)))
        self._emitter.flush()

    def _push(self, pcm: bytes) -> None:
        self._emitter.push(pcm)
        self._duration_s += len(pcm) / 2 / self._owner.sample_rate
