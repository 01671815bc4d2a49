"""Microphones: every open one of the room's people, of which the one that speaks is heard.

A room may hold several: a second caller's, an observer's that is never used, a headset beside a laptop. While one
speaks the others are only watched, and whoever begins when it falls silent is heard from a moment before that.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from livekit import rtc
from livekit.agents import io

from agent.room.caller import may_call
from agent.rules.hold import WINDOW_S

RATE, FRAME_MS = 16_000, 20
LOUD_DB = -45.0  # of full scale: the softest voice near a microphone
ABOVE_NOISE_DB = 12.0
BEGINS_S = 0.1  # of loud sound: less is a click
FREE_S = 0.6  # nobody's own pause within a word is longer
BEFORE_S = 0.6  # of sound that is handed on when another microphone takes over
HELD = 50  # frames that may wait for whoever listens: a second

Clean = Callable[[], rtc.FrameProcessor[rtc.AudioFrame]]  # makes what takes the noise out of one microphone's sound


@dataclass(slots=True)
class _Microphone:
    """One open microphone and what is known of its sound."""

    identity: str
    stream: rtc.AudioStream
    before: deque[rtc.AudioFrame] = field(default_factory=lambda: deque(maxlen=int(BEFORE_S * 1000 / FRAME_MS)))
    noise_db: float = -70.0
    loud_s: float = 0.0
    loud_at: float = float("-inf")
    reading: asyncio.Task[None] | None = None

    def hear(self, frame: rtc.AudioFrame, now: float) -> None:
        """Judge one more frame."""
        level_db = _level_db(frame)
        if level_db > max(LOUD_DB, self.noise_db + ABOVE_NOISE_DB):
            self.loud_s += FRAME_MS / 1000
            self.noise_db += 0.02  # what stays loud for long is noise
            if self.loud_s >= BEGINS_S:
                self.loud_at = now
        else:
            self.loud_s = max(0.0, self.loud_s - FRAME_MS / 2000)
            self.noise_db += 0.05 * (level_db - self.noise_db)


class Microphones(io.AudioInput):
    """One per call; the session's ears. `on_speaker` hears whose voice is listened to when that changes, `clean` makes
    what takes the noise out of one microphone's sound."""

    def __init__(
        self,
        room: rtc.Room,
        on_speaker: Callable[[str], None],
        clean: Clean | None = None,
    ) -> None:
        super().__init__(label="microphones")
        self._clean = clean
        self._room = room
        self._on_speaker = on_speaker
        self._open: dict[str, _Microphone] = {}
        self._chosen = ""
        self._is_attached = True
        self._heard: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue(maxsize=HELD)
        self._closing: set[asyncio.Task[None]] = set()
        self.on_frame: Callable[[rtc.AudioFrame], None] = lambda _: None  # hears all that is listened to
        self._levels: deque[tuple[float, float]] = deque(maxlen=int(WINDOW_S * 1000 / FRAME_MS))
        room.on("track_subscribed", self._on_track)
        room.on("track_unsubscribed", lambda track, *_: self._shut(track.sid))
        for who in room.remote_participants.values():
            for publication in who.track_publications.values():
                if publication.track is not None:
                    self._on_track(publication.track, publication, who)

    async def __anext__(self) -> rtc.AudioFrame:
        """The next 20 ms of whoever is listened to."""
        return await self._heard.get()

    @property
    def levels_db(self) -> list[float]:
        """How loud each piece was that was heard lately (rules/hold.py judges them)."""
        since = asyncio.get_running_loop().time() - WINDOW_S
        return [level for at, level in self._levels if at > since]

    def on_attached(self) -> None:
        """The session listens."""
        self._is_attached = True

    def on_detached(self) -> None:
        """The session does not want to hear anything."""
        self._is_attached = False

    async def aclose(self) -> None:
        """Let go of every microphone."""
        for sid in list(self._open):
            self._shut(sid)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _on_track(self, track: rtc.Track, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        if track.kind != rtc.TrackKind.KIND_AUDIO or not may_call(who) or track.sid in self._open:
            return
        stream = rtc.AudioStream.from_track(
            track=track,
            sample_rate=RATE,
            num_channels=1,
            frame_size_ms=FRAME_MS,
            noise_cancellation=self._clean() if self._clean else None,
            auto_close_noise_cancellation=True,
        )
        one = self._open[track.sid] = _Microphone(who.identity, stream)
        one.reading = asyncio.create_task(self._read(track.sid, one), name="microphone")
        if not self._chosen:
            self._choose(track.sid, one)

    async def _read(self, sid: str, one: _Microphone) -> None:
        loop = asyncio.get_running_loop()
        async for event in one.stream:
            if len(self._open) > 1:  # most calls have one, and nothing to choose from
                one.hear(event.frame, loop.time())
            if sid == self._chosen:
                self._levels.append((loop.time(), _level_db(event.frame)))
                self._hand_on(event.frame)
                continue
            one.before.append(event.frame)
            if self._takes_over(one, loop.time()):
                self._choose(sid, one)

    def _takes_over(self, one: _Microphone, now: float) -> bool:
        chosen = self._open.get(self._chosen)
        return now - one.loud_at < FRAME_MS / 1000 and (chosen is None or now - chosen.loud_at > FREE_S)

    def _choose(self, sid: str, one: _Microphone) -> None:
        self._chosen = sid
        while one.before:
            self._hand_on(one.before.popleft())
        self._on_speaker(one.identity)

    def _hand_on(self, frame: rtc.AudioFrame) -> None:
        self.on_frame(frame)
        if not self._is_attached:
            return
        if self._heard.full():  # whoever listens is behind: the oldest sound is the least worth
            self._heard.get_nowait()
        self._heard.put_nowait(frame)

    def _shut(self, sid: str) -> None:
        one = self._open.pop(sid, None)
        if one is None:
            return
        task = asyncio.create_task(_closed(one), name="microphone closes")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        if sid != self._chosen:
            return
        self._chosen = ""
        for _ in range(int(500 / FRAME_MS)):  # what was begun is over: the STT would wait for the rest
            self._hand_on(rtc.AudioFrame.create(RATE, 1, RATE * FRAME_MS // 1000))
        if self._open:
            self._choose(*next(reversed(self._open.items())))


def _level_db(frame: rtc.AudioFrame) -> float:
    samples = np.frombuffer(frame.data, np.int16).astype(np.float32)
    return 20.0 * float(np.log10(np.sqrt(np.mean(samples**2)) / 32768.0 + 1e-6))


async def _closed(one: _Microphone) -> None:
    if one.reading is not None:
        one.reading.cancel()
        await asyncio.gather(one.reading, return_exceptions=True)
    await one.stream.aclose()
