"""VoiceOut: the agent's voice on its way into the room. It starts with the first 20 ms, stops at once, and goes on at
the very sample where it stopped; LiveKit's own output drops what its queue held."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from livekit import rtc
from livekit.agents import io

RATE = 24_000
_BYTES_PER_S = 2 * RATE
_FRAME_S = 0.02
_AHEAD_S = 0.12  # what the source may hold: a busy event loop that is late by less than this is not heard
_TAIL_S = 0.3
_TRACK = "agent"


class Source(Protocol):
    """What plays: LiveKit's rtc.AudioSource, or a clock in tests."""

    @property
    def queued_duration(self) -> float:
        """Seconds that were captured and not yet played."""

    def clear_queue(self) -> None:
        """Forget what was not yet played."""

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Play this next."""


class VoiceOut(io.AudioOutput):
    """One per call. A segment is one reply: frames until `flush`, and `playback_finished` when it was heard or cut."""

    def __init__(self, source: Source) -> None:
        super().__init__(label="voice", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=RATE)
        self._source = source
        self._waiting = bytearray()  # of this segment, not yet captured
        self._captured = (
            bytearray()
        )  # of this segment, all of it: what is cleared from the queue is taken back from here
        self._is_whole = False  # nothing more will come for this segment
        self._pauses: set[str] = set()  # by whom: LiveKit's session, or listening
        self._has_begun = False
        self._wake = asyncio.Event()
        self._is_free = asyncio.Event()
        self._is_free.set()
        self._listened_to: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_frame: Callable[[rtc.AudioFrame], None] = lambda _: None  # hears all that is played
        self._task = asyncio.create_task(self._play(), name="voice_out")

    async def publish(self, room: rtc.Room) -> None:
        """Show the track to the room; what is captured waits until somebody listens."""
        assert isinstance(self._source, rtc.AudioSource)
        track = rtc.LocalAudioTrack.create_audio_track(_TRACK, self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        publication = await room.local_participant.publish_track(track, options)
        await publication.wait_for_subscription()
        self.begin()

    @property
    def source(self) -> Source:
        """What plays, for last words when the session is over."""
        return self._source

    def begin(self) -> None:
        """Somebody listens."""
        if not self._listened_to.done():
            self._listened_to.set_result(None)

    @property
    def is_playing(self) -> bool:
        """True while a segment has begun to sound and is not over, paused or not."""
        return self._has_begun

    @property
    def is_ending(self) -> bool:
        """True when the rest of the segment is too short to be worth a stop."""
        return self._is_whole and not self._is_paused and self.left_s < _TAIL_S

    @property
    def is_starving(self) -> bool:
        """True when the segment goes on, and nothing of it is left to be played."""
        is_dry = not self._waiting and self._source.queued_duration <= 0.0
        return self._has_begun and not self._is_whole and not self._is_paused and is_dry

    @property
    def sounds(self) -> bool:
        """True while anything is being played."""
        return self._source.queued_duration > 0.0

    def ends_within(self, seconds: float) -> bool:
        """True when all of the segment is known and no more than so much of it is left."""
        return self._is_whole and self.left_s < seconds

    @property
    def heard_s(self) -> float:
        """How much of this segment has been played, in seconds."""
        return len(self._captured) / _BYTES_PER_S - self._source.queued_duration

    @property
    def left_s(self) -> float:
        """How much of this segment is known and has not been played, in seconds."""
        return len(self._waiting) / _BYTES_PER_S + self._source.queued_duration

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """More of the segment, at RATE."""
        await asyncio.shield(self._listened_to)
        await self._is_free.wait()  # the segment before may still sound
        await super().capture_frame(frame)
        self._waiting += bytes(frame.data)
        self._wake.set()

    async def interject(self, frame: rtc.AudioFrame) -> None:
        """Play something that is no segment, while none sounds; whoever holds the voice cuts it. A segment that begins
        meanwhile follows it: the source's queue is full until then."""
        await asyncio.shield(self._listened_to)
        for piece in pieces(frame):
            if self._is_paused:
                return
            await self._source.capture_frame(piece)

    def flush(self) -> None:
        """The segment is whole."""
        super().flush()
        if self._waiting or self._captured:
            self._is_whole = True
            self._is_free.clear()
            self._wake.set()

    def clear_buffer(self) -> None:
        """Cut the segment now."""
        if self._waiting or self._captured:
            heard_s = self.heard_s
            self._source.clear_queue()
            self._finish(heard_s, interrupted=True)

    def pause(self) -> None:
        """Silence at once."""
        super().pause()
        self._stop("session")

    def resume(self) -> None:
        """Go on at the sample where `pause` stopped."""
        super().resume()
        self._go_on("session")

    def hold(self) -> None:
        """Silence at once, also for a reply that has yet to begin."""
        self._stop("listening")

    def release(self) -> None:
        """Go on, unless the session wants silence."""
        self._go_on("listening")

    async def aclose(self) -> None:
        """Stop; what was not heard is lost."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(self._source, rtc.AudioSource):
            await self._source.aclose()

    @property
    def _is_paused(self) -> bool:
        return bool(self._pauses)

    def _stop(self, who: str) -> None:
        self._pauses.add(who)
        self._take_back()

    def _go_on(self, who: str) -> None:
        self._pauses.discard(who)
        self._wake.set()

    async def _play(self) -> None:
        while True:
            if self._is_paused or not self._has_frame():
                if self._is_over():
                    self._finish(len(self._captured) / _BYTES_PER_S, interrupted=False)
                await self._rest()
            elif self._source.queued_duration > _AHEAD_S:
                await asyncio.sleep(self._source.queued_duration - _AHEAD_S + _FRAME_S / 2)
            else:
                await self._send()

    def _has_frame(self) -> bool:
        """A whole frame, or the segment's last piece; a piece in the middle waits until the queue runs dry."""
        enough = self._is_whole or (self._has_begun and self._source.queued_duration < _FRAME_S)
        return len(self._waiting) >= _FRAME_S * _BYTES_PER_S or (enough and bool(self._waiting))

    def _is_over(self) -> bool:
        is_all_played = self._is_whole and not self._waiting and self._source.queued_duration <= 0.0
        return is_all_played and not self._is_paused

    async def _rest(self) -> None:
        """Until something comes, or until what is queued has been played."""
        self._wake.clear()
        waits_for_more = self._is_paused or not (self._is_whole or self._waiting)
        dry_in_s = None if waits_for_more else max(0.001, self._source.queued_duration - _FRAME_S / 2)
        try:
            async with asyncio.timeout(dry_in_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _send(self) -> None:
        length = min(len(self._waiting), int(_FRAME_S * _BYTES_PER_S))
        piece = bytes(self._waiting[:length])
        del self._waiting[:length]
        self._captured += piece
        if not self._has_begun:
            self._has_begun = True
            self.on_playback_started(created_at=time.time())
        frame = rtc.AudioFrame(piece, RATE, 1, length // 2)
        self.on_frame(frame)
        await self._source.capture_frame(frame)
        if self._is_paused:  # paused while the frame was on its way
            self._take_back()

    def _take_back(self) -> None:
        """What the source has not played goes back to what waits."""
        unplayed = min(len(self._captured), int(self._source.queued_duration * RATE) * 2)
        self._source.clear_queue()
        if unplayed:
            self._waiting[:0] = self._captured[-unplayed:]
            del self._captured[-unplayed:]

    def _finish(self, heard_s: float, *, interrupted: bool) -> None:
        self._waiting.clear()
        self._captured.clear()
        self._is_whole = False
        self._is_free.set()
        self._has_begun = False
        self.on_playback_finished(playback_position=max(0.0, heard_s), interrupted=interrupted)


def pieces(frame: rtc.AudioFrame) -> Iterator[rtc.AudioFrame]:
    """Sound at RATE, mono, in pieces that a source takes."""
    data, step = bytes(frame.data), int(_FRAME_S * _BYTES_PER_S)
    for at in range(0, len(data), step):
        part = data[at : at + step]
        yield rtc.AudioFrame(part, RATE, 1, len(part) // 2)
