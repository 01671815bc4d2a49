"""RoutedLLM: a large model that is not asked what the router knows for sure. The router's tool is called as if the
model had asked for it, and its sentence is said as it is. What is sure is understanding/routing.py's to say."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import Any

from livekit.agents import llm
from livekit.agents.utils import shortuuid

from agent.errors import VoiceAgentError
from agent.intent import HAND_OVER
from agent.providers.wrapped_llm import Ask, WrappedLLM, WrappedStream, question
from agent.thinking.local_llm import tool_calls
from agent.understanding.routing import Asked, Route, Router

MARK = "routed_"  # begins the id of a call that the router asked for
WAIT_S = 0.3  # for the turn's vector; a model that embeds and is busier than that costs more than it saves

OnRoute = Callable[[Route | None], None]  # None: nobody could tell in time


class RoutedLLM(WrappedLLM):
    """A turn that the router does not act on goes to the wrapped LLM as it came, and so does an error of the router's
    tool: a model words better what to try next."""

    def __init__(self, inner: llm.LLM[Any], router: Router, clock: Callable[[], datetime], on_route: OnRoute) -> None:
        super().__init__(inner)
        self.router = router
        self._clock = clock
        self._on_route = on_route

    def stream(self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], ask: Ask) -> llm.LLMStream:
        """The router's tool calls, what they answered, or the wrapped LLM's own stream."""
        if said := _answers(chat_ctx):
            return WrappedStream(_say(said), chat_ctx, tools)
        text, prompt = question(chat_ctx)
        if not text or not tools or not self.router.is_ready:
            return ask()
        asked = Asked(text, prompt, [tool.id for tool in tools], self._clock())
        return WrappedStream(self._answer(asked, ask), chat_ctx, tools)

    async def _answer(self, asked: Asked, ask: Ask) -> AsyncGenerator[llm.ChatChunk, None]:
        route = await self._route(asked)
        self._on_route(route)
        if route is not None and route.requests:
            calls = tool_calls(route.requests, MARK)
            yield llm.ChatChunk(id=shortuuid(MARK), delta=llm.ChoiceDelta(role="assistant", tool_calls=calls))
            return
        async with ask() as stream:
            async for chunk in stream:
                yield chunk

    async def _route(self, asked: Asked) -> Route | None:
        """None when the vector did not come in time: then the LLM is asked as if there were no router."""
        try:
            async with asyncio.timeout(WAIT_S):
                return await self.router.route(asked)
        except (VoiceAgentError, TimeoutError):
            return None


def _answers(chat_ctx: llm.ChatContext) -> str:
    """What the router's tools have just answered, when that is all there is to say; else ""."""
    found: list[llm.FunctionCallOutput] = []
    items: Sequence[llm.ChatItem] = [i for i in chat_ctx.items if i.type in {"message", "function_call_output"}]
    for item in reversed(items):
        if not isinstance(item, llm.FunctionCallOutput):
            break
        found.insert(0, item)
    is_ours = found and all(out.call_id.startswith(MARK) and not out.is_error for out in found)
    # after a hand-over it is for the other persona to speak
    if not is_ours or any(out.name.startswith(HAND_OVER) for out in found):
        return ""
    return " ".join(out.output for out in found)


async def _say(text: str) -> AsyncGenerator[llm.ChatChunk, None]:
    yield llm.ChatChunk(id=shortuuid(MARK), delta=llm.ChoiceDelta(role="assistant", content=text))
