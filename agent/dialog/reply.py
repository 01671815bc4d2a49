"""Reply: one answer of a model on its way to the caller: in time, in words for ears, with calls that can be carried
out, and never nothing. A model that fails is spoken for by what its tools have said, or by the profile's apology.
"""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from math import isfinite

from livekit.agents import APIError, FlushSentinel, llm
from livekit.agents.utils import shortuuid

from agent.call.call import Call
from agent.dialog.lifecycle import MAX_FAILURES
from agent.events import ProviderFailed
from agent.rules.speakable import Speakable, speakable
from agent.thinking.local_llm import SILENT

logger = logging.getLogger("parley.reply")

LETTER_S = 0.055  # what the voice needs at least for a letter: so long a model may be silent behind it
PAUSE_S = 0.6  # of a model in mid-sentence, before voices that wait for whole sentences are told to begin
OPENING = 25  # letters; before that voices have nothing to begin with
LAST_CHANCE_S = 0.4  # for a model whose time was used up by the steps before
MAX_CALLS = 8  # of tools in one reply
SENTENCE_END = re.compile(r"[.!?][\"')\]]?$")
USELESS = "Unusable"  # nothing to say and nothing to do: an empty reply, or one that holds notation alone
REMINDER = (
    "Your last reply held nothing that can be said to the caller. Answer in plain spoken words; to use a tool, call it "
    "through the interface and do not write the call as text."
)

Chunk = llm.ChatChunk | str | FlushSentinel
Ask = Callable[[llm.ChatContext], AsyncGenerator[Chunk, None]]


class Reply:
    """One answer. `ask` asks the model, which may leave the caller in silence for `within_s` (for ever: inf) from
    `silent_since` on, when the caller last heard anything or spoke, on the loop's clock; `tools` may be called, none of
    them when `may_call` is False."""

    def __init__(
        self,
        ask: Ask,
        call: Call,
        *,
        provider: str,
        within_s: float,
        silent_since: float,
        tools: Collection[str],
        may_call: bool,
    ) -> None:
        self._ask = ask
        self._call = call
        self._limits = call.profile.limits
        self._provider = provider
        self._clock = asyncio.get_running_loop().time
        self._within_s = within_s
        self._silent_since = silent_since
        self._tools = tools
        self._may_call = may_call
        self._said = ""
        self._flushed = 0  # how much of it the voice was told to begin
        self._goes_round = False  # the model asked for what it has just been told
        self._is_enough = False  # said; what else comes is not waited for
        self._is_silent = False  # and means it: a line's announcement is nobody's wish
        self._calls: list[llm.FunctionToolCall] = []

    async def to(self, chat_ctx: llm.ChatContext) -> AsyncGenerator[Chunk, None]:
        """The answer to this history, which ends with the caller's words or with what tools answered."""
        answers = _answers(chat_ctx, self._call.answered)
        last_chance = self._clock() + LAST_CHANCE_S
        failure = ""
        for request in (chat_ctx,) if answers else (chat_ctx, _reminded(chat_ctx)):
            try:
                async with contextlib.aclosing(self._heard(request, last_chance)) as chunks:
                    async for chunk in chunks:
                        yield chunk
            except Exception as error:  # noqa: BLE001  # whatever a model does, the caller hears a sentence
                failure = self._failed(error)
                break
            if self._calls or self._is_silent or (self._said and not self._goes_round):
                return
        if self._calls:  # what they answer is told in the next step, whatever broke behind them
            return
        if not failure:
            self._emit(USELESS)
        if self._said:
            yield FlushSentinel()  # what was begun is spoken first
            yield "" if self._said[-1].isspace() else " "
        yield answers or await self._apology(chat_ctx)

    async def _heard(self, chat_ctx: llm.ChatContext, last_chance: float) -> AsyncGenerator[Chunk, None]:
        """One request, as far as a caller should notice it. Raises what the model raises, and TimeoutError."""
        text, earlier = Speakable(self._tools), _earlier(chat_ctx)
        came: asyncio.Queue[Chunk | None] = asyncio.Queue()
        asking = asyncio.create_task(self._fetch(chat_ctx, came), name="reply")
        try:
            while (chunk := await self._next(came, last_chance)) is not None:
                yield chunk if isinstance(chunk, FlushSentinel) else self._fit(chunk, text, earlier)
                if self._is_enough:
                    return
            await asking
            if rest := self._cut(text.end()):
                self._said += rest
                yield rest
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _fetch(self, chat_ctx: llm.ChatContext, came: asyncio.Queue[Chunk | None]) -> None:
        try:
            async with contextlib.aclosing(self._ask(chat_ctx)) as chunks:
                async for chunk in chunks:
                    came.put_nowait(chunk)
        finally:
            came.put_nowait(None)

    async def _next(self, came: asyncio.Queue[Chunk | None], last_chance: float) -> Chunk | None:
        """The model's next piece, or None at its end; a flush where the model pauses in mid-sentence, so that the voice
        begins what it has. Raises TimeoutError when the caller would wait too long."""
        spoken_s = len(self._said) * LETTER_S if len(self._said) >= OPENING else 0.0
        too_late = max(last_chance, self._silent_since + spoken_s + self._within_s)
        pause = self._clock() + PAUSE_S
        is_waiting = len(self._said) > self._flushed and pause < too_late
        try:
            async with asyncio.timeout_at(pause if is_waiting else too_late if isfinite(too_late) else None):
                return await came.get()
        except TimeoutError:
            if not is_waiting:
                raise
        self._flushed = len(self._said)
        return FlushSentinel()

    def _fit(self, chunk: llm.ChatChunk | str, text: Speakable, earlier: Collection[tuple[str, str]]) -> llm.ChatChunk:
        """The chunk with what is meant for ears, and the calls that are to be carried out."""
        if isinstance(chunk, str):
            chunk = llm.ChatChunk(id="", delta=llm.ChoiceDelta(role="assistant", content=chunk))
        if chunk.delta is None:
            return chunk
        self._is_silent |= bool((chunk.delta.extra or {}).get(SILENT))
        said = self._cut(text.feed(chunk.delta.content or ""))
        self._said += said
        calls = [call for call in chunk.delta.tool_calls if self._may_call and self._is_new(call, earlier)]
        calls = [self._with_own_id(call) for call in calls][: MAX_CALLS - len(self._calls)]
        self._calls += calls
        return chunk.model_copy(
            update={"delta": chunk.delta.model_copy(update={"content": said or None, "tool_calls": calls})}
        )

    def _cut(self, said: str) -> str:
        """As much of it as the word limit allows: up to the end of the sentence that passes it; without such an end, up
        to twice the limit."""
        limit, before = self._limits.max_reply_words, len(self._said.split())
        for count, word in enumerate(re.finditer(r"\S+", said), start=before + 1):
            if count >= 2 * limit or (count >= limit and SENTENCE_END.search(word[0])):
                self._is_enough = True
                return said[: word.end()]
        return said

    def _is_new(self, call: llm.FunctionToolCall, earlier: Collection[tuple[str, str]]) -> bool:
        """False for what was asked in this very reply, or answered in the step before."""
        self._goes_round = self._goes_round or _key(call) in earlier
        return _key(call) not in {*earlier, *map(_key, self._calls)}

    def _with_own_id(self, call: llm.FunctionToolCall) -> llm.FunctionToolCall:
        """Answers find their calls by the id, so no two may share one."""
        taken = {*self._call.answered, *(other.call_id for other in self._calls)}
        return call.model_copy(update={"call_id": shortuuid("call_")}) if call.call_id in {"", *taken} else call

    async def _apology(self, chat_ctx: llm.ChatContext) -> str:
        """The last words when the caller has heard too many; lifecycle ends the call behind them."""
        sentences = self._call.profile.sentences
        heard = 0
        for item in reversed(chat_ctx.items):
            said = (item.text_content or "") if isinstance(item, llm.ChatMessage) and item.role == "assistant" else ""
            if said.endswith(sentences.apology):
                heard += 1
            elif said and said != sentences.idle_prompt:
                break
        return await self._call.last_words() if heard >= MAX_FAILURES - 1 else sentences.apology

    def _failed(self, error: Exception) -> str:
        """LiveKit has told of its own errors."""
        name = type(error).__name__
        if not isinstance(error, APIError):
            self._emit(name)
        return name

    def _emit(self, reason: str) -> None:
        self._call.emit(ProviderFailed(role="llm", provider=self._provider, reason=reason, is_recoverable=False))


def _reminded(chat_ctx: llm.ChatContext) -> llm.ChatContext:
    again = chat_ctx.copy()
    again.items.append(llm.ChatMessage(role="system", content=[REMINDER]))
    return again


def _step(chat_ctx: llm.ChatContext) -> list[llm.FunctionCallOutput]:
    """What the tools of the last step answered, when the history ends with that."""
    found: list[llm.FunctionCallOutput] = []
    for item in reversed(chat_ctx.items):
        if not isinstance(item, llm.FunctionCallOutput):
            break
        found.insert(0, item)
    return found


def _answers(chat_ctx: llm.ChatContext, answered: dict[str, str]) -> str:
    """What the last tools said that said anything since the caller spoke; LiveKit's own errors are for models."""
    said: Sequence[str] = [answered[out.call_id] for out in _step(chat_ctx) if answered.get(out.call_id)]
    for item in reversed(chat_ctx.items):
        if said or (isinstance(item, llm.ChatMessage) and item.role == "user"):
            break
        if isinstance(item, llm.FunctionCallOutput) and answered.get(item.call_id):
            said = [answered[item.call_id]]
    return speakable(" ".join(dict.fromkeys(said)))


def _earlier(chat_ctx: llm.ChatContext) -> set[tuple[str, str]]:
    """The calls of the last step that were answered without an error."""
    done = {out.call_id for out in _step(chat_ctx) if not out.is_error}
    return {_key(item) for item in chat_ctx.items if isinstance(item, llm.FunctionCall) and item.call_id in done}


def _key(call: llm.FunctionToolCall | llm.FunctionCall) -> tuple[str, str]:
    """The same for the same request, however its arguments are written."""
    with contextlib.suppress(ValueError):
        return call.name, json.dumps(json.loads(call.arguments or "{}"), sort_keys=True)
    return call.name, call.arguments
