"""A scripted agent for tests of the page: it is really in the room, with a voice, captions, a state and events.

It thinks nothing: a test tells it what to say and do.
"""

import asyncio
import json
import math
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livekit import api, rtc

RATE = 48_000
FRAME = RATE // 100
_served: set[str] = set()  # a browser that was killed haunts its room for a while: never join one twice


class StandIn:
    """An agent participant in the page's room. Times are seconds of the event loop's clock."""

    def __init__(self, room: rtc.Room, caller: str) -> None:
        self.room = room
        self.caller = caller
        self.chats: asyncio.Queue[str] = asyncio.Queue()
        self.keys = ""
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        self._segments = 0
        self._heard = 0  # the caller's segments that are final
        self._speech_until = 0.0
        self.lives = asyncio.Event()  # while it is not set, nothing is answered
        self.lives.set()
        self._hum: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Publish the voice, silent at first, and take `lk.chat`."""
        self.room.register_text_stream_handler("lk.chat", self._on_chat)
        self.room.on("sip_dtmf_received", self._on_key)
        self.room.local_participant.register_rpc_method("parley.here", self._here)
        track = rtc.LocalAudioTrack.create_audio_track("voice", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        await self.room.local_participant.publish_track(track, options)
        self._hum = asyncio.create_task(self._play(), name="stand-in's voice")
        await self.be("listening")

    async def _here(self, _: rtc.RpcInvocationData) -> str:
        await self.lives.wait()
        return "yes"

    async def aclose(self) -> None:
        """Leave the room."""
        if self._hum:
            self._hum.cancel()
            await asyncio.gather(self._hum, return_exceptions=True)
        await self.room.disconnect()
        await self._source.aclose()

    async def be(self, state: str) -> None:
        """Show the page a state, as livekit-agents does."""
        await self.room.local_participant.set_attributes({"lk.agent.state": state})

    async def hear(self, *guesses: str, pause_s: float = 0.05) -> None:
        """Send what the caller said: guesses, the last of them final."""
        for n, text in enumerate(guesses):
            await self.guess(text, is_final=n == len(guesses) - 1)
            await asyncio.sleep(pause_s)
        self._heard += 1

    async def guess(self, text: str, *, is_final: bool = False) -> None:
        """Send words that may never become final; like LiveKit's, their segment stays the same until some do."""
        await self._caption(self.caller, f"SG_c{self._heard}", text, is_final=is_final)

    async def say(self, text: str, *, seconds: float = 0.5) -> None:
        """Speak a tone for `seconds` while the words appear one by one."""
        self._segments += 1
        attributes = {"lk.segment_id": f"SG_a{self._segments}", "lk.transcription_final": "false"}
        await self.be("speaking")
        self._speech_until = asyncio.get_running_loop().time() + seconds
        writer = await self.room.local_participant.stream_text(
            topic="lk.transcription", sender_identity=self.room.local_participant.identity, attributes=attributes
        )
        words = text.split(" ")
        for n, word in enumerate(words):
            await writer.write(word if n == 0 else f" {word}")
            await asyncio.sleep(seconds / len(words))
        await writer.aclose(attributes={"lk.transcription_final": "true"})
        await self.be("listening")

    async def tell(self, kind: str, **fields: object) -> None:
        """Send an event of the call, as agent/room/feed.py does."""
        await self.room.local_participant.send_text(json.dumps({"type": kind, **fields}), topic="parley.event")

    async def _caption(self, who: str, segment: str, text: str, *, is_final: bool) -> None:
        attributes = {"lk.segment_id": segment, "lk.transcription_final": str(is_final).lower()}
        writer = await self.room.local_participant.stream_text(
            topic="lk.transcription", sender_identity=who, attributes=attributes
        )
        await writer.write(text)
        await writer.aclose()

    def _on_key(self, key: rtc.SipDTMF) -> None:
        self.keys += key.digit

    def _on_chat(self, reader: rtc.TextStreamReader, _: str) -> None:
        loop = asyncio.get_running_loop()
        self._reading = loop.create_task(self._read_chat(reader, self._reading), name="stand-in reads")

    async def _read_chat(self, reader: rtc.TextStreamReader, earlier: "asyncio.Task[None] | None") -> None:
        """In the order in which they were begun, whichever is read first."""
        text = await reader.read_all()
        if earlier:
            await earlier
        self.chats.put_nowait(text)

    async def _play(self) -> None:
        n = 0
        while True:
            is_loud = asyncio.get_running_loop().time() < self._speech_until
            level = 9000 if is_loud else 0
            samples = array("h", (int(level * math.sin(2 * math.pi * 440 * (n + i) / RATE)) for i in range(FRAME)))
            n += FRAME
            await self._source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, FRAME))


async def caller_in(url: str, key: str, secret: str, timeout_s: float = 20.0) -> tuple[str, str]:
    """Wait for the page's room, `call-...`, and its caller; gives both names."""
    async with api.LiveKitAPI(url.replace("ws", "http", 1), key, secret) as server, asyncio.timeout(timeout_s):
        while True:
            for room in (await server.room.list_rooms(api.ListRoomsRequest())).rooms:
                if not room.name.startswith("call-") or room.name in _served:
                    continue
                people = await server.room.list_participants(api.ListParticipantsRequest(room=room.name))
                for person in people.participants:
                    if person.identity.startswith("caller-"):
                        _served.add(room.name)
                        return room.name, person.identity
            await asyncio.sleep(0.1)


@asynccontextmanager
async def stand_in(url: str, key: str, secret: str, *, late_s: float = 0.0) -> AsyncIterator[StandIn]:
    """A stand-in in the one room that a page has opened; it comes `late_s` after the caller."""
    name, caller = await caller_in(url, key, secret)
    await asyncio.sleep(late_s)
    grants = api.VideoGrants(room_join=True, room=name, can_update_own_metadata=True)
    token = api.AccessToken(key, secret).with_identity("stand-in").with_kind("agent").with_grants(grants)
    room = rtc.Room()
    await room.connect(url, token.to_jwt())
    agent = StandIn(room, caller)
    await agent.start()
    try:
        yield agent
    finally:
        await agent.aclose()
