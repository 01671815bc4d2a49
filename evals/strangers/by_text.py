"""Strangers who write: the real session, persona, tools and systems of record in this process, each call on a database
of its own and all at the same moment."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any  # LiveKit's LLM is generic over what it takes

from livekit.agents import llm

from agent.call.call import Call
from agent.events import EndReason, Outcome
from agent.intent import Intent
from agent.memory.callers import Callers
from agent.profile.profile import Profile
from agent.thinking.llm_stack import build_understanding
from agent.tooling.toolbox import connect_backends, load_toolbox
from agent.understanding.matching.embedding import Embedder
from evals.expecting import Made
from evals.memories import Memories
from evals.records import Originals
from evals.rehearsal import mind_in
from evals.scenario import Caller
from evals.strangers.line import Line, Reached, Reply
from evals.text_call import TextCall

CLOCK = datetime(2026, 11, 20, 12)  # noqa: DTZ001  # each profile has it in its own zone


class TextLine:
    """A line on which words are read."""

    def __init__(self, call: TextCall) -> None:
        self._call = call

    @property
    def is_over(self) -> bool:
        """Whether the agent believes that nobody is there."""
        return self._call.ended is EndReason.CALLER_LEFT

    @property
    def ended(self) -> EndReason | None:
        """Why the agent ends the call; None while it goes on."""
        return self._call.ended

    @property
    def done(self) -> Sequence[Made]:
        """The tools that did what they were asked since the caller's last words."""
        asked = self._call.arguments
        returned = [made for made in self._call.returned if made.outcome is Outcome.OK]
        return [Made(made.tool, asked.get(made.tool_call, {})) for made in returned]

    async def say(self, words: str) -> Reply:
        """The caller's turn, and the agent's. Raises NoAnswer."""
        return Reply((await self._call.say(words, is_cut=False)).reply)


class TextAgent:
    """A profile with all that its calls share; seeded databases are in `folder`."""

    def __init__(self, profile: Profile, embedder: Embedder, folder: Path) -> None:
        self.profile = profile
        self._toolbox = load_toolbox(profile)
        self._embedder = embedder
        self._originals = Originals(profile, folder)
        self._memories = Memories(profile, self._toolbox, folder)
        self._clock = CLOCK.replace(tzinfo=profile.zone)

    @property
    def intents(self) -> Mapping[str, Intent]:
        """By the tool's name."""
        return self._toolbox.intents

    async def warm(self) -> None:
        """Embed examples and documents, so that no call waits for it."""
        await build_understanding(self.profile, self._toolbox, self._embedder, lambda: self._clock).warm()

    @asynccontextmanager
    async def reach(self, number: int) -> AsyncIterator[Reached]:
        """A database of the call's own, and who is connected to it."""
        records = self._originals.copy(self._clock)
        with self._memories.callers() as callers:
            backends = connect_backends(self.profile, records.url, lambda: self._clock)
            try:
                line = self._line(backends, callers)
                yield Reached(self._clock, records.original.content, line, records.after)
            finally:
                for backend in backends.values():
                    await backend.aclose()  # type: ignore[attr-defined]  # each has it

    @asynccontextmanager
    async def _line(self, backends: dict[type, object], callers: Callers | None) -> AsyncIterator[Line]:
        async with TextCall(
            self.profile,
            self._toolbox,
            mind=self._mind,
            backends=backends,
            clock=self._clock,
            caller=Caller(),
            memory=self._memories.of_call(callers, "stranger", lambda: self._clock),
        ) as call:
            yield TextLine(call)

    def _mind(self, call: Call) -> llm.LLM[Any]:
        return mind_in(call, self._toolbox, self._embedder)
