"""When a silence is bridged, and when it is none."""

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from agent.dialog.bridge import AFTER_S, AT_LEAST_S, MOST, Bridge
from agent.events import CallerSpoke
from tests.fakes.virtual_time import run

WORDS = ("One moment, please.", "Let me see.", "Just a second.")
LASTS_S = 1.2
TURN = CallerSpoke(turn=1, words=3, text="where is it")


@dataclass
class Line:
    """What is to be heard, as a test sets it, and what the bridge played, with the time."""

    caller: bool = False
    agent: bool = False
    starves: bool = False
    has_sound: bool = True
    silent: set[str] = field(default_factory=set)  # sentences without
    played: list[tuple[float, str]] = field(default_factory=list)
    told: list[bool] = field(default_factory=list)

    def bridge(self) -> Bridge:
        """Over this line."""
        loop = asyncio.get_running_loop()

        async def play(sentence: str) -> float:
            if not self.has_sound or sentence in self.silent:
                return 0.0
            self.played.append((round(loop.time(), 1), sentence))
            loop.call_later(LASTS_S, setattr, self, "agent", False)
            self.agent = True
            return LASTS_S

        return Bridge(
            play,
            WORDS,
            caller_speaks=lambda: self.caller,
            sounds=lambda: self.agent,
            is_starving=lambda: self.starves,
            on_spoken=lambda: self.told.append(True),
        )

    async def over(self, seconds: float, bridge: Bridge) -> None:
        """Let it watch for so long."""
        watching = asyncio.create_task(bridge.run())
        await asyncio.sleep(seconds)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def test_an_answer_that_does_not_come_is_bridged_before_two_seconds() -> None:
    """And again after the same silence, never with the same words, and not for ever."""
    line = Line()

    async def call() -> None:
        bridge = line.bridge()
        bridge.on_event(TURN)
        await line.over(30.0, bridge)

    run(call())
    times, words = zip(*line.played, strict=True)
    assert len(words) == len(set(words)) == len(line.told) == MOST
    assert AFTER_S <= times[0] <= AFTER_S + 0.1
    assert all(later - earlier - LASTS_S < 2.0 for earlier, later in pairwise(times))


def test_a_turn_whose_end_was_long_in_doubt_is_bridged_from_the_speech_on() -> None:
    """The caller waits from the last word on; but who has just been understood may be answered first."""
    soon, late = Line(), Line()

    async def call(line: Line, doubt_s: float) -> None:
        bridge, loop = line.bridge(), asyncio.get_running_loop()
        line.caller = True
        loop.call_later(1.0, setattr, line, "caller", False)
        loop.call_later(1.0 + doubt_s, bridge.on_event, TURN)
        await line.over(1.0 + doubt_s + 2.0, bridge)

    run(call(soon, 0.7))
    run(call(late, 1.7))
    assert line_began(soon) == pytest.approx(1.0 + AFTER_S, abs=0.15)
    assert line_began(late) == pytest.approx(1.0 + 1.7 + AT_LEAST_S, abs=0.15)


def line_began(line: Line) -> float:
    """When its first bridge did."""
    return line.played[0][0]


def test_an_answer_in_time_needs_no_bridge() -> None:
    """What the caller hears is the answer alone."""
    line = Line()

    async def call() -> None:
        bridge = line.bridge()
        bridge.on_event(TURN)
        asyncio.get_running_loop().call_later(1.6, setattr, line, "agent", True)
        asyncio.get_running_loop().call_later(4.0, setattr, line, "agent", False)
        await line.over(20.0, bridge)

    run(call())
    assert not line.played


def test_a_caller_who_goes_on_is_not_spoken_into() -> None:
    """Nor is one who is silent when nothing is owed."""
    line = Line()

    async def call() -> None:
        bridge = line.bridge()
        bridge.on_event(TURN)
        line.caller = True
        await line.over(5.0, bridge)
        line.caller = False
        await line.over(5.0, bridge)

    run(call())
    assert not line.played


def test_a_sentence_that_runs_dry_is_bridged() -> None:
    """The voice and its chain have failed in the middle."""
    line = Line(starves=True)

    async def call() -> None:
        await line.over(2.5, line.bridge())

    run(call())
    assert len(line.played) == 1


def test_speech_that_nobody_hears_is_bridged_from_its_end_unless_it_was_nothing() -> None:
    """A second ear is being asked meanwhile."""
    heard, noise = Line(), Line()

    async def call() -> None:
        for line in (heard, noise):
            bridge = line.bridge()
            watching = asyncio.create_task(line.over(4.0, bridge))
            ended_at = asyncio.get_running_loop().time()
            await asyncio.sleep(1.2)
            bridge.on_unheard(ended_at)
            if line is noise:
                await asyncio.sleep(0.3)
                bridge.on_unheard(None)
            await watching

    run(call())
    assert heard.played[0][0] <= 2.0
    assert not noise.played


def test_a_sentence_that_has_no_sound_yet_is_passed_over() -> None:
    """A call that has only begun has not rendered all of them."""
    line = Line(silent=set(WORDS[:2]))

    async def call() -> None:
        bridge = line.bridge()
        bridge.on_event(TURN)
        await line.over(AFTER_S + 0.5, bridge)

    run(call())
    assert [words for _, words in line.played] == [WORDS[2]]


def test_without_sound_nothing_is_played() -> None:
    """It was never rendered: the apology will come by another way."""
    line = Line(has_sound=False)

    async def call() -> None:
        bridge = line.bridge()
        bridge.on_event(TURN)
        await line.over(9.0, bridge)

    run(call())
    assert not line.played
