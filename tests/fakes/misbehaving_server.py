"""A large model that misbehaves on command: an OpenAI-compatible endpoint whose chat does what the caller's words name.

The words choose a Behaviour; it writes bytes of the real protocol, or none. Speech is a tone as long as its text.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn  # Any: JSON of requests, of any shape

from aiohttp import web

from tests.fakes.openai_server import OpenAIServer, tone_wav

LETTER_S = 0.065  # how long the voice takes for a letter
FOR_EVER_S = 20.0  # longer than any caller of a test waits


@dataclass(slots=True)
class Answering:
    """One request and its answer as it is written. `number` counts the requests of one turn from 0, `turn` the caller's
    turns."""

    request: web.Request
    body: dict[str, Any]
    number: int
    turn: int
    _response: web.StreamResponse | None = None

    @property
    def may_call(self) -> bool:
        """False when the request forbids tools."""
        return self.body.get("tool_choice") != "none" and "tools" in self.body

    async def raw(self, data: bytes) -> None:
        """These bytes, behind the headers of a stream."""
        if self._response is None:
            self._response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await self._response.prepare(self.request)
        await self._response.write(data)

    async def delta(self, finish: str | None = None, **delta: Any) -> None:
        """One chunk."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        await self.event({"choices": [choice]})

    async def event(self, fields: Mapping[str, Any]) -> None:
        """One event with these fields of a chunk."""
        chunk = {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "fake", **fields}
        await self.raw(f"data: {json.dumps(chunk)}\n\n".encode())

    async def text(self, text: str, size: int = 4) -> None:
        """Text in pieces of so many characters."""
        for start in range(0, len(text), size):
            await self.delta(content=text[start : start + size])

    async def calls(self, *calls: tuple[str, str], ids: Iterable[str | None] = ()) -> None:
        """Calls of tools with their arguments, in one chunk; ids of their own, or these."""
        given = list(ids) or [f"c{self.turn}-{self.number}-{place}" for place in range(len(calls))]
        found = [
            {"index": place, "type": "function", "function": {"name": name, "arguments": arguments}}
            | ({} if one is None else {"id": one})
            for place, ((name, arguments), one) in enumerate(zip(calls, given, strict=True))
        ]
        await self.delta(tool_calls=found)

    async def end(self, finish: str = "stop") -> None:
        """As a model ends that behaves."""
        await self.delta(finish)
        await self.raw(b"data: [DONE]\n\n")

    async def hang(self, seconds: float = FOR_EVER_S) -> None:
        """Nothing for so long."""
        await asyncio.sleep(seconds)

    async def broken_off(self) -> None:
        """The connection is cut."""
        if self.request.transport:
            self.request.transport.close()

    def refused(self, status: int, **headers: str) -> NoReturn:
        """An error instead of an answer. Raises it."""
        raise _Refused(web.json_response({"error": {"message": "no"}}, status=status, headers=headers))

    @property
    def response(self) -> web.StreamResponse:
        """What was written."""
        return self._response or web.Response()


class _Refused(Exception):
    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self.response = response


Behaviour = Callable[[Answering], Awaitable[None]]


@dataclass(slots=True)
class MisbehavingServer(OpenAIServer):
    """`behaviours` by the words that ask for them."""

    behaviours: Mapping[str, Behaviour] = field(default_factory=dict)
    _asked_for: Counter[tuple[str, int]] = field(default_factory=Counter)

    def forget(self, words: str) -> None:
        """Another call begins with these words."""
        for key in [key for key in self._asked_for if key[0] == words]:
            del self._asked_for[key]

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        said = [str(m["content"]) for m in body["messages"] if m["role"] == "user"]
        words, turn = said[-1], len(said)
        number = self._asked_for[words, turn]
        self._asked_for[words, turn] += 1
        answering = Answering(request, body, number, turn)
        with contextlib.suppress(ConnectionError):  # who asked has gone
            try:
                await self.behaviours[words](answering)
            except _Refused as refused:
                return refused.response
        return answering.response

    async def _speech(self, request: web.Request) -> web.Response:
        body = await request.json()
        return web.Response(body=tone_wav(len(body["input"]) * LETTER_S), content_type="audio/wav")
