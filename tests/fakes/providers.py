"""Providers that do what a test tells them: an STT that hears words in the level of the sound, an LLM and a TTS with a
pace. Each can refuse, be late, or fall silent in the middle. All take the loop's clock, so virtual time moves them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from dataclasses import dataclass
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, llm, stt, tts, vad
from livekit.agents.language import LanguageCode
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

RATE, FRAME_S = 16_000, 0.02
WORD_S = 0.3  # a word's sound
SILENCE_S = 0.3  # ends an utterance
VOICE_RATE = 24_000
LETTERS_PER_S = 15.0
FOR_EVER = 3600.0


@dataclass
class Fault:
    """What a provider does wrong, from now on until it is set to another. `after` says how much works before."""

    kind: str = ""  # "", "refuses", "breaks", "stalls", "late", "pauses" (and goes on)
    after: float = 0.0  # words heard, chunks said, or seconds of sound
    by_s: float = 0.0  # how late


def frames(words: Sequence[int]) -> list[rtc.AudioFrame]:
    """The sound of words, by number from 1; 0 is as long a silence."""
    count = round(WORD_S / FRAME_S)
    return [_frame(1000 * word) for word in words for _ in range(count)]


def _frame(level: int) -> rtc.AudioFrame:
    samples = int(RATE * FRAME_S)
    return rtc.AudioFrame(level.to_bytes(2, "little") * samples, RATE, 1, samples)


def level(frame: rtc.AudioFrame) -> int:
    """The number of the word that the frame belongs to; 0 for silence."""
    return int(frame.data[0]) // 1000


async def as_it_is(events: AsyncIterable[stt.SpeechEvent]) -> AsyncGenerator[stt.SpeechEvent, None]:
    """For an STT whose turns end where it says so."""
    async for event in events:
        yield event


class LevelVAD(vad.VAD):
    """Speech is what is not zero."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=FRAME_S))

    def stream(self) -> vad.VADStream:
        """One caller's."""
        return _LevelStream(self)


class _LevelStream(vad.VADStream):
    async def _main_task(self) -> None:
        spoken = silent = 0.0
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                continue
            if level(frame):
                spoken, silent = spoken + FRAME_S, 0.0
                if FRAME_S * 2.5 < spoken < FRAME_S * 3.5:
                    self._tell(vad.VADEventType.START_OF_SPEECH, spoken, 0.0)
            elif spoken:
                silent += FRAME_S
                if silent >= 0.25:
                    self._tell(vad.VADEventType.END_OF_SPEECH, spoken, silent)
                    spoken = silent = 0.0

    def _tell(self, kind: vad.VADEventType, spoken: float, silent: float) -> None:
        event = vad.VADEvent(kind, 0, 0.0, speech_duration=spoken, silence_duration=silent)
        self._event_ch.send_nowait(event)


class Hearer(stt.STT[Any]):
    """Hears the numbers of words; a final after SILENCE_S, and an end of speech with it."""

    def __init__(self, name: str, *, has_interim: bool = True) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=has_interim))
        self.name = name
        self.fault = Fault()
        self.opened = 0

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS, **_: Any) -> "_Hearing":
        """One more connection."""
        self.opened += 1
        return _Hearing(self, conn_options)

    async def _recognize_impl(self, *_: Any, **__: Any) -> stt.SpeechEvent:
        raise NotImplementedError


class _Hearing(stt.RecognizeStream):
    def __init__(self, owner: Hearer, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=owner, conn_options=conn_options, sample_rate=RATE)
        self._owner = owner
        self._words: list[int] = []
        self._silent_s = 0.0

    async def _run(self) -> None:
        async for frame in self._input_ch:
            fault = self._owner.fault
            if fault.kind == "refuses" or (fault.kind == "breaks" and len(self._words) >= fault.after):
                raise APIConnectionError("told to")
            if isinstance(frame, rtc.AudioFrame) and not (fault.kind == "stalls" and len(self._words) >= fault.after):
                self._hear(level(frame))

    def _hear(self, word: int) -> None:
        if word:
            self._silent_s = 0.0
            if not self._words:
                self._tell(stt.SpeechEventType.START_OF_SPEECH)
            if word not in self._words:
                self._words.append(word)
                if self._owner.capabilities.interim_results:
                    self._tell(stt.SpeechEventType.INTERIM_TRANSCRIPT, self._words)
        elif self._words:
            self._silent_s += FRAME_S
            if self._silent_s >= SILENCE_S:
                self._tell(stt.SpeechEventType.FINAL_TRANSCRIPT, self._words)
                self._tell(stt.SpeechEventType.END_OF_SPEECH)
                self._words, self._silent_s = [], 0.0

    def _tell(self, kind: stt.SpeechEventType, words: Sequence[int] = ()) -> None:
        text = " ".join(f"w{word}" for word in words)
        said = [stt.SpeechData(language=LanguageCode("en"), text=text)] if text else []
        self._event_ch.send_nowait(stt.SpeechEvent(type=kind, alternatives=said))


class Thinker(llm.LLM[Any]):
    """Says its answer word by word, the first after `first_s`. What it was asked is kept."""

    def __init__(self, answer: str, *, first_s: float = 0.2, tool: str = "") -> None:
        super().__init__()
        self.answer = answer
        self.first_s = first_s
        self.tool = tool
        self.fault = Fault()
        self.asked: list[llm.ChatContext] = []

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        **_: Any,
    ) -> "_Thought":
        """One more request."""
        self.asked.append(chat_ctx)
        return _Thought(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Thought(llm.LLMStream):
    async def _run(self) -> None:
        owner = self._llm
        assert isinstance(owner, Thinker)
        fault = owner.fault
        if fault.kind == "refuses":
            raise APIConnectionError("told to")
        await asyncio.sleep(owner.first_s + (fault.by_s if fault.kind == "late" else 0.0))
        if owner.tool:
            call = llm.FunctionToolCall(name=owner.tool, arguments="{}", call_id="call-1")
            self._send(llm.ChoiceDelta(role="assistant", tool_calls=[call]))
        for number, word in enumerate([*owner.answer.split(), ""]):
            if fault.kind in {"stalls", "breaks"} and number >= fault.after:
                await asyncio.sleep(FOR_EVER if fault.kind == "stalls" else 0.0)
                raise APIConnectionError("told to")
            await asyncio.sleep(fault.by_s if fault.kind == "pauses" and number == fault.after else 0.02)
            self._send(llm.ChoiceDelta(role="assistant", content=f"{word} " if word else None))

    def _send(self, delta: llm.ChoiceDelta) -> None:
        self._event_ch.send_nowait(llm.ChatChunk(id="thought", delta=delta))


class Talker(tts.TTS[Any]):
    """Speaks at `pace` letters a second, much quicker than it sounds; `said` is what it was given, its sound its own
    `level`, so that a test sees who spoke."""

    def __init__(self, level_: int, *, first_s: float = 0.15, pace: float = LETTERS_PER_S) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=True), sample_rate=VOICE_RATE, num_channels=1)
        self.level = level_
        self.first_s = first_s
        self.pace = pace
        self.fault = Fault()
        self.said: list[str] = []

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Any:
        """The whole of it."""
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "_Talk":
        """One more reply."""
        return _Talk(tts=self, conn_options=conn_options)


class _Talk(tts.SynthesizeStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        owner = self._tts
        assert isinstance(owner, Talker)
        output_emitter.initialize(
            request_id="talk", sample_rate=VOICE_RATE, num_channels=1, mime_type="audio/pcm", stream=True
        )
        output_emitter.start_segment(segment_id="talk")
        spoken_s = 0.0
        fault, is_first = owner.fault, True
        if fault.kind == "refuses":
            raise APIConnectionError("told to")
        async for piece in self._input_ch:
            if not isinstance(piece, str):
                continue
            if is_first:
                await asyncio.sleep(owner.first_s + (fault.by_s if fault.kind == "late" else 0.0))
            is_first = False
            owner.said.append(piece)
            left_s = len(piece) / owner.pace
            while left_s > 0:
                if fault.kind in {"stalls", "breaks"} and spoken_s >= fault.after:
                    await asyncio.sleep(FOR_EVER if fault.kind == "stalls" else 0.0)
                    raise APIConnectionError("told to")
                step_s = min(0.1, left_s)
                sound = owner.level.to_bytes(2, "little") * int(step_s * VOICE_RATE)
                output_emitter.push(sound)
                spoken_s, left_s = spoken_s + step_s, left_s - step_s
                await asyncio.sleep(step_s / 4)
        output_emitter.flush()
