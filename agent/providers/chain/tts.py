"""ChainedTTS: one reply in the voice of whoever can speak now. A voice that is late, fails or stalls in mid-sentence is
followed by the next, which goes on behind what was heard."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from agent.providers.chain.line import Line, Link, failure_of
from agent.providers.resampling import AtRate
from agent.rules.breaker import Failure
from agent.rules.resuming import rest_of
from agent.speaking.clauses import begun, sentences

RATE = 24_000  # that of turns/voice_out
FIRST_S = 0.9  # from a sentence to its first sound
STALLED_S = 0.5  # without more, though there is more to be said
SPARE_S = 0.35  # of sound that still waits to be heard: so long the next voice needs to begin
LETTERS_PER_S = 15.0  # until a voice has shown its own pace
QUICKER = 1.4
LOOK_S = 0.05
ONCE = APIConnectOptions(max_retry=0, timeout=4.0)  # the chain is the retry

Clock = Callable[[], float]


class ChainedTTS(tts.TTS[Any]):
    """One per call. `pronounce` gives what is said for what is written, for voices that are not local."""

    def __init__(
        self, line: Line[tts.TTS[Any]], pronounce: Callable[[str], str], clock: Clock = time.monotonic
    ) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True, aligned_transcript=False),
            sample_rate=RATE,
            num_channels=1,
        )
        self.line = line
        self.pronounce = pronounce
        self.clock = clock
        self.paces: dict[str, float] = {}  # letters a second, by the link's name
        self._ever: list[Link[tts.TTS[Any]]] = []
        self.use(line.links, pronounce)

    @property
    def model(self) -> str:
        """That of the one that speaks next."""
        return self.line.first.model

    @property
    def provider(self) -> str:
        """That of the one that speaks next."""
        return self.line.first.provider

    def prewarm(self) -> None:
        """Open the connections of the first two."""
        for link in self.line.links[:2]:
            link.it.prewarm()

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak a text that is known as a whole."""
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "ChainedStream":
        """Speak a text while it is being written; the chain's own limits hold."""
        return ChainedStream(self)

    def use(self, links: Sequence[Link[tts.TTS[Any]]], pronounce: Callable[[str], str]) -> None:
        """From the next reply on these speak, another language for example."""
        for link in links:
            if link not in self._ever:
                self._ever.append(link)
                link.it.on("metrics_collected", lambda *said: self.emit("metrics_collected", *said))
        self.pronounce = pronounce
        self.line.use(links)
        self.line.watch(_speaks)

    async def aclose(self) -> None:
        """Close them all."""
        await asyncio.gather(*(link.it.aclose() for link in self._ever), return_exceptions=True)


@dataclass(slots=True)
class _Part:
    """What one voice was given and what it made of it."""

    link: Link[tts.TTS[Any]]
    pace: float
    handed: list[tuple[str, int]] = field(default_factory=list)  # written sentences, with the letters of their sound
    sound_s: float = 0.0
    handed_at: float | None = None  # when the first sentence was
    first_at: float | None = None  # when its first sound came
    last_at: float = 0.0
    has_all: bool = False

    @property
    def letters(self) -> int:
        return sum(count for _, count in self.handed)

    def left(self, pace: float | None = None) -> list[str]:
        """What of it is still to be said, at its own pace or at that one."""
        said = self.sound_s * (pace or self.pace)
        left: list[str] = []
        for sentence, letters in self.handed:
            if rest := rest_of(sentence, min(1.0, max(0.0, said / letters))):
                left.append(rest)
            said -= letters
        return left

    def is_over(self, now: float) -> bool:
        """True when all was said and only the stream's end is missing."""
        return self._is_silent(now) and self.has_all and not self.left()

    def late(self, now: float) -> Failure | None:
        """What is wrong with it, by now. While the text still grows, a voice may only be quicker than it is known to
        be, and wait for more."""
        if self.first_at is None:
            is_late = self.handed_at is not None and now - self.handed_at > FIRST_S
            return Failure.TIMED_OUT if is_late else None
        is_stalled = self._is_silent(now) and self.left(None if self.has_all else QUICKER * self.pace)
        return Failure.STALLED if is_stalled else None

    def _is_silent(self, now: float) -> bool:
        if self.first_at is None:
            return False
        return now - self.last_at > STALLED_S and self.first_at + self.sound_s - now < SPARE_S


class ChainedStream(tts.SynthesizeStream):
    """One reply."""

    def __init__(self, owner: ChainedTTS) -> None:
        super().__init__(tts=owner, conn_options=ONCE)
        self._owner = owner
        self._line = owner.line
        self._clock = owner.clock
        self._sentences: list[str] = []  # written, and not yet known to be said
        self._is_whole = False
        self._more = asyncio.Event()

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=RATE, num_channels=1, mime_type="audio/pcm", stream=True
        )
        output_emitter.start_segment(segment_id=utils.shortuuid())
        reading = asyncio.create_task(self._read(), name="tts text")
        instead: Failure | None = None
        try:
            for link in self._line.order():
                instead = await self._speak(link, output_emitter, instead)
                if instead is None or (self._is_whole and not self._sentences):
                    return
            raise APIConnectionError("no voice of the chain speaks", retryable=False)
        finally:
            await utils.aio.cancel_and_wait(reading)

    async def _read(self) -> None:
        """The text, sentence by sentence."""
        written = ""
        async for piece in self._input_ch:
            if isinstance(piece, str):
                *whole, written = begun(written + piece)
                self._add(whole)
        self._add(sentences(written))
        self._is_whole = True
        self._more.set()

    def _add(self, whole: list[str]) -> None:
        if whole:
            self._mark_started()
            self._sentences += whole
            self._more.set()

    async def _speak(
        self, link: Link[tts.TTS[Any]], emitter: tts.AudioEmitter, instead: Failure | None
    ) -> Failure | None:
        """Let this one say what is left; None when it has, else what went wrong."""
        part = _Part(link, self._owner.paces.get(link.name, LETTERS_PER_S))
        failure: Failure | None = None
        try:
            async with contextlib.AsyncExitStack() as ending:
                stream = await ending.enter_async_context(link.it.stream(conn_options=ONCE))
                feeding = asyncio.create_task(self._feed(stream, part), name="tts feed")
                ending.push_async_callback(utils.aio.cancel_and_wait, feeding)
                sound = await ending.enter_async_context(contextlib.aclosing(self._sound(stream, part)))
                async for frame in sound:
                    if part.first_at is None:
                        part.first_at = self._clock()
                        self._line.worked(link, instead)
                    part.last_at, part.sound_s = self._clock(), part.sound_s + frame.duration
                    emitter.push(bytes(frame.data))
                if not part.sound_s:
                    raise APIConnectionError("no sound came")
        except _LateError as late:
            failure = late.failure
            self._line.failed(link, failure)
        except Exception as error:  # noqa: BLE001  # the next voice goes on, whatever it is
            failure = failure_of(error)
            self._line.failed(link, error)
        self._keep(part, failure)
        return failure

    def _keep(self, part: _Part, failure: Failure | None) -> None:
        """What the next voice has to say, or how fast this one speaks."""
        if failure:
            self._sentences = [*part.left(), *self._sentences[len(part.handed) :]]
        elif part.letters > 2 * LETTERS_PER_S:
            self._owner.paces[part.link.name] = part.letters / part.sound_s

    async def _feed(self, stream: tts.SynthesizeStream, part: _Part) -> None:
        while True:
            for sentence in self._sentences[len(part.handed) :]:
                said = sentence if part.link.is_local else self._owner.pronounce(sentence)
                stream.push_text(f"{said} ")
                part.handed.append((sentence, max(1, len(said))))
                part.handed_at = part.handed_at or self._clock()
            if self._is_whole:
                stream.end_input()
                part.has_all = True
                return
            self._more.clear()
            await self._more.wait()

    async def _sound(self, stream: tts.SynthesizeStream, part: _Part) -> AsyncGenerator[rtc.AudioFrame, None]:
        """Each piece at RATE. Raises _LateError when one does not come in time."""
        at_rate = AtRate(RATE)
        following = asyncio.ensure_future(anext(stream, None))
        try:
            while True:
                await asyncio.wait({following}, timeout=LOOK_S)
                if not following.done():
                    if len(self._line.links) > 1 and (failure := part.late(self._clock())):
                        raise _LateError(failure)
                    if part.is_over(self._clock()):
                        break
                    continue
                audio = following.result()
                if audio is None:
                    break
                for piece in at_rate.push(audio.frame):
                    yield piece
                following = asyncio.ensure_future(anext(stream, None))
            for piece in at_rate.flush():
                yield piece
        finally:
            following.cancel()


class _LateError(Exception):
    """A voice is late: `failure` says how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


async def _speaks(voice: tts.TTS[Any]) -> bool:
    """A probe: one word, of which the first sound is enough."""
    async with voice.stream(conn_options=ONCE) as stream:
        stream.push_text("Okay.")
        stream.end_input()
        return await anext(stream, None) is not None
