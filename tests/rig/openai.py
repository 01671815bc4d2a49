"""OpenAI: chat completions over SSE with tools, transcription, speech, and all at once in real time."""

import io
import wave
from collections.abc import AsyncIterator, Mapping
from typing import Any

import numpy as np
from aiohttp import web

from tests.rig.content import Heard, Wish
from tests.rig.realtime import Realtime
from tests.rig.service import Service, paced

RATE = 24_000


class OpenAI(Service):
    """The four routes. `realtime` is what the last of them was told."""

    realtime: Realtime

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Below /v1."""
        router.add_post("/v1/chat/completions", self._chat)
        router.add_post("/v1/audio/speech", self._speech)
        router.add_post("/v1/audio/transcriptions", self._transcription)
        self.realtime = Realtime(self)
        router.add_get("/v1/realtime", self.realtime.socket)

    @property
    def url(self) -> str:
        """The plugin's base_url."""
        return f"{self.address}/v1"

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self.note(request, body):
            return refused
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        place = 0
        async for chunk in _chunks(await self.think(_heard(body)), str(body["model"])):
            await self.piece(request, place)
            place += 1
            await response.write(f"data: {self.written(chunk)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self.note(request, body):
            return refused
        pieces = await self.spoken(str(body["input"]), RATE)
        sound = b"".join(pieces)
        is_wav = body.get("response_format") != "pcm"
        response = web.StreamResponse(headers={"Content-Type": "audio/wav" if is_wav else "audio/pcm"})
        await response.prepare(request)
        for start in range(0, len(sound := _wav(sound) if is_wav else sound), 4800):
            await response.write(sound[start : start + 4800])
        return response

    async def _transcription(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if refused := self.note(request, {name: value for name, value in form.items() if isinstance(value, str)}):
            return refused
        file = form["file"]
        assert isinstance(file, web.FileField)
        text = await self.content.hear(*_samples(file.file.read()))
        return web.Response(text=self.written({"text": text}), content_type="application/json")


def _heard(body: Mapping[str, Any]) -> Heard:
    said = [(str(message["role"]), _text(message.get("content"))) for message in body["messages"]]
    return Heard(said, [tool["function"]["name"] for tool in body.get("tools", ())])


def _text(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content)
    return str(content or "")


async def _chunks(answer: str | Wish, model: str) -> AsyncIterator[Mapping[str, Any]]:
    if isinstance(answer, Wish):
        function = {"name": answer.tool, "arguments": answer.arguments}
        deltas = [
            {
                "role": "assistant",
                "tool_calls": [{"index": 0, "id": "call-1", "type": "function", "function": function}],
            }
        ]
    else:
        deltas = [{"role": "assistant", "content": f"{word} "} for word in answer.split()]
    reason = "tool_calls" if isinstance(answer, Wish) else "stop"
    head = {"id": "chat-rig", "object": "chat.completion.chunk", "created": 1, "model": model}
    for delta in deltas:
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        await paced(0.005)
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    usage = {"prompt_tokens": 100, "completion_tokens": len(deltas), "total_tokens": 100 + len(deltas)}
    yield {**head, "choices": [], "usage": usage}


def _wav(sound: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(sound)
    return out.getvalue()


def _samples(file: bytes) -> tuple[bytes, int]:
    """The first channel's PCM16, and its rate."""
    with wave.open(io.BytesIO(file)) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), np.int16)
        return samples[:: wav.getnchannels()].tobytes(), wav.getframerate()
