"""StreamLine: one caller between the socket of a Media Stream and a LiveKit room. In the room it is a telephone like
any other; at the socket it keeps short what is queued at the far end, and throws it away when the agent was stopped.

The interruption is noticed where it is decided: the agent tells it to its caller's own side (`parley.event`). A level
at this end could not tell "mm-hm" from "stop".
"""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import Coroutine

import numpy as np
from aiohttp import WSMsgType, web
from livekit import rtc
from livekit.rtc.participant import PublishDTMFError

from agent.config import Settings
from agent.g711 import RATE, Samples, linear, mu_law
from agent.servers.dispatch import Dispatch
from agent.servers.rooms import LiveKitRooms
from agent.servers.ticket import mint
from agent.telephony import twilio
from agent.telephony.key_presses import CODES
from agent.telephony.mixing import Mixing
from agent.telephony.playout import Playout

logger = logging.getLogger("parley.streams")
EVENTS = "parley.event"  # agent/room/feed.py's topic
FRAME_MS = 20
QUIET = 200  # of int16: softer than any voice on a telephone; such frames are left out where sound has piled up
BEHIND_MS, FAR_BEHIND_MS = 120.0, 1000.0
EARLY = 100  # frames of the caller's that are kept while the room is being joined: two seconds
HELD = 25  # frames of the agent's that may wait for the socket: half a second
JOIN_S = 6.0
ASK_AGAIN_S, UNSERVED_S = 6.0, 20.0  # without an agent in the room
LAST_WORDS_S = 3.0  # the most that the agent's last words may wait at the far end


class StreamLine:
    """One per call. `join` first, then `serve` each socket of it; `on_over` hears once that the call is over."""

    def __init__(self, settings: Settings, rooms: LiveKitRooms, expected: twilio.Expected, reconnect_s: float) -> None:
        self._settings = settings
        self._rooms = rooms
        self._expected = expected
        self._reconnect_s = reconnect_s
        self.room_name = f"call-{expected.call}"
        self._wanted = Dispatch(expected.profile, f"phone-{expected.call}")
        self._room = rtc.Room()
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=int(2 * FAR_BEHIND_MS))
        self._socket: web.WebSocketResponse | None = None
        self._stream = ""
        self._playout = Playout()
        self._mixing = Mixing()
        self._early: deque[Samples] | None = deque(maxlen=EARLY)
        self._last_chunk = 0
        self._agent_came = asyncio.Event()
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped = 0
        self.was_served = False

    @property
    def is_over(self) -> bool:
        """True once the call has ended, at whichever end."""
        return self._over.is_set()

    async def join(self) -> None:
        """Be the caller in the room. Raises OSError when LiveKit is away, or says no."""
        one = self._expected
        attributes = {
            "sip.callID": one.call,
            "sip.callStatus": "active",
            "sip.phoneNumber": one.caller,
            "sip.trunkPhoneNumber": one.called,
            "sip.twilio.callSid": one.call,
        }
        self._room.on("track_subscribed", self._on_track)
        self._room.on("disconnected", lambda _: self.end())
        self._room.register_text_stream_handler(EVENTS, lambda reader, _: self._spawn(self._read_event(reader)))
        try:
            async with asyncio.timeout(JOIN_S):
                token = mint(self._settings, self._wanted, self.room_name, attributes)
                await self._room.connect(self._settings.livekit_url, token)
                track = rtc.LocalAudioTrack.create_audio_track("telephone", self._source)
                options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
                await self._room.local_participant.publish_track(track, options)
        except (rtc.ConnectError, TimeoutError) as error:
            raise OSError(f"LiveKit does not let the caller in ({type(error).__name__})") from None
        early, self._early = self._early or (), None
        for samples in early:
            await self._hear(samples)
        self._spawn(self._see_that_an_agent_comes())

    async def serve(self, socket: web.WebSocketResponse, stream: str) -> None:
        """Carry sound both ways until this socket closes. The call goes on for `reconnect_s` without one."""
        previous, self._socket, self._stream = self._socket, socket, stream
        self._playout, self._last_chunk = Playout(), 0
        if previous is not None:
            await previous.close()
        closing = asyncio.create_task(self._close_when_over(socket), name="stream closes")
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    continue
                if (message := twilio.read(frame.data)) is not None:
                    await self._take(message)
                if isinstance(message, twilio.Stop):
                    self.end()
        finally:
            if self._socket is socket:
                self._socket = None
            if not self.is_over:
                closing.cancel()
                self._spawn(self._wait_for_another())
            await asyncio.gather(closing, return_exceptions=True)

    def end(self) -> None:
        """The call is over."""
        self._over.set()

    async def until_over(self) -> None:
        """Returns when the call has ended."""
        await self._over.wait()

    async def aclose(self) -> None:
        """Leave the room."""
        self.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._room.disconnect()
        await self._source.aclose()
        if self._dropped:
            logger.info("sound of a stream was left out", extra={"room": self.room_name, "count": self._dropped})

    async def _take(self, message: twilio.Message) -> None:
        match message:
            case twilio.Media(media=body) if body.chunk > self._last_chunk:  # none comes twice, none too late
                self._last_chunk = body.chunk
                if sound := message.sound:
                    await self._hear(linear(sound))
            case twilio.Dtmf(dtmf=key) if self._early is None:
                digit = key.digit.upper()
                with contextlib.suppress(PublishDTMFError):  # the room is gone: the call ends
                    await self._room.local_participant.publish_dtmf(code=CODES[digit], digit=digit)
            case twilio.Mark(mark=mark):
                self._playout.played(mark.name)

    async def _hear(self, samples: Samples) -> None:
        """The caller's sound, into the room; it never waits there for long."""
        if self._early is not None:
            self._early.append(samples)
            return
        queued_ms = 1000.0 * self._source.queued_duration
        if queued_ms > FAR_BEHIND_MS or (queued_ms > BEHIND_MS and _is_quiet(samples)):
            self._dropped += 1
            return
        await self._source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples)))

    def _on_track(self, track: rtc.Track, _: rtc.RemoteTrackPublication, who: rtc.RemoteParticipant) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            if who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
                self.was_served = True
                self._agent_came.set()
            self._spawn(self._speak(track))

    async def _speak(self, track: rtc.Track) -> None:
        """One voice of the room to the far end, at the pace at which it comes."""
        clock = asyncio.get_running_loop().time
        sound = rtc.AudioStream(track, capacity=HELD, sample_rate=RATE, num_channels=1, frame_size_ms=FRAME_MS)
        try:
            async for event in sound:
                mixed = self._mixing.add(track.sid, np.frombuffer(event.frame.data, np.int16), clock())
                if mixed is not None:
                    await self._send(mixed)
        finally:
            self._mixing.gone(track.sid)
            await sound.aclose()

    async def _send(self, samples: Samples) -> None:
        if _is_quiet(samples) and self._playout.queued_ms > BEHIND_MS:
            self._dropped += 1  # a pause is where what has piled up gets shorter
            await self._tell(self._mark(self._playout.mark()))
            return
        due = self._playout.sent(1000.0 * len(samples) / RATE)
        await self._tell(twilio.media(self._stream, mu_law(samples)), self._mark(due))

    def _mark(self, name: str) -> str:
        return twilio.mark(self._stream, name) if name else ""

    async def _tell(self, *lines: str) -> None:
        socket = self._socket
        if socket is None:
            self._playout.cleared()  # nobody plays it
            return
        with contextlib.suppress(ConnectionError):  # whoever reads the socket sees that it is closed
            for line in filter(None, lines):
                await socket.send_str(line)

    async def _read_event(self, reader: rtc.TextStreamReader) -> None:
        told: dict[str, object] = json.loads(await reader.read_all())
        if told.get("type") == "interrupted" and self._playout.queued_ms:
            self._playout.cleared()
            await self._tell(twilio.clear(self._stream))

    async def _see_that_an_agent_comes(self) -> None:
        """A full worker refuses, and the server does not ask again: we do. In the end the caller is told."""
        for _ in range(int(UNSERVED_S / ASK_AGAIN_S)):
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(self._came(), ASK_AGAIN_S)
            with contextlib.suppress(OSError):  # then it is asked once more
                await self._rooms.send(self.room_name, self._wanted)
        if not self._agent_came.is_set():
            logger.warning("no agent came", extra={"room": self.room_name})
            self.end()
        return None

    async def _came(self) -> None:
        await self._agent_came.wait()

    async def _wait_for_another(self) -> None:
        await asyncio.sleep(self._reconnect_s)
        if self._socket is None:
            self.end()

    async def _close_when_over(self, socket: web.WebSocketResponse) -> None:
        """The agent's last words are heard before the line closes."""
        await self._over.wait()
        await self._tell(self._mark(self._playout.mark()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while self._playout.queued_ms and not socket.closed:  # noqa: ASYNC110  # marks come in one by one
                    await asyncio.sleep(0.02)
        await socket.close()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_quiet(samples: Samples) -> bool:
    return not len(samples) or int(np.abs(samples.astype(np.int32)).max()) < QUIET
