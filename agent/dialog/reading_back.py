"""What a tool reads back is said word for word, whoever thinks: a value that a model leaves out was not agreed to."""

import contextlib
from collections.abc import AsyncGenerator

from livekit.agents import FlushSentinel, llm

from agent.call.call import Call
from agent.understanding.history import was_last_said

Chunk = llm.ChatChunk | str | FlushSentinel


def question_due(call: Call, chat_ctx: llm.ChatContext) -> str:
    """The question that a tool of this turn has just asked; empty when there is none to be said now."""
    question = call.agreements.unsaid
    return question if question in _just_answered(chat_ctx) else ""


async def word_for_word(
    chunks: AsyncGenerator[Chunk, None], question: str, chat_ctx: llm.ChatContext
) -> AsyncGenerator[Chunk, None]:
    """What the model says, ending in the question as it stands; the question alone when no other tool has answered,
    since then all else that a model could say is its own wording of it, or that it was done. Tool calls go through."""
    async with contextlib.aclosing(chunks):
        held = [chunk async for chunk in chunks]
    said = "".join(text_of(chunk) for chunk in held)
    if was_last_said(question, said) or any(map(calls_of, held)):
        for chunk in held:
            yield chunk
        return
    is_alone = len(_just_answered(chat_ctx)) == 1
    yield question if is_alone or not said.strip() else f"{said.strip()} {question}"


def text_of(chunk: Chunk) -> str:
    """The words of a chunk."""
    if isinstance(chunk, str):
        return chunk
    return (chunk.delta.content if isinstance(chunk, llm.ChatChunk) and chunk.delta else None) or ""


def calls_of(chunk: Chunk) -> list[llm.FunctionToolCall]:
    """The tools that a chunk asks for."""
    return chunk.delta.tool_calls if isinstance(chunk, llm.ChatChunk) and chunk.delta else []


def _just_answered(chat_ctx: llm.ChatContext) -> set[str]:
    """What the tools have answered since the caller's last words, each once."""
    found: set[str] = set()
    for item in reversed(chat_ctx.items):
        if isinstance(item, llm.ChatMessage) and item.role == "user":
            break
        if isinstance(item, llm.FunctionCallOutput) and not item.is_error:
            found.add(item.output)
    return found
