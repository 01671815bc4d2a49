"""One caller's ear: the VAD finds the speech, the speech process its words, TurnEnd its end."""

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, stt, vad
from livekit.agents.language import LanguageCode

from agent.errors import ProviderError
from agent.providers.attention import BLIP_S, SAMPLE_RATE, Attention
from agent.providers.local.slips import mended
from agent.providers.local.sound_variants import PHONE, WIDE
from agent.providers.local.speech_client import SpeechClient
from agent.providers.local.utterance import Utterance
from agent.providers.surroundings import Surroundings
from agent.providers.turn_end import TurnEnd
from agent.rules.endpointing import Wait
from agent.rules.line import Ears

_LANGUAGE = LanguageCode("en")
_Type = stt.SpeechEventType
_SHARE, _CAPTIONS_SHARE = 0.25, 0.1  # of the time that partials may take: words that decide, captions
_ROOM_S = 0.12  # a second hearing needs so much of the wait
_BUSY_S = 0.2  # a transcription that takes so long had to wait for other callers'


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How one stream listens. Seconds.

    After `preflight_silence_s` of silence the utterance is transcribed although it may go on: if it does not, that text
    is the final one and costs no time; over the agent's voice what is shorter than `twice_s` is heard twice. It is told
    after `told_silence_s`, since most silences inside of words are shorter and each guess sets the understanding and
    the voice to work. After `opinion_silence_s` it is asked whether the turn may be over: melody needs some silence to
    be judged. Partials come `interim_every_s` apart, at most. `prefix_s` of sound before the VAD's start belongs to the
    utterance: its first consonant. `longest_s` bounds what the model gets at once.
    """

    preflight_silence_s: float = 0.04
    told_silence_s: float = 0.1
    opinion_silence_s: float = 0.15
    twice_s: float = 0.7
    interim_every_s: float = 0.5
    prefix_s: float = 0.5
    longest_s: float = 24.0


@dataclass(frozen=True, slots=True)
class StreamParts:
    """What all streams of one STT share."""

    client: SpeechClient
    vad: vad.VAD
    hearing: Hearing
    turn_end: TurnEnd | None
    around: Surroundings


class MoonshineStream(stt.RecognizeStream):
    """One caller's ear: START_OF_SPEECH, partials, a preflight at every short silence, the final, END_OF_SPEECH.

    One utterance lasts as long as the turn: it is transcribed as a whole after each pause, which a small model hears
    better than its pieces.
    """

    def __init__(self, owner: stt.STT[None], parts: StreamParts, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=owner, conn_options=conn_options, sample_rate=SAMPLE_RATE)
        self._client = parts.client
        self._vad = parts.vad
        self._hearing = parts.hearing
        self._turn_end = parts.turn_end
        around = parts.around
        self._is_agent_speaking, self._wanted = around.is_agent_speaking, around.wanted
        self._retouch = PHONE if around.is_phone() else WIDE
        self._utterance: Utterance | None = None
        self._recent = bytearray()  # the last sound before an utterance: its first consonant
        self._ending: asyncio.Task[None] | None = None
        self._attention = Attention(parts.vad, around.ears(), around.is_agent_speaking)
        self._heard_s = 0.0  # audio since the last usage report

    @property
    def ears(self) -> Ears | None:
        """What the VAD is set to now, where it follows the line."""
        return self._attention.ears

    @property
    def silent_s(self) -> float:
        """For how long the caller has made no sound, in seconds; infinite between two turns."""
        return self._utterance.silent_for_s if self._utterance else math.inf

    @property
    def _share(self) -> float:
        return _SHARE if self._is_agent_speaking() else _CAPTIONS_SHARE

    async def _run(self) -> None:
        ear = self._vad.stream()
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(self._forward(ear))
                tasks.create_task(self._listen(ear))
        except* ProviderError as failures:
            raise APIConnectionError(str(failures.exceptions[0])) from failures
        finally:
            if self._utterance:
                await self._utterance.aclose()
                self._utterance = None
            await ear.aclose()

    @property
    def _guess_after_s(self) -> float:
        """While others wait too, a gap between two digits must not cost everybody a transcription."""
        is_busy = self._client.transcribed_in_s > _BUSY_S
        return self._hearing.told_silence_s if is_busy else self._hearing.preflight_silence_s

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
                case vad.VADEventType.START_OF_SPEECH if self._attention.may_be_caller:
                    self._begin(event.timestamp, event.speech_duration)
                case vad.VADEventType.INFERENCE_DONE:
                    await self._go_on(event)
                case vad.VADEventType.END_OF_SPEECH if self._turn_end is None:
                    await self._end(self._utterance)
        self._cancel_ending()
        if self._utterance:  # the input ended in mid-speech
            await self._finish(self._utterance)

    def _begin(self, now_s: float, spoken_s: float) -> None:
        """The VAD's start; while a turn is open it is only its next words."""
        if self._utterance:
            return
        if self._turn_end:
            self._turn_end.on_speech()
        self._send(speech_event(_Type.START_OF_SPEECH))
        self._utterance = self._begun(now_s, spoken_s)
        self._let_hear(self._utterance.pcm)

    def _begun(self, now_s: float, spoken_s: float) -> Utterance:
        self._attention.begin()
        keep = 2 * int((self._hearing.prefix_s + spoken_s) * SAMPLE_RATE)
        started_at = now_s - spoken_s + self.start_time_offset
        return self._utterance_of(bytes(self._recent[-keep:]), started_at)

    def _utterance_of(self, pcm: bytes, started_at: float) -> Utterance:
        return Utterance(self._client, pcm, started_at, self._retouch, self._mended)

    def _mended(self, text: str) -> str:
        return mended(text, self._wanted(text), is_over_agent=self._is_agent_speaking())

    async def _begin_anew(self, utterance: Utterance, now_s: float) -> Utterance:
        """What was heard so far was said by somebody else in the room; now the caller speaks."""
        self._cancel_ending()
        self._utterance = self._begun(now_s, self._attention.near_s)
        await utterance.aclose()
        return self._utterance

    async def _go_on(self, event: vad.VADEvent) -> None:
        self._heard_s += sum(frame.duration for frame in event.frames)
        pcm = b"".join(bytes(frame.data) for frame in event.frames)
        self._remember(pcm)
        utterance = self._utterance
        self._attention.hear(pcm, event, utterance.silence_s if utterance else None)
        if utterance is None:
            if spoken_s := self._attention.spoken_s(event):
                self._begin(event.timestamp, spoken_s)
            return
        if self._attention.caller_came():
            utterance = await self._begin_anew(utterance, event.timestamp)
        await self._listen_on(utterance, pcm, event)

    async def _listen_on(self, utterance: Utterance, pcm: bytes, event: vad.VADEvent) -> None:
        was_silent = utterance.silence_s > 0.0
        by_vad = event.raw_accumulated_silence
        utterance.add(pcm, silence_s=self._attention.silence_s(pcm, event) if self._turn_end else by_vad)
        self._let_hear(pcm)
        if was_silent and utterance.silence_s == 0.0:
            self._cancel_ending()
        if utterance.silence_s >= self._guess_after_s:
            self._begin_silence(utterance)
        elif event.speaking and utterance.is_partial_due(self._hearing.interim_every_s, self._share):
            utterance.begin_partial(self._on_partial)
        if utterance.is_longer_than(self._hearing.longest_s):
            self._cancel_ending()
            await self._finish(utterance)
            self._utterance = self._utterance_of(b"", event.timestamp + self.start_time_offset)

    def _let_hear(self, pcm: bytes) -> None:
        if self._turn_end and pcm:
            self._turn_end.on_sound(rtc.AudioFrame(pcm, SAMPLE_RATE, 1, len(pcm) // 2))

    def _remember(self, pcm: bytes) -> None:
        self._recent += pcm
        del self._recent[: -2 * int((self._hearing.prefix_s + 1.0) * SAMPLE_RATE)]

    def _begin_silence(self, utterance: Utterance) -> None:
        """Once for each silence: guess the words, and end the turn when the silence has lasted long enough for them."""
        if utterance.is_guessing:
            return
        utterance.begin_preflight(
            self._on_preflight,
            told_after_s=self._hearing.told_silence_s,
            is_doubtful=self._is_agent_speaking() and utterance.sound_s < self._hearing.twice_s,
        )
        if self._turn_end:
            self._ending = self._tasks.create_task(self._end_when_silent(utterance, self._turn_end))

    async def _end_when_silent(self, utterance: Utterance, turn_end: TurnEnd) -> None:
        try:
            text = await utterance.guess()
            await asyncio.sleep(self._hearing.opinion_silence_s - utterance.silent_for_s)
            turn_end.on_silence()
            wait = await turn_end.wait(text)
            if wait.is_for_sense:
                wait = await self._heard_again(utterance, turn_end, wait)
        except ProviderError:
            wait = Wait(0.0, "no words")  # `_finish` asks once more and tells
        await asyncio.sleep(wait.seconds - utterance.silent_for_s)
        self._ending = None
        await self._end(utterance)
        turn_end.on_end()

    async def _heard_again(self, utterance: Utterance, turn_end: TurnEnd, first: Wait) -> Wait:
        """What nobody says may have been misheard: the silence is used to hear it again, and what then makes sense
        counts. Hears it no more often than there is time for: a model that has begun cannot be stopped, and would take
        its core from the answer."""
        if first.seconds - utterance.silent_for_s < _ROOM_S:
            return first
        with suppress(TimeoutError, ProviderError):
            async with asyncio.timeout(first.seconds - utterance.silent_for_s):
                for changed in self._retouch.again:
                    text = await utterance.heard_again(changed)
                    wait = await turn_end.wait(text)
                    if wait.settles(first):
                        utterance.take(text)
                        self._on_preflight(utterance, text)
                        return wait
        return first

    def _cancel_ending(self) -> None:
        if self._ending:
            self._ending.cancel()
            self._ending = None

    async def _end(self, utterance: Utterance | None) -> None:
        if utterance is None:
            return
        self._utterance = None
        speech_end_time = time.time() - utterance.silent_for_s
        silent = 2 * int(max(0.0, utterance.silence_s - BLIP_S) * SAMPLE_RATE)
        del self._recent[: len(self._recent) - silent]  # these words are said; the next turn begins without them
        await self._finish(utterance)
        self._send(stt.SpeechEvent(type=_Type.END_OF_SPEECH, speech_end_time=speech_end_time))

    async def _finish(self, utterance: Utterance) -> None:
        """The final text, if there is any: noise gives none, and says nothing."""
        if text := await utterance.final():
            self._send(self._said(_Type.FINAL_TRANSCRIPT, utterance, text))
        self._attention.end(had_words=bool(text))
        usage = stt.RecognitionUsage(audio_duration=self._heard_s)
        self._send(stt.SpeechEvent(type=_Type.RECOGNITION_USAGE, recognition_usage=usage))
        self._heard_s = 0.0

    def _on_partial(self, utterance: Utterance, text: str) -> None:
        self._send(self._said(_Type.INTERIM_TRANSCRIPT, utterance, text))

    def _on_preflight(self, utterance: Utterance, text: str) -> None:
        self._send(self._said(_Type.PREFLIGHT_TRANSCRIPT, utterance, text))

    def _said(self, kind: stt.SpeechEventType, utterance: Utterance, text: str) -> stt.SpeechEvent:
        return speech_event(kind, text, also=utterance.also, start_s=utterance.started_at, end_s=utterance.ended_at)

    def _send(self, event: stt.SpeechEvent) -> None:
        self._event_ch.send_nowait(event)


def speech_event(
    kind: stt.SpeechEventType, text: str = "", *, also: str = "", start_s: float = 0.0, end_s: float = 0.0
) -> stt.SpeechEvent:
    """LiveKit's event with these words, and with those of another hearing behind them; a final may have none."""
    heard = [text, also] if also else [text]
    readings = [
        stt.SpeechData(language=_LANGUAGE, text=reading, start_time=start_s, end_time=end_s, confidence=1.0)
        for reading in heard
    ]
    return stt.SpeechEvent(type=kind, alternatives=readings if text or kind is _Type.FINAL_TRANSCRIPT else [])
