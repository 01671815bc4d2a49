"""ElevenLabs: /v1/text-to-speech/VOICE/multi-stream-input, and /stream for whole texts."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.rig.service import Service, paced


class ElevenLabs(Service):
    """Contexts of one WebSocket gather text until they are told to flush."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Both."""
        router.add_get("/v1/text-to-speech/{voice}/multi-stream-input", self._stream)
        router.add_post("/v1/text-to-speech/{voice}/stream", self._whole)

    @property
    def url(self) -> str:
        """The plugin's base_url."""
        return f"{self.address}/v1"

    def key_of(self, request: web.Request) -> str:
        """In a header of its own."""
        return request.headers.get("xi-api-key", "")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if refused := self.note(request, dict(request.query)):
            return refused
        socket, texts = await self.socket(request), dict[str, str]()
        rate = _rate(request)
        async for message in socket:
            said = json.loads(message.data)
            self.note(request, said)
            context = str(said["context_id"])
            texts[context] = texts.get(context, "") + said.get("text", "")
            if texts[context].strip() and (said.get("flush") or said.get("close_context")):
                await self._say(socket, context, texts.pop(context), rate)
            if said.get("close_context"):
                await self.tell(socket, {"contextId": context, "isFinal": True})
        return socket

    async def _say(self, socket: web.WebSocketResponse, context: str, text: str, rate: int) -> None:
        pieces = await self.spoken(text, rate)
        alignment: Mapping[str, Any] | None = _alignment(text, 1000 * sum(map(len, pieces)) / 2 / rate)
        for piece in pieces:
            audio = {"audio": base64.b64encode(piece).decode(), "contextId": context}
            times = {"alignment": alignment, "normalizedAlignment": alignment} if alignment else {}
            await self.tell(socket, {**audio, **times})
            alignment = None  # the times of all of it come with its first sound
            await paced(0.002)

    async def _whole(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self.note(request, body):
            return refused
        return web.Response(body=b"".join(await self.spoken(body["text"], _rate(request))), content_type="audio/pcm")


def _rate(request: web.Request) -> int:
    return int(request.query["output_format"].rpartition("_")[2])


def _alignment(text: str, length_ms: float) -> Mapping[str, Any]:
    step = length_ms / max(1, len(text))
    return {
        "chars": list(text),
        "charStartTimesMs": [int(step * place) for place in range(len(text))],
        "charDurationsMs": [int(step)] * len(text),
    }
