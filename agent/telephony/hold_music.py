"""What a caller hears while we dial somebody: a file of the profile's, or soft chords of our own, on a track that the
caller alone may hear."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
from livekit import rtc
from livekit.agents.utils.audio import audio_frames_from_file

RATE, FRAME = 24_000, 480
TRACK = "hold"
CHORDS = ((261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7))  # C, Am, F, G
CHORD_S, LEVEL = 2.0, 0.08
QUEUE_MS = 200


class HoldMusic:
    """Plays from `start` to `stop`, over and over."""

    def __init__(self, room: rtc.Room, file: Path | None) -> None:
        self._room = room
        self._file = file
        self._source: rtc.AudioSource | None = None
        self._task: asyncio.Task[None] | None = None
        self.sid = ""

    async def start(self) -> None:
        """Publish the track and play."""
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE_MS)
        track = rtc.LocalAudioTrack.create_audio_track(TRACK, self._source)
        self.sid = (await self._room.local_participant.publish_track(track)).sid
        self._task = asyncio.create_task(self._play(self._source), name="hold music")

    async def stop(self) -> None:
        """Silence, and no track any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._source is not None:
            self._source.clear_queue()
            with contextlib.suppress(Exception):  # the room may be gone
                await self._room.local_participant.unpublish_track(self.sid)
            await self._source.aclose()
        self._task = self._source = None
        self.sid = ""

    async def _play(self, source: rtc.AudioSource) -> None:
        while True:
            async for frame in self._frames():
                await source.capture_frame(frame)

    def _frames(self) -> AsyncIterator[rtc.AudioFrame]:
        return audio_frames_from_file(str(self._file), RATE, 1) if self._file else _chords()


async def _chords() -> AsyncIterator[rtc.AudioFrame]:
    at = np.arange(int(CHORD_S * RATE)) / RATE
    swell = np.sin(np.pi * at / CHORD_S) ** 0.5
    for chord in CHORDS:
        sound = swell * sum(np.sin(2 * np.pi * hertz * at) for hertz in chord) / len(chord)
        samples = (32_767 * LEVEL * sound).astype(np.int16)
        for first in range(0, len(samples), FRAME):
            piece = samples[first : first + FRAME]
            yield rtc.AudioFrame(piece.tobytes(), RATE, 1, len(piece))
