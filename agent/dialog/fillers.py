"""Fillers: "One moment, let me check" while a tool takes longer than a caller likes to wait in silence.

It hears our events, knows no LiveKit, and acts through `say`. What is said is chosen by rules/fillers.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from agent.call.call import Call
from agent.events import CallerSpoke, Event, FillerSpoken, ToolCalled, ToolReturned
from agent.rules.fillers import Filler, choose

GRACE_S = 0.1  # most tools are back by then, also those that a slow LLM asked for late
LOOK_AGAIN_S = 0.05
STILL_S = 1.8  # nobody likes to wait longer without a sign
DEFAULT = Filler()

Say = Callable[[str], Awaitable[bool]]  # returns when the sentence is over: true when any of it was heard


@dataclass(slots=True)
class _Wait:
    """One tool that runs, and since when."""

    tool: str
    filler: Filler
    began: float
    task: "asyncio.Task[None]" = field(init=False)


class Fillers:
    """One per call. One filler a turn: after the caller's turn and a quiet `after_s`, while a tool still runs; then one
    after each STILL_S of silence, for a tool that takes for ever.

    `caller_speaks` and `agent_speaks` tell who is talking now. A word of the agent's own while the tool runs (an LLM's
    "let me see", a tool that asks something) is filler enough, for that long.
    """

    def __init__(
        self,
        call: Call,
        tools: Mapping[str, Filler],
        *,
        say: Say,
        caller_speaks: Callable[[], bool],
        agent_speaks: Callable[[], bool],
    ) -> None:
        self._call = call
        self._tools = tools
        self._say = say
        self._caller_speaks = caller_speaks
        self._agent_speaks = agent_speaks
        self._loop = asyncio.get_running_loop()
        self._waits: dict[str, _Wait] = {}
        self._speaking: set[asyncio.Task[None]] = set()
        self._said: list[str] = []
        self._turn = 0
        self._turn_over_at = 0.0
        self._is_filled = False
        self._is_filling = False

    def on_event(self, event: Event) -> None:
        """React to what happened."""
        match event:
            case CallerSpoke(turn=turn):
                self._turn, self._turn_over_at, self._is_filled = turn, self._loop.time(), False
            case ToolCalled(tool_call=number, tool=tool):
                self._begin(number, tool)
            case ToolReturned(tool_call=number):
                if wait := self._waits.pop(number, None):
                    wait.task.cancel()

    async def aclose(self) -> None:
        """Say nothing more."""
        tasks = [*(wait.task for wait in self._waits.values()), *self._speaking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, number: str, tool: str) -> None:
        filler = self._tools.get(tool, DEFAULT)
        if not filler.is_silent:
            wait = self._waits[number] = _Wait(tool, filler, self._loop.time())
            wait.task = asyncio.create_task(self._fill(wait), name="filler")

    async def _fill(self, wait: _Wait) -> None:
        if await self._until_quiet(wait) and not self._is_filled:
            self._is_filled = True
            await self._say_one(wait)
        while True:
            await self._until_still()
            await self._say_one(wait)

    async def _say_one(self, wait: _Wait) -> None:
        sentence = choose(wait.filler.sentences, self._call.profile.fillers.sentences, self._said)
        if sentence is not None:
            self._is_filling = True
            # a task of its own: the tool's return ends the wait, not the word that has begun
            speaking = asyncio.create_task(self._speak(sentence, wait.tool, self._turn), name="filler speech")
            self._speaking.add(speaking)
            speaking.add_done_callback(self._speaking.discard)
            await asyncio.shield(speaking)

    async def _until_quiet(self, wait: _Wait) -> bool:
        """True once both have been quiet for long enough; False when the agent spoke meanwhile."""
        after_s = self._call.profile.fillers.after_s if wait.filler.after_s is None else wait.filler.after_s
        quiet_since = self._turn_over_at
        while not self._agent_speaks():
            now = self._loop.time()
            if self._caller_speaks():
                quiet_since = now
            due = max(quiet_since + after_s, wait.began + GRACE_S)
            if now >= due:
                return True
            await asyncio.sleep(min(due - now, LOOK_AGAIN_S))
        return False

    async def _until_still(self) -> None:
        """Until nobody has said anything for a while."""
        still_since = self._loop.time()
        while self._loop.time() < still_since + STILL_S:
            await asyncio.sleep(LOOK_AGAIN_S)
            if self._is_filling or self._agent_speaks() or self._caller_speaks():
                still_since = self._loop.time()

    async def _speak(self, sentence: str, tool: str, turn: int) -> None:
        self._said.append(sentence)
        try:
            if await self._say(sentence):
                self._call.emit(FillerSpoken(turn=turn, tool=tool))
        finally:
            self._is_filling = False
