"""An OpenAI-compatible endpoint on loopback: chat, speech and transcription over real HTTP, with answers known before.

It speaks as much of the protocol as LiveKit's plugins use. What it was asked is kept, so that a test can look.
"""

import io
import json
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any  # JSON of requests: any shape

import numpy as np
from aiohttp import web

from tests.fakes.loopback import listening

RATE = 24_000


@dataclass(slots=True)
class OpenAIServer:
    """Where it listens (`base_url`), what it will say, and what it was asked: (path, key, body)."""

    reply: str = "Hello from the endpoint."
    transcript: str = "Where is my order?"
    status: int = 200
    base_url: str = ""
    calls_tool: Callable[[str], tuple[str, str]] | None = None  # the caller's words to a tool and its arguments
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def application(self) -> web.Application:
        """The three routes."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/audio/speech", self._speech)
        app.router.add_post("/v1/audio/transcriptions", self._transcription)
        return app

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self._note(request, body)
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for delta in self._deltas(body):
            await response.write(f"data: {json.dumps(_chunk(delta))}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    def _deltas(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The reply word by word, or a tool call when the caller has just spoken."""
        last = body["messages"][-1]
        if self.calls_tool is None or last["role"] != "user":
            return [{"role": "assistant", "content": f"{word} "} for word in self.reply.split()] + [{}]
        name, arguments = self.calls_tool(str(last["content"]))
        call = {"index": 0, "id": "call-1", "type": "function", "function": {"name": name, "arguments": arguments}}
        return [{"role": "assistant", "tool_calls": [call]}, {}]

    async def _speech(self, request: web.Request) -> web.Response:
        self._note(request, await request.json())
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status)
        return web.Response(body=tone_wav(0.5), content_type="audio/wav")

    async def _transcription(self, request: web.Request) -> web.Response:
        form = await request.post()
        self._note(request, {name: value for name, value in form.items() if isinstance(value, str)})
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status)
        return web.json_response({"text": self.transcript})

    def _note(self, request: web.Request, body: dict[str, Any]) -> None:
        self.asked.append((request.path, request.headers.get("Authorization", ""), body))


def _chunk(delta: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
    return {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}


def tone_wav(seconds: float) -> bytes:
    """A tone that any decoder takes."""
    tone = (np.sin(np.arange(int(seconds * RATE)) * 2 * np.pi * 440 / RATE) * 8000).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(tone.tobytes())
    return out.getvalue()


@asynccontextmanager
async def serving(server: OpenAIServer) -> AsyncIterator[OpenAIServer]:
    """Listen on a free port of loopback while the block runs."""
    async with listening(server.application()) as address:
        server.base_url = f"http://{address}/v1"
        yield server
