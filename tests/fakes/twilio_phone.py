"""A caller at Twilio: posts its signed webhooks, follows its TwiML and speaks Media Streams, with a telephone's ear
that plays what is queued at its own pace, answers marks when they are reached and throws all away at `clear`.
"""

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from uuid import uuid4
from xml.etree import ElementTree as ET

import aiohttp
import numpy as np

from agent.g711 import RATE, Samples, linear, mu_law
from agent.telephony.twilio import signature

FRAME = 160  # 20 ms
SILENCE = b"\xff" * FRAME
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


@dataclass(slots=True)
class TwilioPhone:
    """One call. `base` is where the server listens, `public` how Twilio's console knows it; `late_s` is how long the
    far end lets sound pile up before it begins to play, as behind a bad network."""

    base: str
    public: str
    token: str
    number: str = "+15185550142"
    called: str = "+15185550100"
    late_s: float = 0.0
    call: str = field(default_factory=lambda: f"CA{uuid4().hex}")
    stream: str = field(default_factory=lambda: f"MZ{uuid4().hex}")
    heard: list[Samples] = field(default_factory=list)  # 20 ms each, from `began` on
    cleared_at: list[float] = field(default_factory=list)
    is_closed: asyncio.Event = field(default_factory=asyncio.Event)
    began: float = 0.0
    _to_say: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _queued: list[bytes | str] = field(default_factory=list)  # frames, and names of marks between them
    _http: aiohttp.ClientSession | None = None
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _chunk: int = 0

    async def post(self, path: str, **fields: str) -> tuple[int, str]:
        """One of Twilio's requests: its status, and the answer."""
        form = {"CallSid": self.call, "From": self.number, "To": self.called, **fields}
        signed = signature(self.token, f"{self.public}{path}", {name: [one] for name, one in form.items()})
        async with aiohttp.ClientSession() as http:
            headers = {"X-Twilio-Signature": signed}
            async with http.post(f"{self.base}{path}", data=form, headers=headers) as response:
                return response.status, await response.text()

    @contextlib.asynccontextmanager
    async def calling(self, path: str = "/voice") -> AsyncIterator["TwilioPhone"]:
        """Ring, follow the TwiML and talk, for as long as the block runs."""
        _, twiml = await self.post(path, CallStatus="ringing")
        await self.follow(twiml)
        try:
            yield self
        finally:
            await self.drop()

    async def follow(self, twiml: str) -> None:
        """Open the stream that the TwiML names."""
        stream = ET.fromstring(twiml).find("Connect/Stream")  # noqa: S314  # our own server wrote it
        assert stream is not None, twiml
        parameters = {one.attrib["name"]: one.attrib["value"] for one in stream.findall("Parameter")}
        url = stream.attrib["url"].replace(self.public.replace("http", "ws", 1), self.base.replace("http", "ws", 1))
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(url)
        self.is_closed.clear()
        self.began = self.began or time.monotonic()
        await self.tell({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {"streamSid": self.stream, "callSid": self.call, "customParameters": parameters, "mediaFormat": FORMAT}
        await self.tell({"event": "start", "sequenceNumber": "1", "streamSid": self.stream, "start": start})
        works: tuple[Coroutine[None, None, None], ...] = (self._listen(), self._speak(), self._play())
        self._tasks = [asyncio.create_task(work) for work in works]

    async def tell(self, message: dict[str, object]) -> None:
        """One message of Twilio's, or of somebody who is not."""
        assert self._socket is not None
        await self._socket.send_str(json.dumps(message))

    async def tell_text(self, text: str) -> None:
        """Any text at all."""
        assert self._socket is not None
        await self._socket.send_str(text)

    async def say(self, samples: Samples) -> None:
        """Speak int16 at 8 kHz; returns when the last of it was sent."""
        sound = mu_law(np.pad(samples, (0, -len(samples) % FRAME)))
        for at in range(0, len(sound), FRAME):
            self._to_say.put_nowait(sound[at : at + FRAME])
        while not self._to_say.empty():  # noqa: ASYNC110  # the speaking task empties it
            await asyncio.sleep(0.02)

    async def press(self, digit: str) -> None:
        """One key."""
        key = {"track": "inbound_track", "digit": digit}
        await self.tell({"event": "dtmf", "streamSid": self.stream, "dtmf": key})

    async def hang_up(self) -> None:
        """As Twilio does when the caller hangs up."""
        await self.tell({"event": "stop", "streamSid": self.stream, "stop": {"callSid": self.call}})
        await self.drop()

    async def drop(self) -> None:
        """The socket is gone without a word."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None and self._http is not None:
            await self._socket.close()
            await self._http.close()
        self._socket = self._http = None

    def sound(self, since_s: float = 0.0) -> Samples:
        """What was heard from that second of the call on, 8 kHz."""
        return np.concatenate([np.zeros(0, np.int16), *self.heard[int(since_s / 0.02) :]])

    @property
    def now(self) -> float:
        """Seconds of the call that have been heard."""
        return len(self.heard) * FRAME / RATE

    def loud_s(self, since_s: float, until_s: float = float("inf")) -> float:
        """For how many seconds, of those between, something was heard."""
        frames = self.heard[int(since_s / 0.02) : None if until_s == float("inf") else int(until_s / 0.02)]
        return sum(0.02 for frame in frames if np.abs(frame.astype(np.int32)).max() > 500)

    async def until(self, condition: Callable[["TwilioPhone"], object], timeout_s: float, what: str) -> None:
        """Wait until the condition holds."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition(self):  # noqa: ASYNC110  # any condition over what was heard
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise TimeoutError(f"{what} did not happen in {timeout_s:g} s; heard {self.now:.1f} s") from None

    async def _listen(self) -> None:
        assert self._socket is not None
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            told = json.loads(frame.data)
            assert told["streamSid"] == self.stream
            match told["event"]:
                case "media":
                    sound = base64.b64decode(told["media"]["payload"], validate=True)
                    self._queued += [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
                case "mark":
                    self._queued.append(told["mark"]["name"])
                    await self._pass_marks()
                case "clear":
                    self.cleared_at.append(self.now)
                    marks, self._queued = [one for one in self._queued if isinstance(one, str)], []
                    for name in marks:
                        await self._return(name)
        self.is_closed.set()

    async def _speak(self) -> None:
        due = time.monotonic()
        while True:
            sound = SILENCE if self._to_say.empty() else self._to_say.get_nowait()
            self._chunk += 1
            media = {
                "track": "inbound",
                "chunk": str(self._chunk),
                "timestamp": str(20 * self._chunk),
                "payload": base64.b64encode(sound).decode(),
            }
            await self.tell({"event": "media", "streamSid": self.stream, "media": media})
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _play(self) -> None:
        """20 ms at a time, by the clock; silence where nothing is queued."""
        due, waits_s = time.monotonic(), self.late_s
        while True:
            is_playing = waits_s <= 0.0 and any(isinstance(one, bytes) for one in self._queued)
            waits_s -= 0.02 if self._queued else 0.0
            sound = self._queued.pop(0) if is_playing else SILENCE
            assert isinstance(sound, bytes)
            self.heard.append(linear(sound))
            await self._pass_marks()
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _pass_marks(self) -> None:
        while self._queued and isinstance(self._queued[0], str):
            await self._return(self._queued.pop(0))

    async def _return(self, name: bytes | str) -> None:
        with contextlib.suppress(ConnectionError):
            await self.tell({"event": "mark", "streamSid": self.stream, "mark": {"name": str(name)}})
