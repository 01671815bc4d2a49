"""RealtimeTTS: a speech-to-speech model where a TTS stands. Words of the model's own answer are heard as it spoke them;
any other words (a greeting, a question that must be read back as it stands, another mind's answer) are spoken by the
voice behind it, and so is the rest of an answer whose sound breaks off."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from agent.providers.realtime.answer import Answer, letters
from agent.providers.realtime.wire import Wire
from agent.providers.resampling import AtRate
from agent.rules.resuming import rest_of
from agent.speaking.clauses import sentences

RATE = 24_000  # that of turns/voice_out
FIRST_S = 0.9  # from its words to their sound
STALLED_S = 0.5  # without more, though there is more to be said
SPARE_S = 0.35  # of sound that still waits to be heard: so long the voice behind needs to begin
LETTERS_PER_S = 15.0
LOOK_S = 0.05
ONCE = APIConnectOptions(max_retry=0, timeout=8.0)


class RealtimeTTS(tts.TTS[Any]):
    """One per call. `behind` is the voice of the pipeline; `pronounce` gives what it is told for what is written."""

    def __init__(
        self, wire: Wire, behind: tts.TTS[Any], pronounce: Callable[[str], str], on_stalled: Callable[[], None]
    ) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True, aligned_transcript=False), sample_rate=RATE, num_channels=1
        )
        self.wire = wire
        self.behind = behind
        self.pronounce = pronounce
        self.on_stalled = on_stalled

    @property
    def model(self) -> str:
        """The wire's."""
        return self.wire.model.model

    @property
    def provider(self) -> str:
        """The wire's."""
        return self.wire.model.provider

    def prewarm(self) -> None:
        """The voice behind it: the wire is the mind's."""
        self.behind.prewarm()

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak a text that is known as a whole."""
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "RealtimeVoice":
        """Speak a text while it is being written."""
        return RealtimeVoice(self)

    async def aclose(self) -> None:
        """Close the voice behind it."""
        await self.behind.aclose()


class RealtimeVoice(tts.SynthesizeStream):
    """One reply."""

    def __init__(self, owner: RealtimeTTS) -> None:
        super().__init__(tts=owner, conn_options=ONCE)
        self._owner = owner
        self._wire = owner.wire
        self._clock = asyncio.get_running_loop().time
        self._text = ""
        self._is_whole = False
        self._more = asyncio.Event()

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=RATE, num_channels=1, mime_type="audio/pcm", stream=True
        )
        output_emitter.start_segment(segment_id=utils.shortuuid())
        reading = asyncio.create_task(self._read(), name="realtime text")
        try:
            async with contextlib.aclosing(self._sound()) as sound:
                async for frame in sound:
                    output_emitter.push(bytes(frame.data))
        finally:
            await utils.aio.cancel_and_wait(reading)

    async def _read(self) -> None:
        async for piece in self._input_ch:
            if isinstance(piece, str):
                if letters(piece):
                    self._mark_started()
                self._text += piece
                self._more.set()
        self._is_whole = True
        self._more.set()

    async def _sound(self) -> AsyncGenerator[rtc.AudioFrame, None]:
        """That of the answer, and what else there is to be said by the voice behind it."""
        while not (opening := letters(self._text)) and not self._is_whole:
            await self._grown()
        answer = self._wire.take(opening) if opening else None
        if answer is None:
            if opening and self._wire.is_saying(opening):  # more words of what sounds already
                yield _silence()
                return
            async for frame in self._behind(0):
                yield frame
            return
        came_s = 0.0
        try:
            async with contextlib.aclosing(self._own(answer)) as own:
                async for frame in own:
                    came_s += frame.duration
                    yield frame
        finally:
            self._wire.spoken(answer)
        async for frame in self._behind(await self._said(answer, came_s)):
            yield frame

    async def _own(self, answer: Answer) -> AsyncGenerator[rtc.AudioFrame, None]:
        """As it comes, until it is over or has broken off."""
        began, came_s, last = self._clock(), 0.0, self._clock()
        while True:
            try:
                frame = await asyncio.wait_for(answer.sound.get(), LOOK_S)
            except TimeoutError:
                now = self._clock()
                patience_s = STALLED_S if came_s else FIRST_S
                if now - last > patience_s and began + came_s - now < SPARE_S:
                    self._owner.on_stalled()
                    self._wire.drop(APIConnectionError("realtime: the sound has stalled"))
                    return
                continue
            if frame is None:
                return
            last = self._clock()
            began = began if came_s else last
            came_s += frame.duration
            yield frame

    async def _said(self, answer: Answer, came_s: float) -> int:
        """How much of the text was heard, in characters; all of the answer's own unless it has broken off."""
        if not came_s:
            return 0
        if answer.failure is None:
            while not self._is_whole:
                await self._grown()
            return _place(self._text, len(answer.letters))
        heard = came_s * LETTERS_PER_S
        left = []
        for sentence in sentences(self._text):
            if rest := rest_of(sentence, min(1.0, max(0.0, heard / len(sentence)))):
                left.append(rest)
            heard -= len(sentence)
        return len(self._text) - len(" ".join(left))

    async def _behind(self, start: int) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The text from there on, by the voice behind."""
        while not letters(self._text[start:]):
            if self._is_whole:
                return
            await self._grown()
        async with self._owner.behind.stream(conn_options=ONCE) as stream:
            feeding = asyncio.create_task(self._feed(stream, start), name="realtime feed")
            try:
                async for frame in _at_rate(stream):
                    yield frame
            finally:
                await utils.aio.cancel_and_wait(feeding)

    async def _feed(self, stream: tts.SynthesizeStream, start: int) -> None:
        """Sentence by sentence where what is written is not what is said."""
        while True:
            text, is_whole = self._text[start:], self._is_whole
            whole = sentences(text)
            for sentence in whole if is_whole else whole[:-1]:
                stream.push_text(f"{self._owner.pronounce(sentence)} ")
            start += len(text) if is_whole else text.rfind(whole[-1]) if whole else 0
            if is_whole:
                stream.end_input()
                return
            await self._grown()

    async def _grown(self) -> None:
        """Wait for more text, or its end."""
        self._more.clear()
        await self._more.wait()


def _place(text: str, count: int) -> int:
    """Behind so many letters of the text."""
    for place, letter in enumerate(text):
        count -= len(letters(letter))
        if count < 0:
            return place
    return len(text)


async def _at_rate(stream: tts.SynthesizeStream) -> AsyncIterator[rtc.AudioFrame]:
    at_rate = AtRate(RATE)
    async for audio in stream:
        for piece in at_rate.push(audio.frame):
            yield piece
    for piece in at_rate.flush():
        yield piece


def _silence() -> rtc.AudioFrame:
    count = RATE // 50
    return rtc.AudioFrame(bytes(2 * count), RATE, 1, count)
