"""One call of a stranger: the real session, persona, tools and systems of record, talked to by text."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any  # LiveKit's LLM is generic over what it takes

from livekit.agents import llm

from agent.call import Call
from agent.events import EndReason, Outcome
from agent.mind import build_understanding
from agent.nlu.embedding import Embedder
from agent.profile import Profile
from agent.toolbox import connect_backends, load_toolbox
from evals.memories import Memories
from evals.records import Originals, Snapshot
from evals.rehearsal import mind_in
from evals.scenario import Caller as Line
from evals.strangers import own, wishes
from evals.strangers.caller import Caller
from evals.strangers.hearing import Kind, hear
from evals.strangers.judge import Said, Verdict, loop, rows
from evals.strangers.words import Words
from evals.text_call import NoAnswer, TextCall

TURNS = 30
CLOCK = datetime(2026, 11, 20, 12)  # noqa: DTZ001  # each profile has it in its own zone


@dataclass(frozen=True, slots=True)
class Played:
    """A call with its number, what was said in it, and what came of it."""

    profile: str
    number: int
    wish: str
    turns: tuple[Said, ...]
    verdict: Verdict


class House:
    """A profile with all that its calls share."""

    def __init__(self, profile: Profile, embedder: Embedder, folder: Path, words: Words, seed: int) -> None:
        self.profile = profile
        self._toolbox = load_toolbox(profile)
        self._embedder = embedder
        self._originals = Originals(profile, folder)
        self._memories = Memories(profile, self._toolbox, folder)
        self._words = words
        self._seed = seed
        self._clock = CLOCK.replace(tzinfo=profile.zone)

    async def warm(self) -> None:
        """Embed examples and documents, so that no call waits for it."""
        await build_understanding(self.profile, self._toolbox, self._embedder, lambda: self._clock).warm()

    async def play(self, number: int) -> Played:
        """The call of that number: the same for the same seed and words."""
        rng = random.Random(f"{self._seed} {self.profile.name} {number}")
        records = self._originals.copy(self._clock)
        before = records.original.content
        goal = wishes.make(self.profile.name, rng, before, self._clock)
        caller = Caller(goal, self._words, self._toolbox.intents, rng, self._clock)
        with self._memories.callers() as callers:
            backends = connect_backends(self.profile, records.url, lambda: self._clock)
            try:
                call = TextCall(
                    self.profile,
                    self._toolbox,
                    mind=self._mind,
                    backends=backends,
                    clock=self._clock,
                    caller=Line(),
                    memory=self._memories.of_call(callers, "stranger", lambda: self._clock),
                )
                turns, is_done, problem = await self._talk(call, caller)
            finally:
                for backend in backends.values():
                    await backend.aclose()  # type: ignore[attr-defined]  # each has it
        verdict = self._judge(caller, before, records.after(), turns, is_done=is_done, problem=problem)
        return Played(self.profile.name, number, goal.tools[0], tuple(turns), verdict)

    async def _talk(self, call: TextCall, caller: Caller) -> tuple[list[Said], bool, str]:
        turns: list[Said] = []
        async with call:
            text: str | None = caller.open()
            answered = ""
            try:
                while text is not None and len(turns) < TURNS:
                    played = await call.say(text, is_cut=False)
                    turns.append(Said(text, played.reply, answered))
                    day = caller.wanted.get("day")
                    heard = hear(played.reply, self._toolbox.intents, day, self._clock)  # type: ignore[arg-type]
                    if _is_done(call, caller) and heard.kind is Kind.NOTHING:
                        turns.append(await self._leave(call))
                        return turns, True, ""
                    if call.ended is not None or loop(turns):
                        return turns, False, f"ended: {call.ended}" if call.ended else ""
                    text = caller.answer(heard)
                    answered = caller.answered
            except NoAnswer as raised:
                return turns, False, str(raised)
            except Exception as raised:  # noqa: BLE001  # one that breaks must not take the others' report along
                return turns, False, f"{type(raised).__name__}: {raised}"
        return turns, False, "gave up" if text is None else "too long"

    async def _leave(self, call: TextCall) -> Said:
        """What is said when it is done must do nothing more."""
        words = own.LEAVE[0]
        if call.ended is EndReason.CALLER_LEFT:
            return Said("", "")
        return Said(words, (await call.say(words, is_cut=False)).reply)

    def _judge(
        self, caller: Caller, before: Snapshot, after: Snapshot, turns: Sequence[Said], *, is_done: bool, problem: str
    ) -> Verdict:
        goal = caller.goal
        expected = goal.row(caller.wanted) if goal.table else {}
        is_there, wrong = rows(before, after or before, goal.table, expected, goal.side_tables, self.profile.zone)
        is_completed = is_done and (is_there or not goal.table)
        return Verdict(is_completed, tuple(wrong), loop(turns), len(turns), problem)

    def _mind(self, call: Call) -> llm.LLM[Any]:
        return mind_in(call, self._toolbox, self._embedder)


def _is_done(call: TextCall, caller: Caller) -> bool:
    """Whether one of the tools that fulfil the wish has done it, with what was wanted where it only tells something."""
    for made in call.returned:
        if made.tool in caller.goal.tools and made.outcome is Outcome.OK:
            asked = call.arguments.get(made.tool_call, {})
            if caller.goal.table or all(asked.get(name) == value for name, value in caller.goal.values.items()):
                return True
    return False
