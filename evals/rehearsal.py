"""Playing a profile's scenarios: each a call of its own on a database of its own, several at once, all judged."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast  # Any: LiveKit's LLM is generic over what it takes

from livekit.agents import llm

from agent.call.call import Call
from agent.memory.callers import Callers
from agent.profile.profile import Profile
from agent.providers import catalog
from agent.providers.local.speech_client import SpeechClient
from agent.thinking.llm_stack import build_understanding
from agent.tooling.toolbox import Toolbox, connect_backends, load_toolbox
from agent.understanding.matching.embedding import Embedder
from evals.expecting import Outcome, Played, failures
from evals.memories import Memories
from evals.records import Originals, columns
from evals.scenario import Files, Script, Turn, load_scripts
from evals.text_call import NoAnswer, TextCall

AT_ONCE = 8  # more wait for the model that embeds


class _Closing(Protocol):
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Result:
    """One rendering of one scenario in one run."""

    profile: str
    script: Script
    run: int
    outcome: Outcome
    failures: tuple[str, ...]
    seconds: float

    @property
    def is_passed(self) -> bool:
        """Everything came true."""
        return not self.failures


class Rehearsal:
    """One profile with all that its scenarios share: tools, a model that embeds, seeded databases in `folder`. It plays
    its own scenarios, or those of `files`. In each call thinks whom the profile names, or who `mind` gives. Raises
    ConfigError for a scenario that cannot be played."""

    def __init__(
        self,
        profile: Profile,
        embedder: Embedder,
        folder: Path,
        files: Files | None = None,
        mind: Callable[[Call], llm.LLM[Any]] | None = None,
    ) -> None:
        self.profile = profile
        self.scripts = load_scripts(profile, columns(), files)
        self._toolbox = load_toolbox(profile)
        self._embedder = embedder
        self._originals = Originals(profile, folder)
        self._memories = Memories(profile, self._toolbox, folder)
        self._mind = mind or (lambda call: mind_in(call, self._toolbox, embedder))

    async def warm(self) -> None:
        """Embed examples and documents, so that no call waits for it."""
        if catalog.is_understanding(self.profile.providers) and self.scripts:
            clock = self.scripts[0].clock
            await build_understanding(self.profile, self._toolbox, self._embedder, lambda: clock).warm()

    async def play(self, script: Script, run: int = 1) -> Result:
        """One call from greeting to end, judged."""
        started = time.perf_counter()
        records = self._originals.copy(script.clock)
        async with self._backends(script, records.url) as backends:
            with self._memories.callers() as callers:
                outcome = await self._talk(script, backends, callers)
        outcome = Outcome(
            turns=outcome.turns,
            before=records.original.content,
            after=records.after(),
            ended=outcome.ended,
            flags=outcome.flags,
            problems=outcome.problems,
        )
        wrong = tuple(failures(script, outcome, self.profile))
        return Result(self.profile.name, script, run, outcome, wrong, time.perf_counter() - started)

    async def _talk(self, script: Script, backends: dict[type, object], callers: Callers | None) -> Outcome:
        """From the first greeting to the last goodbye; who calls again gets a new call on the same records."""
        turns: list[Played] = []
        flags: set[str] = set()
        problem = ""
        todo = list(zip(script.scenario.turns, script.words, strict=True))
        ended = None
        for number, part in enumerate(_calls(todo), 1):
            async with self._call(script, backends, callers, number) as call:
                try:
                    for turn, words in part:
                        turns.append(await _played(call, turn, words))
                    await call.hang_on()
                except NoAnswer as raised:
                    problem = problem or f"turn {len(turns) + 1}: {raised}"
                except Exception as raised:  # noqa: BLE001  # one that breaks must not take the others' report along
                    problem = problem or f"turn {len(turns) + 1}: {type(raised).__name__}: {raised}"
            ended = call.ended
            flags |= call.call.flags
        problems = (problem,) if problem else ()
        return Outcome(turns=tuple(turns), ended=ended, flags=frozenset(flags), problems=problems)

    def _call(self, script: Script, backends: dict[type, object], callers: Callers | None, number: int) -> TextCall:
        name = "scenario" if number == 1 else f"scenario-{number}"
        return TextCall(
            self.profile,
            self._toolbox,
            mind=self._mind,
            backends=backends,
            clock=script.clock,
            caller=script.scenario.caller,
            name=name,
            memory=self._memories.of_call(callers, name, lambda: script.clock),
        )

    @contextlib.asynccontextmanager
    async def _backends(self, script: Script, url: str) -> AsyncIterator[dict[type, object]]:
        found = connect_backends(self.profile, url, lambda: script.clock)
        try:
            yield found
        finally:
            for backend in found.values():
                await cast(_Closing, backend).aclose()


def mind_in(call: Call, toolbox: Toolbox, embedder: Embedder) -> llm.LLM[Any]:
    """Who thinks in a call without a server."""
    profile, away = call.profile, SpeechClient(Path())
    return catalog.mind_of(
        profile, away, lambda: build_understanding(profile, toolbox, embedder, call.now, lambda: call.speaker)
    )


def _calls(turns: Sequence[tuple[Turn, str]]) -> list[list[tuple[Turn, str]]]:
    """The turns of each call; the first of a further one is that the caller calls again."""
    calls: list[list[tuple[Turn, str]]] = [[]]
    for turn, words in turns:
        if turn.again:
            calls.append([])
        calls[-1].append((turn, words))
    return calls


async def _played(call: TextCall, turn: Turn, words: str) -> Played:
    if turn.again:
        return call.greeting
    return await (call.say(words, is_cut=turn.cut) if words else call.stay_silent())


async def rehearse(rehearsals: Sequence[Rehearsal], *, runs: int = 1, only: str = "") -> list[Result]:
    """Every scenario whose name holds `only`, in every rendering, `runs` times; in the order of the files."""
    for rehearsal in rehearsals:
        await rehearsal.warm()
    free = asyncio.Semaphore(AT_ONCE)

    async def one(rehearsal: Rehearsal, script: Script, run: int) -> Result:
        async with free:
            return await rehearsal.play(script, run)

    chosen = [(r, script) for r in rehearsals for script in r.scripts if only.lower() in script.name.lower()]
    return await asyncio.gather(*(one(r, script, run) for run in range(1, runs + 1) for r, script in chosen))
