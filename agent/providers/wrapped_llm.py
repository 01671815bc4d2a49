"""An LLM around another one, for whoever knows some answers without it, or something that it should know."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, Protocol

from livekit.agents import llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr


class Ask(Protocol):
    """Asks the wrapped LLM, about this history or another one."""

    def __call__(self, chat_ctx: llm.ChatContext | None = None, /) -> llm.LLMStream:
        """Its stream."""
        ...


class WrappedLLM(llm.LLM[Any]):
    """Names, metrics and errors are those of the wrapped one. Subclasses say in `stream` what they know themselves;
    while `is_off` they know nothing, and the wrapped one is asked."""

    def __init__(self, inner: llm.LLM[Any]) -> None:
        super().__init__()
        self._inner = inner
        self.is_off: Callable[[], bool] = lambda: False
        for event in ("metrics_collected", "error"):
            inner.on(event, lambda *said, event=event: self.emit(event, *said))

    @property
    def model(self) -> str:
        """The wrapped one's."""
        return self._inner.model

    @property
    def provider(self) -> str:
        """The wrapped one's."""
        return self._inner.provider

    def prewarm(self, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Open the wrapped one's connection."""
        self._inner.prewarm(loop=loop)

    async def aclose(self) -> None:
        """Close the wrapped one."""
        await self._inner.aclose()

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """An answer of our own, or the wrapped LLM's."""

        def ask(other: llm.ChatContext | None = None) -> llm.LLMStream:
            return self._inner.chat(
                chat_ctx=other or chat_ctx,
                tools=tools,
                conn_options=conn_options,
                parallel_tool_calls=parallel_tool_calls,
                tool_choice=tool_choice,
                extra_kwargs=extra_kwargs,
            )

        if self.is_off():
            return ask()
        return self.stream(chat_ctx, [] if tool_choice == "none" else tools or [], ask)

    def stream(self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], ask: Ask) -> llm.LLMStream:
        """The answer to this history, with these tools; `ask` asks the wrapped one."""
        raise NotImplementedError


class WrappedStream(llm.LLMStream):
    """One answer. Metrics, retries and spans are those of the wrapped stream, so the base class's machinery is not
    started: an answer that was known is no request."""

    def __init__(
        self, chunks: AsyncGenerator[llm.ChatChunk, None], chat_ctx: llm.ChatContext, tools: list[llm.Tool]
    ) -> None:
        self._chat_ctx = chat_ctx
        self._tools = tools
        self._chunks = chunks

    async def __anext__(self) -> llm.ChatChunk:
        return await anext(self._chunks)

    async def aclose(self) -> None:
        """Let go of the wrapped stream."""
        await self._chunks.aclose()

    async def _run(self) -> None:
        """The base class's worker, which is not started."""


def question(chat_ctx: llm.ChatContext) -> tuple[str, str]:
    """The caller's words when the history ends with them, and what the agent had said last; else ""."""
    items = [i for i in chat_ctx.items if isinstance(i, llm.ChatMessage | llm.FunctionCall | llm.FunctionCallOutput)]
    items = [i for i in items if not (isinstance(i, llm.ChatMessage) and i.role in {"system", "developer"})]
    if not items or not isinstance(items[-1], llm.ChatMessage) or items[-1].role != "user":
        return "", ""
    prompts = [i.text_content or "" for i in items if isinstance(i, llm.ChatMessage) and i.role == "assistant"]
    return items[-1].text_content or "", prompts[-1] if prompts else ""
