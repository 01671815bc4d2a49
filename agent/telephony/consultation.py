"""Consultation: we talk with a person whom we have dialled, on a track that they alone may hear: what is said to them,
and what they say or press. What that means, rules/colleague.py decides."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self

from livekit import rtc
from livekit.agents import stt, vad

logger = logging.getLogger("parley.telephony")
RATE, TRACK, QUEUE_MS = 24_000, "briefing", 1000
EARS_RATE = 16_000
Speak = Callable[[str, rtc.AudioSource], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came from the person: words and how long they took, a key, or that they have hung up."""

    words: str = ""
    lasted_s: float = 0.0
    key: str = ""
    is_gone: bool = False


class Consultation:
    """One per person. Use it as an `async with` block; `speak` plays a sentence on our source."""

    def __init__(self, room: rtc.Room, identity: str, *, ears: vad.VAD, hears: stt.STT[Any], speak: Speak) -> None:
        self._room = room
        self._identity = identity
        self._ears = ears
        self._stt = hears
        self._speak = speak
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE_MS)
        self._heard: asyncio.Queue[Heard] = asyncio.Queue()
        self._came = asyncio.Event()
        self._speaking_since = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self.sid = ""

    async def __aenter__(self) -> Self:
        self._room.on("sip_dtmf_received", self._on_key)
        self._room.on("participant_disconnected", self._on_gone)
        self._room.on("track_subscribed", self._on_track)
        track = rtc.LocalAudioTrack.create_audio_track(TRACK, self._source)
        self.sid = (await self._room.local_participant.publish_track(track)).sid
        who = self._room.remote_participants.get(self._identity)
        if who is not None:
            for publication in who.track_publications.values():
                if publication.track is not None:
                    self._on_track(publication.track, publication, who)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._room.off("sip_dtmf_received", self._on_key)
        self._room.off("participant_disconnected", self._on_gone)
        self._room.off("track_subscribed", self._on_track)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(Exception):  # the room may be gone
            await self._room.local_participant.unpublish_track(self.sid)
        await self._source.aclose()

    async def say(self, sentence: str) -> None:
        """Until it is said, or the person does something about it."""
        before = [self._heard.get_nowait() for _ in range(self._heard.qsize())]
        if decided := [one for one in before if one.is_gone or one.key]:  # words are answered by this, these are not
            self._heard.put_nowait(decided[-1])
            return
        self._came.clear()
        saying = asyncio.create_task(self._speak(sentence, self._source), name="briefing")
        coming = asyncio.create_task(self._came.wait())
        await asyncio.wait({saying, coming}, return_when=asyncio.FIRST_COMPLETED)
        for task in (saying, coming):
            task.cancel()
        failed, _ = await asyncio.gather(saying, coming, return_exceptions=True)
        self._source.clear_queue()
        if isinstance(failed, Exception):
            logger.error("the briefing could not be said", extra={"error": type(failed).__name__})

    async def hear(self, within_s: float) -> Heard:
        """The next thing that comes from the person; nothing of it after so long without their voice."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while True:
            try:
                return await asyncio.wait_for(self._heard.get(), max(0.0, until - loop.time()))
            except TimeoutError:
                if not self._speaking_since:
                    return Heard()
                until = loop.time() + 1.0  # in the middle of a sentence

    @property
    def speaking_s(self) -> float:
        """For how long they have been speaking now."""
        return time.monotonic() - self._speaking_since if self._speaking_since else 0.0

    def _tell(self, heard: Heard) -> None:
        self._heard.put_nowait(heard)
        self._came.set()

    def _on_key(self, key: rtc.SipDTMF) -> None:
        if key.participant is not None and key.participant.identity == self._identity:
            self._tell(Heard(key=key.digit))

    def _on_gone(self, who: rtc.RemoteParticipant) -> None:
        if who.identity == self._identity:
            self._tell(Heard(is_gone=True))

    def _on_track(self, track: rtc.Track, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        if who.identity == self._identity and track.kind == rtc.TrackKind.KIND_AUDIO:
            ears = self._ears.stream()
            self._tasks.append(asyncio.create_task(_pour(track, ears), name="colleague's voice"))
            self._tasks.append(asyncio.create_task(self._listen(ears), name="colleague's words"))

    async def _listen(self, ears: vad.VADStream) -> None:
        async with contextlib.aclosing(_events(ears)) as events:
            async for event in events:
                if event.type is vad.VADEventType.START_OF_SPEECH:
                    self._speaking_since = time.monotonic() - event.speech_duration
                elif event.type is vad.VADEventType.END_OF_SPEECH:
                    self._speaking_since = 0.0
                    self._tell(Heard(await self._transcribed(event.frames), event.speech_duration))

    async def _transcribed(self, frames: list[rtc.AudioFrame]) -> str:
        """Empty where the STT cannot: then keys must do."""
        try:
            event = await self._stt.recognize(frames)
        except Exception as error:  # noqa: BLE001  # a vendor's STT may raise anything, or know streams alone
            logger.warning("the colleague's words were not heard", extra={"error": type(error).__name__})
            return ""
        return event.alternatives[0].text if event.alternatives else ""


async def _pour(track: rtc.Track, ears: vad.VADStream) -> None:
    stream = rtc.AudioStream.from_track(track=track, sample_rate=EARS_RATE, num_channels=1)
    try:
        async for event in stream:
            ears.push_frame(event.frame)
    finally:
        ears.end_input()
        await stream.aclose()


async def _events(ears: vad.VADStream) -> AsyncGenerator[vad.VADEvent, None]:
    try:
        async for event in ears:
            yield event
    finally:
        await ears.aclose()
