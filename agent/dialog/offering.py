"""Offers a person, once, to a caller whom an observer has found frustrated: at the end of the next answer that asks
nothing itself, tells of nothing that was just done, and leaves no question open: "go on", "take your time"."""

import contextlib
from collections.abc import AsyncGenerator, Collection

from livekit.agents import llm

from agent.call.call import Call
from agent.dialog.context import outputs_since_caller
from agent.dialog.reading_back import Chunk, calls_of, text_of
from agent.intent import HUMANS
from agent.thinking.local_llm import WAITS

FLAG = "frustrated"
DONE = "wants_human"  # who has asked needs no offer


def offer_due(call: Call, tools: Collection[str]) -> str:
    """The sentence, when it is to be said; empty otherwise."""
    is_due = FLAG in call.flags and DONE not in call.flags and not call.has_offered_person
    return call.profile.sentences.offer_person if is_due and not set(HUMANS).isdisjoint(tools) else ""


def is_done(history: llm.ChatContext, changing: Collection[str]) -> bool:
    """True when one of the tools that change something has done it since the caller spoke last: who was served needs
    nobody else."""
    outputs = outputs_since_caller(history)
    return any(output.name in changing and not output.is_error for output in outputs)


async def with_offer(chunks: AsyncGenerator[Chunk, None], offer: str) -> AsyncGenerator[Chunk, None]:
    """What is said, and then the offer; without it where a tool is asked for first, or a question is."""
    said, is_open = "", False
    async with contextlib.aclosing(chunks):
        async for chunk in chunks:
            said += text_of(chunk)
            is_open = is_open or bool(calls_of(chunk)) or _waits(chunk)
            yield chunk
    if said.strip() and not is_open and not said.rstrip().endswith("?"):
        yield f" {offer}"


def _waits(chunk: Chunk) -> bool:
    return isinstance(chunk, llm.ChatChunk) and bool(chunk.delta and chunk.delta.extra and chunk.delta.extra.get(WAITS))
