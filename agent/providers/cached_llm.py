"""CachedLLM: a large model that is not asked again what it has answered out of the profile's knowledge.

Whether an answer may be given again is nlu/reuse.py's to say; where it lives, answers.py's.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from livekit.agents import llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr
from livekit.agents.utils import shortuuid

from agent.errors import VoiceAgentError
from agent.nlu.embedding import Embedder
from agent.nlu.passages import Found, KnowledgeLike
from agent.nlu.reuse import is_anybodys, is_covered, is_grounded, key
from agent.providers.answers import Answers, Asked

OnReuse = Callable[[str], None]  # which passage the answer came from


@dataclass(frozen=True, slots=True)
class Cache:
    """What it takes to know a question again. `min_score` is how well a passage must fit, as for the understanding."""

    answers: Answers
    embedder: Embedder
    knowledge: KnowledgeLike
    min_score: float

    async def place(self, question: str) -> tuple[Asked, Sequence[Found]] | None:
        """Where the question belongs, with the passages near it; None when it is not the knowledge's alone."""
        try:
            await self.knowledge.warm()
            vector = (await self.embedder.embed([question]))[0]
        except VoiceAgentError:  # without vectors the LLM answers as if there were no cache
            return None
        found = self.knowledge.rank(question, vector)
        if not found or found[0].score < self.min_score or not is_covered(question, found[0].passage):
            return None
        return Asked(vector, found[0].passage.source, key(question)), found


class CachedLLM(llm.LLM[Any]):
    """Wraps another LLM. Only a question that anybody could ask, as the last item of the history, is looked up; all
    else, every tool's result among it, goes to the LLM as it came."""

    def __init__(self, inner: llm.LLM[Any], cache: Cache, on_reuse: OnReuse) -> None:
        super().__init__()
        self._inner = inner
        self.cache = cache
        self.on_reuse = on_reuse
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
        """A kept answer as one chunk, or the wrapped LLM's own stream."""

        def ask() -> llm.LLMStream:
            return self._inner.chat(
                chat_ctx=chat_ctx,
                tools=tools,
                conn_options=conn_options,
                parallel_tool_calls=parallel_tool_calls,
                tool_choice=tool_choice,
                extra_kwargs=extra_kwargs,
            )

        question = _question(chat_ctx)
        return CachedStream(self, question, ask, chat_ctx, tools or []) if question else ask()


class CachedStream(llm.LLMStream):
    """One answer. Metrics, retries and spans are those of the wrapped stream, so the base class's machinery is not
    started: an answer that was kept is no request."""

    def __init__(
        self,
        owner: CachedLLM,
        question: str,
        ask: Callable[[], llm.LLMStream],
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool],
    ) -> None:
        self._owner = owner
        self._question = question
        self._ask = ask
        self._chat_ctx = chat_ctx
        self._tools = tools
        self._chunks = self._answer()

    async def __anext__(self) -> llm.ChatChunk:
        return await anext(self._chunks)

    async def aclose(self) -> None:
        """Let go of the wrapped stream; an answer that was not heard to its end is not kept."""
        await self._chunks.aclose()

    async def _run(self) -> None:
        """The base class's worker, which is not started."""

    async def _answer(self) -> AsyncGenerator[llm.ChatChunk, None]:
        cache = self._owner.cache
        placed = await cache.place(self._question)
        if placed and (kept := await asyncio.to_thread(cache.answers.find, placed[0])):
            self._owner.on_reuse(placed[0].source)
            yield llm.ChatChunk(id=shortuuid("kept_"), delta=llm.ChoiceDelta(role="assistant", content=kept))
            return
        text, has_tools = "", False
        async with self._ask() as stream:
            async for chunk in stream:
                if chunk.delta:
                    text += chunk.delta.content or ""
                    has_tools = has_tools or bool(chunk.delta.tool_calls)
                yield chunk
        passages = [found.passage for found in placed[1]] if placed else []
        if placed and not has_tools and is_grounded(text, passages, _told(self._chat_ctx)):
            await asyncio.to_thread(cache.answers.keep, placed[0], text)


def _question(chat_ctx: llm.ChatContext) -> str:
    """The caller's question when the history ends with one that anybody could ask; else ""."""
    items = [i for i in chat_ctx.items if not (isinstance(i, llm.ChatMessage) and i.role in {"system", "developer"})]
    if not items or not isinstance(items[-1], llm.ChatMessage) or items[-1].role != "user":
        return ""
    prompts = [i.text_content or "" for i in items if isinstance(i, llm.ChatMessage) and i.role == "assistant"]
    question = items[-1].text_content or ""
    return question if is_anybodys(question, prompts[-1] if prompts else "") else ""


def _told(chat_ctx: llm.ChatContext) -> str:
    """What only this call has brought up: the caller's words before the question, what tools were given and gave."""
    told: list[str] = []
    for item in chat_ctx.items[:-1]:
        if isinstance(item, llm.ChatMessage) and item.role == "user":
            told.append(item.text_content or "")
        elif isinstance(item, llm.FunctionCall):
            told.append(item.arguments)
        elif isinstance(item, llm.FunctionCallOutput):
            told.append(item.output)
    return " ".join(told)
