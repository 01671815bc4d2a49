"""CachedLLM: a large model that is not asked again what it has answered out of the profile's knowledge.

Whether an answer may be given again is matching/reusable_answers.py's to say; where it lives, answer_cache.py's.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from livekit.agents import llm
from livekit.agents.utils import shortuuid

from agent.errors import VoiceAgentError
from agent.providers.wrapped_llm import Ask, WrappedLLM, WrappedStream, question
from agent.thinking.answer_cache import Answers, Asked
from agent.understanding.matching.embedding import Embedder
from agent.understanding.matching.passages import Found, KnowledgeLike
from agent.understanding.matching.reusable_answers import is_anybodys, is_covered, is_grounded, key

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


class CachedLLM(WrappedLLM):
    """Only a question that anybody could ask, as the last item of the history, is looked up; all else, every tool's
    result among it, goes to the LLM as it came."""

    def __init__(self, inner: llm.LLM[Any], cache: Cache, on_reuse: OnReuse) -> None:
        super().__init__(inner)
        self.cache = cache
        self.on_reuse = on_reuse

    def stream(self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], ask: Ask) -> llm.LLMStream:
        """A kept answer as one chunk, or the wrapped LLM's own stream."""
        asked, prompt = question(chat_ctx)
        if not is_anybodys(asked, prompt):
            return ask()
        return WrappedStream(self._answer(asked, chat_ctx, ask), chat_ctx, tools)

    async def _answer(self, asked: str, chat_ctx: llm.ChatContext, ask: Ask) -> AsyncGenerator[llm.ChatChunk, None]:
        """An answer that was not heard to its end is not kept."""
        cache = self.cache
        placed = await cache.place(asked)
        if placed and (kept := await asyncio.to_thread(cache.answers.find, placed[0])):
            self.on_reuse(placed[0].source)
            yield llm.ChatChunk(id=shortuuid("kept_"), delta=llm.ChoiceDelta(role="assistant", content=kept))
            return
        text, has_tools = "", False
        async with ask() as stream:
            async for chunk in stream:
                if chunk.delta:
                    text += chunk.delta.content or ""
                    has_tools = has_tools or bool(chunk.delta.tool_calls)
                yield chunk
        passages = [found.passage for found in placed[1]] if placed else []
        if placed and not has_tools and is_grounded(text, passages, _told(chat_ctx)):
            await asyncio.to_thread(cache.answers.keep, placed[0], text)


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
