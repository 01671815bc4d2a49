"""A line on which words are heard, with an agent that is sound and events, on virtual time."""

import asyncio
import json

import numpy as np
import pytest

from agent.events import EndReason
from evals.caller import FRAME, RATE, Caller, Caption, Samples, Side
from evals.expecting import Made
from evals.strangers.by_voice import VoiceLine, done_in
from evals.strangers.line import Reply
from evals.text_call import NoAnswer
from tests.fakes.virtual_time import run

LOUD = np.full(FRAME, 8000, np.int16)
ANSWERED_S, SOUND_S = 0.6, 1.0


class Alone(Caller):
    """A caller in no room: each thing said is answered by the next of `answers`, as sound, and `late_s` after it as
    events. An agent that `begins_early` had taken a pause for the end, and is stopped by the rest."""

    def __init__(self, *answers: list[dict[str, object]], late_s: float = 0.1, begins_early: bool = False) -> None:
        self.heard = Side()
        self.captions, self.events = [], []
        self.is_disconnected = asyncio.Event()
        self.microphone = lambda frame: frame
        self._answers, self._late_s, self._begins_early = list(answers), late_s, begins_early
        self._answering: asyncio.Task[None] | None = None

    @property
    def now(self) -> float:
        """The loop's clock."""
        return asyncio.get_running_loop().time()

    @property
    def agent_state(self) -> str:
        """It always listens."""
        return "listening"

    async def say(self, samples: Samples) -> float:
        """Speak, and be answered if there is an answer left."""
        await asyncio.sleep(len(samples) / RATE)
        self.captions.append(Caption(False, "as it was heard", True, self.now))
        if self._answers:
            self._answering = asyncio.create_task(self._answer(self._answers.pop(0)))
        return self.now

    async def _answer(self, told: list[dict[str, object]]) -> None:
        if self._begins_early:
            self.heard.add(self.now, np.tile(LOUD, 5))
            self.events.append({**spoke("What"), "heard_at": self.now})
            await asyncio.sleep(1.2)
        await asyncio.sleep(ANSWERED_S)
        for _ in range(int(SOUND_S * 100)):
            self.heard.add(self.now, LOUD)
            await asyncio.sleep(0.01)
        await asyncio.sleep(self._late_s)
        self.events += [{**event, "heard_at": self.now} for event in told]


def spoke(text: str) -> dict[str, object]:
    """The event of the agent's words."""
    return {"type": "agent_spoke", "text": text}


def tool(outcome: str, number: str = "1") -> list[dict[str, object]]:
    """The events of a tool that came to that."""
    arguments = json.dumps({"order": "4571"})
    return [
        {"type": "tool_called", "tool_call": number, "tool": "check", "arguments": arguments},
        {"type": "tool_returned", "tool_call": number, "tool": "check", "outcome": outcome},
    ]


async def speak(_: str) -> Samples:
    """Half a second of sound."""
    return np.zeros(RATE // 2, np.int16)


def on(*answers: list[dict[str, object]], late_s: float = 0.1) -> VoiceLine:
    """A line with that caller."""
    return VoiceLine(Alone(*answers, late_s=late_s), speak)


def test_a_reply_is_what_was_said_with_what_was_heard_and_done() -> None:
    """Each turn has its own."""

    async def call() -> None:
        line = on([*tool("ok"), spoke("It is"), spoke("on its way.")], [spoke("Goodbye.")])
        assert await line.say("where is 4571") == Reply("It is on its way.", "as it was heard")
        assert line.done == [Made("check", {"order": "4571"})]
        assert await line.say("thanks") == Reply("Goodbye.", "as it was heard")
        assert line.done == []

    run(call())


def test_words_that_are_told_long_after_they_were_heard_are_waited_for() -> None:
    """A full machine is late with its events."""

    async def call() -> None:
        assert (await on([spoke("For which day?")], late_s=2.5).say("a table")).text == "For which day?"

    run(call())


def test_an_answer_that_was_begun_too_early_is_not_the_answer() -> None:
    """The caller waits for the one to all of the words."""

    async def call() -> None:
        line = VoiceLine(Alone([spoke("For which day?")], begins_early=True), speak)
        assert (await line.say("a table, for four")).text == "What For which day?"

    run(call())


def test_an_agent_that_says_nothing_is_not_waited_for_for_ever() -> None:
    """The caller may say it again."""

    async def call() -> None:
        line = on()
        assert (await line.say("hello")).text == ""
        assert 15 < asyncio.get_running_loop().time() < 20

    run(call())


def test_a_room_that_is_gone_ends_the_call_with_the_agents_reason_or_none() -> None:
    """Nobody is talked to any more."""

    async def call() -> None:
        caller = Alone()
        line = VoiceLine(caller, speak)
        assert (line.ended, line.is_over) == (None, False)
        caller.is_disconnected.set()
        assert (line.ended, line.is_over) == (EndReason.CONNECTION_LOST, True)
        with pytest.raises(NoAnswer, match="had ended"):
            await line.say("hello")
        caller.events.append({"type": "call_ended", "reason": "caller_goodbye", "heard_at": 1.0})
        assert line.ended is EndReason.CALLER_GOODBYE

    run(call())


def test_only_tools_that_did_what_they_were_asked_have_done_it() -> None:
    """One that asked first has not; the arguments may have been told a turn earlier."""
    asked, returned = tool("ok", "2")
    events = [*tool("asked"), asked, returned]
    assert done_in(events, events) == [Made("check", {"order": "4571"})]
    assert done_in([returned], events) == [Made("check", {"order": "4571"})]
    assert done_in(tool("refused"), events) == []
