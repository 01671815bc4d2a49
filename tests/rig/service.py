"""Service: one vendor of the rig, its routes behind a gate, and what all vendors' services share."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, web

from tests.fakes.loopback import listening
from tests.rig.content import Content, Heard, Mind, Wish
from tests.rig.faults import RETRY_AFTER_S, STATUS, Chances, Fault, Switch
from tests.rig.gate import Gate, opened
from tests.rig.untrusted import untrusted

STALLS_S = 60.0  # longer than anybody waits
PIECE_S = 0.1  # sound is sent in pieces of so much


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its path, the key that came with it, and its body or query."""

    path: str
    key: str
    body: Mapping[str, Any]


@web.middleware
async def _hung_up(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Whoever has been beaten by a rival hangs up in the middle of an answer: no error of the service's."""
    try:
        return await handler(request)
    except ConnectionResetError:
        return web.Response(status=499)


@dataclass(slots=True)
class Service:
    """A subclass has the routes of its vendor. `asked` is all that came."""

    content: Content
    mind: Mind
    switch: Switch = field(default_factory=Switch)
    chances: Chances | None = None
    asked: list[Asked] = field(default_factory=list)
    gate: Gate | None = None
    _untrusted_port: int = 0
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The vendor's."""
        raise NotImplementedError

    def key_of(self, request: web.Request) -> str:
        """As the vendor's clients send it."""
        return request.headers.get("Authorization", "").partition(" ")[2]

    def error(self, status: int) -> Mapping[str, Any]:
        """The body of a refusal, in the vendor's form."""
        return {"error": {"message": f"status {status}", "type": "error", "code": str(status)}}

    @property
    def address(self) -> str:
        """`http://host:port`, as its faults want it."""
        assert self.gate
        if self.switch.fault is Fault.UNRESOLVED:
            return f"http://nowhere.invalid:{self.gate.port}"
        if self.switch.fault is Fault.CERTIFICATE:
            return f"https://127.0.0.1:{self._untrusted_port}"
        return f"http://127.0.0.1:{self.gate.port}"

    async def start(self, stack: AsyncExitStack) -> None:
        """Listen until the stack is closed."""
        app = web.Application(middlewares=[_hung_up])
        self.add_routes(app.router)
        behind = await stack.enter_async_context(listening(app))
        self.gate = await stack.enter_async_context(opened(int(behind.rpartition(":")[2]), self.switch))
        self._untrusted_port = await stack.enter_async_context(untrusted())

    async def fail(self, fault: Fault | None, *, after: int = 0, late_s: float = 3.0) -> None:
        """Have this fault from now on, or none. Who is connected is told so by a vendor that refuses."""
        assert self.gate
        await self.gate.set(fault, after=after, late_s=late_s)
        if fault in STATUS:
            for socket in tuple(self._sockets):
                await socket.close(code=WSCloseCode.INTERNAL_ERROR)

    def note(self, request: web.Request, body: Mapping[str, Any]) -> web.Response | None:
        """Remember what was asked; a response when the answer is a refusal."""
        self.asked.append(Asked(request.path, self.key_of(request), body))
        drawn = self.chances.draw() if self.chances else None
        if drawn is Fault.STALLED:
            request["stops_at"] = self.chances.stops_at() if self.chances else 0
        fault = self.switch.fault or drawn
        if fault not in STATUS:
            return None
        self.switch.met += 1
        headers = {"Retry-After": str(RETRY_AFTER_S)} if fault is Fault.LIMITED_FOR else {}
        return web.json_response(self.error(STATUS[fault]), status=STATUS[fault], headers=headers)

    async def piece(self, request: web.Request, place: int) -> None:
        """Before each piece of an answer: one that stalls never gets beyond where it stops."""
        if place == request.get("stops_at"):
            await asyncio.sleep(STALLS_S)

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """A WebSocket with who asks."""
        found = web.WebSocketResponse()
        await found.prepare(request)
        self._sockets.add(found)
        return found

    async def tell(self, socket: web.WebSocketResponse, message: Mapping[str, Any]) -> None:
        """One message of JSON, or what is left of it."""
        if not socket.closed:
            await socket.send_str(self.written(message))

    def written(self, message: Mapping[str, Any]) -> str:
        """JSON, unless it is garbage or cut today."""
        text = json.dumps(message)
        if self.switch.meets(Fault.GARBAGE):
            return "\x00\x17 not json \x7f"
        return text[: len(text) // 2] if self.switch.meets(Fault.CUT) else text

    async def think(self, heard: Heard) -> str | Wish:
        """What the mind makes of it."""
        answer = self.mind(heard)
        return await answer if isinstance(answer, Awaitable) else answer

    async def spoken(self, text: str, rate: int) -> list[bytes]:
        """The sound of a text in pieces; at another rate than was asked for, or noise, when that is the fault."""
        sound = await self.content.speak(text.strip(), self._rate(rate))
        step = 2 * int(PIECE_S * rate)
        return [sound[start : start + step] for start in range(0, len(sound), step)]

    async def speaking(self, text: str, rate: int) -> AsyncIterator[bytes]:
        """The same pieces, each as soon as it is made."""
        step, rest = 2 * int(PIECE_S * rate), b""
        async for part in self.content.stream(text.strip(), self._rate(rate)):
            rest += part
            while len(rest) >= step:
                yield rest[:step]
                rest = rest[step:]
        if rest:
            yield rest

    def _rate(self, wanted: int) -> int:
        return wanted * 2 // 3 if self.switch.meets(Fault.WRONG_RATE) else wanted


async def paced(seconds: float = 0.01) -> None:
    """What lets an answer come in pieces."""
    await asyncio.sleep(seconds)
