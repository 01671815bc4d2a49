"""A caller of our own: joins a room over WebRTC, speaks what it is given, and records both sides at its own end.

Knows nothing of the agent; what it hears is what a person would.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from livekit import api, rtc
from numpy.typing import NDArray

from agent.servers.dispatch import Dispatch

Samples = NDArray[np.int16]
RATE = 48_000
FRAME = RATE // 100  # 10 ms
PACKET = 2 * FRAME  # as Opus does; each step of this process takes CPU from the calls that it measures
BROKEN_S = 2.0  # what is heard: a stretch that stops for longer is over, the track was taken away
HOLE_S = 0.03  # what is sent: only this process delays it, and what waited so long reached the room with a hole
QUEUE_MS = 100  # what rtc.AudioSource may hold back, and this process may be late, without a hole in the speech


def each_frame(samples: Samples, microphone: Callable[[Samples], Samples]) -> Samples:
    """What a microphone makes of the whole, frame by frame as in a call."""
    padded = np.pad(samples, (0, -len(samples) % FRAME))
    return np.concatenate([microphone(padded[at : at + FRAME]) for at in range(0, len(padded), FRAME)])


@dataclass(slots=True)
class _Stretch:
    """Unbroken sound, int16, and the second at which it began."""

    began_s: float
    rate: int = RATE
    sound: bytearray = field(default_factory=bytearray)

    @property
    def length_s(self) -> float:
        return len(self.sound) / (2 * self.rate)


@dataclass(slots=True)
class Side:
    """One side of the call: stretches of unbroken sound.

    WebRTC delivers 20 ms at a time, but this process may be late to take them: then several come at once. What
    came earliest tells when a stretch began; lateness only ever delays. What comes more than `broken_s` after the end
    of a stretch begins another.
    """

    broken_s: float = BROKEN_S
    rate: int = RATE
    stretches: list[_Stretch] = field(default_factory=list)

    def add(self, at: float, samples: Samples) -> None:
        """Append what was sent, or arrived, at that second."""
        if not self.stretches or at - (self.stretches[-1].began_s + self.stretches[-1].length_s) > self.broken_s:
            self.stretches.append(_Stretch(at, self.rate))
        last = self.stretches[-1]
        last.began_s = min(last.began_s, at - last.length_s)
        last.sound += samples.tobytes()

    def rendered(self, until_s: float, since_s: float = 0.0) -> Samples:
        """The side from one second to another, silence where nothing was, at its rate."""
        first = int(since_s * self.rate)
        track = np.zeros(max(0, int(until_s * self.rate) - first), np.int16)
        for stretch in self.stretches:
            place = int(stretch.began_s * self.rate) - first
            skipped, place = max(0, -place), max(0, place)
            room = max(0, len(track) - place)
            # only what is looked at is copied: a recording is looked at often, and grows
            sound = np.frombuffer(stretch.sound[2 * skipped : 2 * (skipped + room)], np.int16)
            track[place : place + len(sound)] = sound
        return track


@dataclass(frozen=True, slots=True)
class Caption:
    """One line of the conversation as the room tells it. `at` is in seconds since the caller joined."""

    is_agent: bool
    text: str
    is_final: bool
    at: float


def token(
    key: str,
    secret: str,
    room: str,
    identity: str,
    agent_name: str,
    kind: Literal["standard", "sip"] = "standard",
    profile: str = "",
    attributes: Mapping[str, str] | None = None,
) -> str:
    """A token for one caller with the agent's dispatch inside, as the page's endpoint mints it; `sip` is a phone's."""
    grants = api.VideoGrants(room_join=True, room=room, can_publish=True, can_subscribe=True, can_publish_data=True)
    asked = api.RoomAgentDispatch(agent_name=agent_name, metadata=Dispatch(profile).metadata)
    dispatch = api.RoomConfiguration(agents=[asked])
    bearer = api.AccessToken(key, secret).with_identity(identity).with_kind(kind)
    bearer = bearer.with_attributes(dict(attributes or {}))
    return bearer.with_grants(grants).with_room_config(dispatch).to_jwt()


class Caller:
    """One caller in one room. Use `join`."""

    def __init__(self, room: rtc.Room) -> None:
        self.room = room
        self.sent = Side(broken_s=HOLE_S)
        self.heard = Side()
        self.captions: list[Caption] = []
        self.events: list[dict[str, object]] = []
        self.is_disconnected = asyncio.Event()
        self.disconnect_reason = ""
        self.microphone: Callable[[Samples], Samples] = lambda frame: frame  # what the room adds to each 10 ms
        self._started, self._started_epoch = time.monotonic(), time.time()
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=QUEUE_MS)
        self._to_say: asyncio.Queue[Samples] = asyncio.Queue()
        self._said = asyncio.Event()
        self._said.set()
        self._said_until = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._streams: dict[str, Caption] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def join(cls, url: str, jwt: str) -> AsyncIterator["Caller"]:
        """A caller in the room for as long as the block runs; leaves at its end."""
        caller = cls(rtc.Room())
        caller._listen()
        await caller.room.connect(url, jwt)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", caller._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await caller.room.local_participant.publish_track(track, options)
        caller._spawn(caller._speak())
        try:
            yield caller
        finally:
            await caller._leave()

    @property
    def now(self) -> float:
        """Seconds since the start; the clock of everything recorded here."""
        return time.monotonic() - self._started

    @property
    def agent_state(self) -> str:
        """What the agent says it does: `listening`, `thinking`, `speaking`; empty before it is there."""
        states = (who.attributes.get("lk.agent.state", "") for who in self.room.remote_participants.values())
        return next(filter(None, states), "")

    def epoch(self, at: float) -> float:
        """A moment of this recording in seconds since 1970, as other processes of this machine count them."""
        return self._started_epoch + at

    async def say(self, samples: Samples) -> float:
        """Speak int16 mono at 48 kHz; returns when the last sample left, with the time of that moment."""
        self._said.clear()
        self._to_say.put_nowait(samples)
        await self._said.wait()
        return self._said_until

    async def until(self, condition: Callable[["Caller"], object], timeout_s: float, what: str) -> None:
        """Wait until the condition holds. Raises TimeoutError that says what was waited for and what there is."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition(self):  # noqa: ASYNC110  # any condition over what was recorded
                    await asyncio.sleep(0.02)
        except TimeoutError:
            lines = [caption.text for caption in self.captions]
            raise TimeoutError(f"{what} did not happen in {timeout_s:g} s; captions: {lines}") from None

    async def write(self, text: str) -> None:
        """Type instead of speaking."""
        await self.room.local_participant.send_text(text, topic="lk.chat")

    def told(self, kind: str, since: float = 0.0) -> list[dict[str, object]]:
        """The events of a kind that came after that moment."""
        return [e for e in self.events if e["type"] == kind and float(str(e["heard_at"])) > since]

    def agent_lines(self) -> list[str]:
        """What the agent said, by its final captions."""
        return [caption.text for caption in self.captions if caption.is_agent and caption.is_final]

    def transcript(self) -> str:
        """The conversation so far, a line each, for error messages."""
        return "\n".join(f"{c.at:6.2f} {'agent ' if c.is_agent else 'caller'} {c.text}" for c in self.captions)

    def agent_spoke_since(self, at: float) -> Samples:
        """The agent's side from that moment on."""
        return self.heard.rendered(self.now, at)

    def stereo(self) -> Samples:
        """Shape (n, 2), int16, 48 kHz: caller left, agent right."""
        length = self.now
        return np.stack([self.sent.rendered(length), self.heard.rendered(length)], axis=1)

    def _listen(self) -> None:
        self.room.on("track_subscribed", self._on_track)
        self.room.on("disconnected", self._on_disconnected)
        self.room.register_text_stream_handler("lk.transcription", self._on_transcription)
        self.room.register_text_stream_handler("parley.event", self._on_event)

    def _on_track(self, track: rtc.Track, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._spawn(self._hear(track))

    def _on_disconnected(self, reason: object) -> None:
        self.disconnect_reason = str(reason)
        self.is_disconnected.set()

    def _on_transcription(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._spawn(self._read_caption(reader, identity))

    def _on_event(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._spawn(self._read_event(reader))

    async def _read_caption(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = await reader.read_all()
        is_final = (reader.info.attributes or {}).get("lk.transcription_final") == "true"
        is_agent = identity != self.room.local_participant.identity
        self.captions.append(Caption(is_agent, text, is_final, self.now))

    async def _read_event(self, reader: rtc.TextStreamReader) -> None:
        self.events.append({**json.loads(await reader.read_all()), "heard_at": self.now})

    async def _hear(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1, frame_size_ms=1000 * PACKET // RATE)
        try:
            async for event in stream:
                samples = np.frombuffer(event.frame.data, np.int16)
                began = self.now - len(samples) / RATE
                for at in range(0, len(samples), FRAME):  # a loudspeaker's echo goes back frame by frame
                    self.heard.add(began + at / RATE, samples[at : at + FRAME])
        finally:
            await stream.aclose()

    async def _speak(self) -> None:
        """Send 20 ms for ever, silence when there is nothing to say, at the pace of the source's short queue."""
        silence = np.zeros(PACKET, np.int16)
        while True:
            if self._to_say.empty():
                await self._send(silence)
                continue
            samples = self._to_say.get_nowait()
            for at in range(0, len(samples), PACKET):
                piece = samples[at : at + PACKET]
                await self._send(np.pad(piece, (0, PACKET - len(piece))))
            self._said_until = self.now + self._source.queued_duration
            self._said.set()

    async def _send(self, samples: Samples) -> None:
        samples = each_frame(samples, self.microphone)
        await self._source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, PACKET))
        self.sent.add(self.now + self._source.queued_duration - PACKET / RATE, samples)

    async def _leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()
        await self._source.aclose()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
