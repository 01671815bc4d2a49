"""RealtimeLLM: a speech-to-speech model where an LLM stands: asked with the call's history, it gives the words of its
answer and the tools that it wants. The sound of these words is fetched by voice.py."""

from collections.abc import AsyncGenerator
from typing import Any

from livekit.agents import APIConnectionError, APIConnectOptions, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import shortuuid

from agent.providers.realtime.wire import Wire
from agent.providers.wrapped_llm import WrappedStream


class RealtimeLLM(llm.LLM[Any]):
    """One per call."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    @property
    def model(self) -> str:
        """The wire's."""
        return self._wire.model.model

    @property
    def provider(self) -> str:
        """The wire's."""
        return self._wire.model.provider

    def prewarm(self, *, loop: Any = None) -> None:  # an event loop, which it needs not
        """Connect."""
        self._wire.open()

    async def works(self) -> bool:
        """Tried beside the call."""
        return await self._wire.works()

    async def aclose(self) -> None:
        """Hang up."""
        await self._wire.aclose()

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
        """One answer. Raises APIError when it breaks off, or is empty."""
        return WrappedStream(self._chunks(chat_ctx, tools or [], tool_choice), chat_ctx, tools or [])

    async def _chunks(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], tool_choice: NotGivenOr[llm.ToolChoice]
    ) -> AsyncGenerator[llm.ChatChunk, None]:
        """Empty ones tell that sound comes, and that nobody need lose patience."""
        answer, has_said = await self._wire.ask(chat_ctx, tools, tool_choice), False
        try:
            while (piece := await answer.pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                has_said = has_said or bool(piece)
                yield self._chunk(piece)
        finally:
            self._wire.leave(answer)
        if not has_said:
            raise APIConnectionError("realtime: an empty answer")

    def _chunk(self, piece: str | llm.FunctionCall) -> llm.ChatChunk:
        delta = llm.ChoiceDelta(role="assistant")
        if isinstance(piece, str):
            delta.content = piece
        else:
            self._wire.called(piece)
            wish = llm.FunctionToolCall(name=piece.name, arguments=piece.arguments, call_id=piece.call_id)
            delta.tool_calls = [wish]
        return llm.ChatChunk(id=shortuuid("realtime_"), delta=delta)
