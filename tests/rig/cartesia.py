"""Cartesia: /tts/websocket and /tts/bytes (Sonic), /stt/turns/websocket (Ink)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from tests.rig.ear import Ear, Sign
from tests.rig.service import Service, paced

EAGER_S, END_S = 0.3, 0.8


class Cartesia(Service):
    """A context of Sonic's gathers text, and speaks what is whole; Ink finds turns by the level."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The three."""
        router.add_get("/tts/websocket", self._sonic)
        router.add_post("/tts/bytes", self._bytes)
        router.add_get("/stt/turns/websocket", self._ink)

    @property
    def url(self) -> str:
        """The plugin's base_url."""
        return self.address

    def key_of(self, request: web.Request) -> str:
        """In a header of its own."""
        return request.headers.get("X-API-Key", "")

    async def _sonic(self, request: web.Request) -> web.StreamResponse:
        if refused := self.note(request, dict(request.query)):
            return refused
        socket, at_s = await self.socket(request), dict[str, float]()
        async for message in socket:
            said = json.loads(message.data)
            self.note(request, said)
            context, text = str(said["context_id"]), str(said["transcript"])
            if text.strip():
                at_s[context] = await self._say(socket, said, at_s.get(context, 0.0))
            if not said.get("continue"):
                await self.tell(socket, {"type": "done", "done": True, "status_code": 200, "context_id": context})
        return socket

    async def _say(self, socket: web.WebSocketResponse, said: Mapping[str, Any], at_s: float) -> float:
        """A sentence; returns where in its context it ends."""
        rate, context, words = int(said["output_format"]["sample_rate"]), said["context_id"], said["transcript"].split()
        pieces = await self.spoken(said["transcript"], rate)
        length_s = sum(map(len, pieces)) / 2 / rate
        starts = [at_s + length_s * place / len(words) for place in range(len(words))]
        head = {"done": False, "status_code": 206, "context_id": context}
        if said.get("add_timestamps"):
            times = {"words": words, "start": starts, "end": [*starts[1:], at_s + length_s]}
            await self.tell(socket, {"type": "timestamps", **head, "word_timestamps": times})
        for piece in pieces:
            data = base64.b64encode(piece).decode()
            await self.tell(socket, {"type": "chunk", **head, "step_time": 1.0, "data": data})
            await paced(0.002)
        return at_s + length_s

    async def _bytes(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self.note(request, body):
            return refused
        pieces = await self.spoken(body["transcript"], int(body["output_format"]["sample_rate"]))
        return web.Response(body=b"".join(pieces), content_type="audio/pcm")

    async def _ink(self, request: web.Request) -> web.StreamResponse:
        if refused := self.note(request, dict(request.query)):
            return refused
        socket, ear, text = await self.socket(request), Ear(int(request.query["sample_rate"]), EAGER_S, END_S), ""
        await self.tell(socket, {"type": "connected", "request_id": "rig"})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                break  # close is all that a client writes
            for sign in ear.hear(message.data):
                if sign in {Sign.GOES_ON, Sign.PAUSED}:
                    text = await self.content.hear(ear.sound, ear.rate)
                await self.tell(socket, {"type": TURNS[sign], "request_id": "rig", "transcript": text})
                text = "" if sign is Sign.ENDED else text
        await socket.close()
        return socket


TURNS = {
    Sign.BEGAN: "turn.start",
    Sign.GOES_ON: "turn.update",
    Sign.PAUSED: "turn.eager_end",
    Sign.RESUMED: "turn.resume",
    Sign.ENDED: "turn.end",
}
