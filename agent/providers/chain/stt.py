"""ChainedSTT: one caller's ear, whoever listens now. What the caller has said since the last final is kept: where an
STT fails, or says nothing while the VAD hears speech, the next one gets it, so that no word is lost."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, stt, vad
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer, aio

from agent.providers.attention import SAMPLE_RATE
from agent.providers.chain.kept_sound import KeptSound, silence
from agent.providers.chain.line import Line, Link, failure_of
from agent.rules.breaker import Failure
from agent.rules.deafness import Unanswered

BEFORE_S = 0.8  # of it while nobody speaks: a word's beginning, before the VAD notices it
RIVAL_S = 2.0  # for the next one to make words of what was kept
NO_CLICK_S = 0.3  # so much speech is worth a word while it is looked into
SURE_S = 0.8  # so much speech in which nobody finds a word is no noise
LOOK_S = 0.1
AGAIN_S = 0.5  # when nobody hears, until all are tried anew
ONCE = APIConnectOptions(max_retry=0, timeout=2.0)  # the chain is the retry

_Type = stt.SpeechEventType
_WORDS = frozenset({_Type.INTERIM_TRANSCRIPT, _Type.PREFLIGHT_TRANSCRIPT, _Type.FINAL_TRANSCRIPT})
Ends = Callable[[AsyncIterable[stt.SpeechEvent]], AsyncGenerator[stt.SpeechEvent, None]]


class ChainedSTT(stt.STT[Any]):
    """One per call. `vad_model` finds the speech that somebody should hear. `ends` makes turns of what an STT says that
    does not end them by itself, anew for each; `on_sound` gets what such a one hears. `on_unheard` hears when speech
    was over for which there are no words yet, on the loop's clock, and None when it was nothing."""

    def __init__(
        self,
        line: Line[stt.STT[Any]],
        vad_model: vad.VAD,
        ends: Callable[[], Ends],
        on_sound: Callable[[rtc.AudioFrame], None],
    ) -> None:
        self.on_unheard: Callable[[float | None], None] = lambda _: None
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.line = line
        self.vad_model = vad_model
        self.ends = ends
        self.on_sound = on_sound
        self.kept = KeptSound()
        self._ever: list[Link[stt.STT[Any]]] = []
        self.use(line.links)

    @property
    def model(self) -> str:
        """That of the one that is asked first now."""
        return self.line.first.model

    @property
    def provider(self) -> str:
        """That of the one that is asked first now."""
        return self.line.first.provider

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> "ChainedStream":
        """Listen to the caller; the chain's own limits hold."""
        return ChainedStream(self, language)

    def use(self, links: Sequence[Link[stt.STT[Any]]]) -> None:
        """From now on these listen, another language for example; who listens now is let finish the turn."""
        for link in links:
            if link not in self._ever:
                self._ever.append(link)
                link.it.on("metrics_collected", lambda *said: self.emit("metrics_collected", *said))
        self.line.use(links)
        self.line.watch(self._hears)

    async def aclose(self) -> None:
        """Close them all."""
        await asyncio.gather(*(link.it.aclose() for link in self._ever), return_exceptions=True)

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        raise NotImplementedError("a call streams")

    async def _hears(self, hearer: stt.STT[Any]) -> bool:
        """A probe: the last thing that the caller was heard to say, of which any word is enough. Before there is any,
        nothing is known."""
        said = list(self.kept.last)
        if not said:
            return False
        async with hearer.stream(conn_options=ONCE) as stream:
            for frame in [*said, *silence(1.0)]:
                stream.push_frame(frame)
            stream.end_input()
            async for event in stream:
                if _text(event):
                    return True
        return False


@dataclass(slots=True, eq=False)
class _Ear:
    """One STT that listens."""

    link: Link[stt.STT[Any]]
    stream: stt.RecognizeStream
    began_at: float
    task: "asyncio.Task[None]" = field(init=False)
    waiting: list[stt.SpeechEvent] = field(default_factory=list)  # of a rival's, until it has words

    @property
    def late_by(self) -> dict[str, bool]:
        return {"has_interim": self.link.it.capabilities.interim_results, "ends_turns": self.link.ends_turns}


class ChainedStream(stt.RecognizeStream):
    """One caller's ear. `_main` is listened to; a `_rival` hears the same beside it when `_main` says nothing."""

    def __init__(self, owner: ChainedSTT, language: NotGivenOr[str]) -> None:
        super().__init__(stt=owner, conn_options=ONCE, sample_rate=SAMPLE_RATE)
        self._owner = owner
        self._line = owner.line
        self._kept = owner.kept
        self._language = language
        self._clock = asyncio.get_running_loop().time
        self._owed = Unanswered()
        self._main: _Ear | None = None
        self._rival: _Ear | None = None
        self._tried: list[Link[stt.STT[Any]]] = []  # for what is owed
        self._instead: Failure | None = None
        self._is_open = False  # a turn was begun, and has not ended
        self._again_at = 0.0
        self._closing: set[asyncio.Task[None]] = set()

    async def _run(self) -> None:
        ear = self._owner.vad_model.stream()
        tasks = [
            asyncio.create_task(work, name="stt chain") for work in (self._listen(ear), self._watch(ear), self._look())
        ]
        try:
            self._listen_with(self._line.order()[0])
            await tasks[0]
        finally:
            await aio.cancel_and_wait(*tasks)
            for one in (self._main, self._rival):
                if one:
                    self._close(one)
            await asyncio.gather(*self._closing, return_exceptions=True)
            await ear.aclose()

    async def _listen(self, ear: vad.VADStream) -> None:
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                continue
            self._kept.add(frame)
            ear.push_frame(frame)
            for one in (self._main, self._rival):
                if one:
                    _push(one.stream, frame)
            if self._main and not self._main.link.ends_turns:
                self._owner.on_sound(frame)
        ear.end_input()
        if self._main:  # what it has heard it may still tell
            self._main.stream.end_input()
            await asyncio.wait({self._main.task}, timeout=RIVAL_S)

    async def _watch(self, ear: vad.VADStream) -> None:
        async for event in ear:
            if event.type is vad.VADEventType.START_OF_SPEECH:
                self._owed = self._owed.spoke(self._clock() - event.speech_duration)
            elif event.type is vad.VADEventType.END_OF_SPEECH:
                self._owed = self._owed.paused(self._clock() - event.silence_duration, event.speech_duration)

    async def _look(self) -> None:
        """A few times a second: whether somebody is late, or works again."""
        while True:
            await asyncio.sleep(LOOK_S)
            now = self._clock()
            is_doubted = self._main is None or self._rival is not None
            if is_doubted and self._owed.ended_at is not None and self._owed.speech_s >= NO_CLICK_S:
                self._owner.on_unheard(self._owed.ended_at)
            if self._main is None:
                if now >= self._again_at:
                    self._listen_with(self._line.order()[0])
            elif self._rival:
                if now - self._rival.began_at > RIVAL_S:
                    self._nothing_heard(self._rival)
            elif len(self._line.links) > 1 and now >= self._owed.late_at(**self._main.late_by):
                self._doubt()
            elif self._owed.began_at is None:
                self._kept.shorten(BEFORE_S)
                self._return_to_first(self._main)

    def _return_to_first(self, main: _Ear) -> None:
        """Between two turns whoever should be listened to is."""
        best = self._line.order()[0]
        if best is not main.link and not self._is_open:
            self._close(main)
            self._listen_with(best)

    def _listen_with(self, link: Link[stt.STT[Any]]) -> None:
        self._main = self._open(link)

    def _open(self, link: Link[stt.STT[Any]]) -> _Ear:
        """Let it hear what was kept, and all that follows."""
        if link not in self._tried:
            self._tried.append(link)
        ear = _Ear(link, link.it.stream(language=self._language, conn_options=ONCE), self._clock())
        for frame in self._kept.frames:
            _push(ear.stream, frame)
        ear.task = asyncio.create_task(self._hear(ear), name=f"stt {link.name}")
        return ear

    async def _hear(self, ear: _Ear) -> None:
        heard: AsyncIterable[stt.SpeechEvent] = ear.stream
        try:
            async with contextlib.aclosing(_all(heard) if ear.link.ends_turns else self._owner.ends()(heard)) as events:
                async for event in events:
                    self._on_event(ear, event)
            if not self._input_ch.closed:
                raise APIConnectionError("the stream ended")
        except Exception as error:  # noqa: BLE001  # the next one hears it, whatever it is
            self._on_failure(ear, error)

    def _on_event(self, ear: _Ear, event: stt.SpeechEvent) -> None:
        has_words = bool(_text(event))
        if ear is self._rival:
            ear.waiting.append(event)
            if has_words:
                self._promote(ear)
            return
        if ear is not self._main:
            return
        if has_words:
            self._understood(ear, is_final=event.type is _Type.FINAL_TRANSCRIPT)
        self._send(event)

    def _understood(self, ear: _Ear, *, is_final: bool) -> None:
        self._owed = self._owed.understood(self._clock(), is_final=is_final)
        self._tried = [ear.link]
        if self._rival:
            self._close(self._rival)
            self._rival = None
        if is_final or self._instead:
            self._line.worked(ear.link, self._instead)
            self._instead = None
        if is_final:
            self._kept.answered(left_s=0.0 if self._owed.began_at is None else BEFORE_S)

    def _send(self, event: stt.SpeechEvent) -> None:
        """Into the session: one beginning and one end for each turn, whoever heard it."""
        if event.type is _Type.START_OF_SPEECH:
            if self._is_open:
                return
            self._is_open = True
        elif event.type is _Type.END_OF_SPEECH:
            self._is_open = False
        self._event_ch.send_nowait(event)

    def _doubt(self) -> None:
        """The one that listens has said nothing for too long: the next is asked what it hears. Whether anybody is deaf
        shows when one of them has words."""
        left = [link for link in self._line.order() if link not in self._tried]
        if left:
            self._rival = self._open(left[0])
        else:
            self._nothing_heard(None)

    def _nothing_heard(self, rival: _Ear | None) -> None:
        """By nobody: a noise, or all are deaf."""
        if rival:
            self._close(rival)
            self._rival = None
            if any(link not in self._tried for link in self._line.order()):
                self._doubt()
                return
        is_sure, self._owed = self._owed.speech_s >= SURE_S, replace(Unanswered(), words_at=self._clock())
        if is_sure:
            for link in self._tried:
                self._line.failed(link, Failure.STALLED)
            self._nobody()
        self._owner.on_unheard(None)
        self._tried = [self._main.link] if self._main else []
        if self._is_open:
            self._send(stt.SpeechEvent(type=_Type.END_OF_SPEECH))

    def _promote(self, rival: _Ear) -> None:
        """It has words where the other had none."""
        if self._main:
            self._line.failed(self._main.link, Failure.DEAF)
            self._close(self._main)
        self._main, self._rival, self._instead = rival, None, Failure.DEAF
        waiting, rival.waiting = rival.waiting, []
        for event in waiting:
            self._on_event(rival, event)

    def _on_failure(self, ear: _Ear, error: Exception) -> None:
        if ear not in (self._main, self._rival):
            return
        self._line.failed(ear.link, error)
        self._close(ear)
        if ear is self._rival:
            self._rival = None
            return
        self._main, self._instead = None, failure_of(error)
        if self._rival:
            self._main, self._rival = self._rival, None
            waiting, self._main.waiting = self._main.waiting, []
            for event in waiting:
                self._send(event)
            return
        left = [link for link in self._line.order() if link not in self._tried]
        if left:
            self._listen_with(left[0])
            return
        self._tried = []
        self._again_at = self._clock() + AGAIN_S
        if self._owed.began_at is not None:
            self._nobody()

    def _nobody(self) -> None:
        """The caller is told; what was said is kept, and all are tried anew."""
        self._emit_error(APIConnectionError("nobody of the chain hears"), recoverable=False)

    def _close(self, ear: _Ear) -> None:
        async def close() -> None:
            with contextlib.suppress(Exception):
                await ear.stream.aclose()
            ear.task.cancel()
            await asyncio.gather(ear.task, return_exceptions=True)

        task = asyncio.create_task(close(), name="stt close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _all(events: AsyncIterable[stt.SpeechEvent]) -> AsyncGenerator[stt.SpeechEvent, None]:
    async for event in events:
        yield event


def _push(stream: stt.RecognizeStream, frame: rtc.AudioFrame) -> None:
    with contextlib.suppress(RuntimeError):  # it has ended, and its task says so
        stream.push_frame(frame)


def _text(event: stt.SpeechEvent) -> str:
    return event.alternatives[0].text if event.type in _WORDS and event.alternatives else ""
