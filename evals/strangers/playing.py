"""One call of a stranger with the real agent, by text or by voice: what is said, and what came of it."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from agent.intent import Intent
from evals.records import Snapshot
from evals.strangers import own, wishes
from evals.strangers.caller import Caller
from evals.strangers.hearing import Kind, hear
from evals.strangers.judge import Said, Verdict, loop, rows
from evals.strangers.line import Agent, Line, Reached
from evals.strangers.words import Words
from evals.text_call import NoAnswer

TURNS = 30


@dataclass(frozen=True, slots=True)
class Played:
    """A call with its number, what was said in it, and what came of it. `said_by` is the caller's voice, "" for none;
    `seconds` are the call's."""

    profile: str
    number: int
    wish: str
    turns: tuple[Said, ...]
    verdict: Verdict
    said_by: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Talk:
    """What was said so far, whether the wish was fulfilled, and why not, where there is a reason."""

    turns: list[Said] = field(default_factory=list)
    is_done: bool = False
    problem: str = ""


class House:
    """An agent and the strangers who call it."""

    def __init__(self, agent: Agent, words: Words, seed: int) -> None:
        self._agent = agent
        self._words = words
        self._seed = seed

    async def play(self, number: int) -> Played:
        """The call of that number: the same for the same seed and words, on the same day."""
        started, name = time.perf_counter(), self._agent.profile.name
        rng = random.Random(f"{self._seed} {name} {number}")
        async with self._agent.reach(number) as call:
            goal = wishes.make(name, rng, call.before, call.now)
            caller = Caller(goal, self._words, self._agent.intents, rng, call.now, is_by_ear=bool(call.said_by))
            talk = await self._talk(call, caller)
        seconds = time.perf_counter() - started
        verdict = self._judge(caller, call.before, call.after(), talk)
        return Played(name, number, goal.tools[0], tuple(talk.turns), verdict, call.said_by, seconds)

    async def _talk(self, call: Reached, caller: Caller) -> Talk:
        talk = Talk()
        limit = asyncio.timeout(call.longest_s)
        try:
            async with limit, call.line as line:
                await converse(line, caller, self._agent.intents, call.now, talk)
        except NoAnswer as raised:
            talk.problem = str(raised)
        except Exception as raised:  # noqa: BLE001  # one that breaks must not take the others' report along
            is_late = limit.expired()
            talk.problem = f"longer than {call.longest_s:g} s" if is_late else f"{type(raised).__name__}: {raised}"
        return talk

    def _judge(self, caller: Caller, before: Snapshot, after: Snapshot, talk: Talk) -> Verdict:
        goal = caller.goal
        expected = goal.row(caller.wanted) if goal.table else {}
        zone = self._agent.profile.zone
        is_there, wrong = rows(before, after or before, goal.table, expected, goal.side_tables, zone)
        is_completed = talk.is_done and (is_there or not goal.table)
        return Verdict(
            is_completed,
            tuple(wrong),
            loop(talk.turns),
            len(talk.turns),
            talk.problem,
            caller.is_spelled_otherwise,
        )


async def converse(line: Line, caller: Caller, intents: Mapping[str, Intent], now: datetime, talk: Talk) -> None:
    """From the caller's first words to the last, all kept in `talk`. Raises NoAnswer when the agent is gone before."""
    text: str | None = caller.open()
    answered = ""
    while text is not None and len(talk.turns) < TURNS:
        reply = await line.say(text)
        talk.turns.append(Said(text, reply.text, answered, reply.heard))
        day = caller.wanted.get("day")
        heard = hear(reply.text, intents, day if isinstance(day, date) else None, now)
        if _is_done(line, caller) and heard.kind is Kind.NOTHING:
            talk.turns.append(await _leave(line))
            talk.is_done = True
            return
        if line.ended is not None or loop(talk.turns):
            talk.problem = f"ended: {line.ended}" if line.ended else ""
            return
        text = caller.answer(heard)
        answered = caller.answered
    talk.problem = "gave up" if text is None else "too long"


async def _leave(line: Line) -> Said:
    """What is said when it is done must do nothing more; by then the agent may have taken its leave."""
    words = own.LEAVE[0]
    try:
        reply = None if line.is_over else await line.say(words)
    except NoAnswer:
        reply = None
    return Said(words, reply.text, heard=reply.heard) if reply else Said("", "")


def _is_done(line: Line, caller: Caller) -> bool:
    """Whether one of the tools that fulfil the wish has done it, with what was wanted where it only tells something."""
    goal = caller.goal
    return any(
        goal.table or all(made.arguments.get(name) == value for name, value in goal.values.items())
        for made in line.done
        if made.tool in goal.tools
    )
