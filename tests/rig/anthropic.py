"""Anthropic: /v1/messages over SSE with tools."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web

from tests.rig.content import Heard, Wish
from tests.rig.service import Service, paced


class Anthropic(Service):
    """The one route."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Below /v1."""
        router.add_post("/v1/messages", self._messages)

    @property
    def url(self) -> str:
        """The plugin's base_url."""
        return self.address

    def key_of(self, request: web.Request) -> str:
        """In a header of its own."""
        return request.headers.get("x-api-key", "")

    def error(self, status: int) -> Mapping[str, Any]:
        """Its form."""
        return {"type": "error", "error": {"type": "api_error", "message": f"status {status}"}}

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self.note(request, body):
            return refused
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        async for event in _events(await self.think(_heard(body)), str(body["model"])):
            await response.write(f"event: {event['type']}\ndata: {self.written(event)}\n\n".encode())
        return response


def _heard(body: Mapping[str, Any]) -> Heard:
    said: list[tuple[str, str]] = []
    for message in body["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if block["type"] == "text":
                said.append((message["role"], block["text"]))
            elif block["type"] == "tool_result":
                said.append(("tool", _text(block.get("content"))))
    while said and said[-1][0] == "user" and not said[-1][1].strip(". "):
        said.pop()  # what the plugin puts behind a conversation that the assistant had ended
    return Heard(said, [tool["name"] for tool in body.get("tools", ())])


def _text(content: Any) -> str:
    return " ".join(part.get("text", "") for part in content) if isinstance(content, list) else str(content or "")


async def _events(answer: str | Wish, model: str) -> AsyncIterator[Mapping[str, Any]]:
    usage = {"input_tokens": 100, "output_tokens": 1}
    message = {"id": "msg_rig", "type": "message", "role": "assistant", "model": model, "content": [], "usage": usage}
    yield {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}}
    is_wish = isinstance(answer, Wish)
    if isinstance(answer, Wish):
        block: Mapping[str, Any] = {"type": "tool_use", "id": "toolu_rig", "name": answer.tool, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": answer.arguments}]
    else:
        block = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": f"{word} "} for word in answer.split()]
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
        await paced(0.005)
    yield {"type": "content_block_stop", "index": 0}
    reason = {"stop_reason": "tool_use" if is_wish else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": reason, "usage": {"output_tokens": len(deltas)}}
    yield {"type": "message_stop"}
