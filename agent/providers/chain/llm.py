"""ChainedLLM: the first LLM that answers in time answers. One that is late with its first word gets a rival beside it,
one that fails or stalls in mid-answer is followed by the next, which goes on where it broke off."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from livekit.agents import APIConnectionError, APIConnectOptions, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.utils import shortuuid

from agent.events import Event, Hedged
from agent.providers.chain.line import Line, Link, failure_of
from agent.providers.wrapped_llm import WrappedStream
from agent.rules.breaker import Failure
from agent.rules.hedging import Budget

LATE_S = 1.0  # without a first word: the next is asked whatever it costs, and whatever it is
STALLED_S = 0.9  # in mid-answer; what was said until then is still being spoken
ONCE = APIConnectOptions(max_retry=0, timeout=8.0)  # the chain is the retry
GO_ON = (
    "The connection broke off in the middle of your last reply; the caller has heard it as far as it stands there. "
    "Go on exactly behind its last word. Repeat nothing, and do not mention the break."
)

Asking = Callable[[llm.LLM[Any], llm.ChatContext], llm.LLMStream]
IsHard = Callable[[llm.ChatContext], bool]
Came = llm.ChatChunk | Exception | None  # None is the end


@dataclass(frozen=True, slots=True)
class Manner:
    """`hedge_after_s` without a first word a rival is asked; the `share` of requests that may have one. `amends` is
    said before an answer that cannot go on where another broke off."""

    hedge_after_s: float
    share: float
    amends: str


class ChainedLLM(llm.LLM[Any]):
    """One per call. `is_hard` judges what is asked, by its history."""

    def __init__(
        self,
        line: Line[llm.LLM[Any]],
        manner: Manner,
        emit: Callable[[Event], None],
        is_hard: IsHard = lambda _: False,
    ) -> None:
        super().__init__()
        self.is_hard = is_hard
        self.line = line
        self.manner = manner
        self.emit_event = emit
        self.budget = Budget(manner.share)
        for link in line.links:
            link.it.on("metrics_collected", lambda *said: self.emit("metrics_collected", *said))
        line.watch(_answers)

    @property
    def model(self) -> str:
        """That of the one that is asked first now."""
        return self.line.first.model

    @property
    def provider(self) -> str:
        """That of the one that is asked first now."""
        return self.line.first.provider

    def prewarm(self, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Open the connections of the first two: the second is needed when there is no time to open one."""
        for link in self.line.links[:2]:
            link.it.prewarm(loop=loop)

    async def aclose(self) -> None:
        """Close them all."""
        await asyncio.gather(*(link.it.aclose() for link in self.line.links), return_exceptions=True)

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
        """The answer of whoever gives one; its time limits are the chain's own. Raises the last one's error when nobody
        answers."""

        def ask(asked: llm.LLM[Any], history: llm.ChatContext) -> llm.LLMStream:
            return asked.chat(
                chat_ctx=history,
                tools=tools,
                conn_options=ONCE,
                parallel_tool_calls=parallel_tool_calls,
                tool_choice=tool_choice,
                extra_kwargs=extra_kwargs,
            )

        return WrappedStream(_Answer(self, ask, chat_ctx).chunks(), chat_ctx, tools or [])


@dataclass(slots=True, eq=False)
class _Asked:
    """One LLM that was asked; what it says before it is chosen waits."""

    link: Link[llm.LLM[Any]]
    is_successor: bool  # of one that had begun to answer
    task: "asyncio.Task[None]" = field(init=False)
    waiting: list[llm.ChatChunk] = field(default_factory=list)


class _Answer:
    """One answer, of one LLM or of several, one after the other."""

    def __init__(self, owner: ChainedLLM, ask: Asking, history: llm.ChatContext) -> None:
        self._owner = owner
        self._line = owner.line
        self._ask = ask
        self._history = history
        self._clock = asyncio.get_running_loop().time
        self._left = self._line.order(is_hard=owner.is_hard(history))
        self._came: asyncio.Queue[tuple[_Asked, Came]] = asyncio.Queue()
        self._running: list[_Asked] = []
        self._speaker: _Asked | None = None
        self._hedge: tuple[_Asked, _Asked] | None = None  # who was late with the first word, and its rival
        self._instead: Failure | None = None  # what was wrong with whoever was asked before
        self._since = 0.0  # when anything last came, or was asked
        self._said = ""
        self._has_calls = False

    async def chunks(self) -> AsyncGenerator[llm.ChatChunk, None]:
        self._owner.budget = self._owner.budget.asked()
        self._begin_next()
        try:
            while self._running:
                came = await self._next()
                for chunk in self._taken(*came) if came else self._on_late():
                    self._note(chunk)
                    yield chunk
        finally:
            for asked in self._running:
                asked.task.cancel()
            await asyncio.gather(*(asked.task for asked in self._running), return_exceptions=True)

    async def _next(self) -> tuple[_Asked, Came] | None:
        """What comes next; None when nothing has come for too long."""
        try:
            async with asyncio.timeout_at(self._due()):
                return await self._came.get()
        except TimeoutError:
            return None

    def _due(self) -> float | None:
        if not self._left or self._has_calls:
            return None
        if self._speaker:
            return self._since + STALLED_S
        hedge_after_s = self._owner.manner.hedge_after_s
        if self._may_hedge():
            return self._since + hedge_after_s
        return self._since + (LATE_S - hedge_after_s if self._hedge else LATE_S)

    def _may_hedge(self) -> bool:
        """A rival that is local is no match for a large model: it waits until the large one is too late."""
        return not self._said and not self._hedge and not self._left[0].is_local and self._owner.budget.is_enough

    def _on_late(self) -> list[llm.ChatChunk]:
        if self._speaker:  # in mid-answer; if it speaks before the next one does, it goes on
            self._line.failed(self._speaker.link, Failure.STALLED)
            self._instead, self._speaker = Failure.STALLED, None
            self._begin_next()
            return []
        self._instead, is_hedge = Failure.TIMED_OUT, self._may_hedge()
        self._begin_next()
        if is_hedge:
            self._owner.budget = self._owner.budget.spent()
            self._hedge = (self._running[-2], self._running[-1])
        return []

    def _begin_next(self) -> None:
        asked = _Asked(self._left.pop(0), is_successor=bool(self._said))
        link, goes_on = asked.link, asked.is_successor and not asked.link.is_local
        history = _broken_off(self._history, self._said) if goes_on else self._history
        asked.task = asyncio.create_task(self._fetch(asked, history), name=f"llm {link.name}")
        self._running.append(asked)
        self._since = self._clock()

    async def _fetch(self, asked: _Asked, history: llm.ChatContext) -> None:
        try:
            async with self._ask(asked.link.it, history) as stream:
                async for chunk in stream:
                    self._came.put_nowait((asked, chunk))
            self._came.put_nowait((asked, None))
        except Exception as error:  # noqa: BLE001  # the next one is asked, whatever it is
            self._came.put_nowait((asked, error))

    def _taken(self, asked: _Asked, came: Came) -> list[llm.ChatChunk]:
        """What of it the caller gets now. Raises the last one's error."""
        if asked not in self._running:
            return []
        if isinstance(came, Exception):
            return self._lost(asked, came)
        if came is None:
            return self._ended(asked)
        if self._speaker is None and _has_answer(came):
            self._since = self._clock()
            return [*self._chosen(asked), came]
        if asked is self._speaker:
            self._since = self._clock()
            return [came]
        asked.waiting.append(came)
        return []

    def _chosen(self, asked: _Asked) -> list[llm.ChatChunk]:
        """It answers first: the others are let go, and those that were asked before it were too late."""
        self._speaker = asked
        place = self._running.index(asked)
        for number, other in enumerate(list(self._running)):
            if other is not asked:
                self._let_go(other)
            if number < place and not self._said:
                self._line.failed(other.link, Failure.TIMED_OUT)
        if self._hedge and not self._said:
            late, rival = self._hedge
            self._owner.emit_event(Hedged(provider=late.link.name, rival=rival.link.name, has_won=asked is rival))
        self._line.worked(asked.link, self._instead)
        amends = [_text(f" {self._owner.manner.amends} ")] if asked.is_successor and asked.link.is_local else []
        return [*amends, *asked.waiting]

    def _ended(self, asked: _Asked) -> list[llm.ChatChunk]:
        """Of one that has not said anything, an empty answer: whoever asked asks again."""
        was_speaker = asked is self._speaker or (self._speaker is None and len(self._running) == 1)
        for other in list(self._running) if was_speaker else [asked]:
            self._let_go(other)
        return asked.waiting if was_speaker and asked is not self._speaker else []

    def _lost(self, asked: _Asked, error: Exception) -> list[llm.ChatChunk]:
        self._let_go(asked)
        self._line.failed(asked.link, error)
        self._instead = failure_of(error)
        if asked is self._speaker:
            self._speaker = None
        if self._has_calls:  # what they answer is told in the next step
            return []
        if not self._running and not self._left:
            raise error
        if not self._running:
            self._begin_next()
        return []

    def _let_go(self, asked: _Asked) -> None:
        self._running.remove(asked)
        asked.task.cancel()

    def _note(self, chunk: llm.ChatChunk) -> None:
        if chunk.delta:
            self._said += chunk.delta.content or ""
            self._has_calls = self._has_calls or bool(chunk.delta.tool_calls)


def _has_answer(chunk: llm.ChatChunk) -> bool:
    return bool(chunk.delta and (chunk.delta.content or chunk.delta.tool_calls))


def _text(text: str) -> llm.ChatChunk:
    return llm.ChatChunk(id=shortuuid("chain_"), delta=llm.ChoiceDelta(role="assistant", content=text))


def _broken_off(history: llm.ChatContext, said: str) -> llm.ChatContext:
    longer = history.copy()
    longer.items.append(llm.ChatMessage(role="assistant", content=[said]))
    longer.items.append(llm.ChatMessage(role="system", content=[GO_ON]))
    return longer


async def _answers(mind: llm.LLM[Any]) -> bool:
    """A probe: one word, of which the beginning is enough."""
    history = llm.ChatContext([llm.ChatMessage(role="user", content=["Say OK."])])
    with contextlib.suppress(APIConnectionError):
        async with mind.chat(chat_ctx=history, conn_options=ONCE) as stream:
            async for chunk in stream:
                if _has_answer(chunk):
                    return True
    return False
