"""When a filler is said, on virtual time."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import pytest

from agent.dialog.fillers import GRACE_S, LOOK_AGAIN_S, STILL_S, Fillers
from agent.events import CallerSpoke, FillerSpoken, Outcome, ToolCalled, ToolReturned
from agent.rules.fillers import Filler
from tests.fakes.calls import Recorded, recorded_call, shop
from tests.fakes.virtual_time import run

AFTER_S = shop().fillers.after_s


@dataclass
class Room:
    """Who speaks, what was said and when, in virtual seconds. A filler lasts a second."""

    caller_speaks: bool = False
    agent_speaks: bool = False
    is_deaf: bool = False
    said: list[tuple[float, str]] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    async def say(self, sentence: str) -> bool:
        """Speak, and note when."""
        loop = asyncio.get_running_loop()
        self.said.append((round(loop.time(), 3), sentence))
        self.agent_speaks = True
        await asyncio.sleep(1)
        self.agent_speaks = False
        self.ended.append(round(loop.time(), 3))
        return not self.is_deaf

    @property
    def times(self) -> list[float]:
        """When fillers began."""
        return [at for at, _ in self.said]


Script = Callable[[Fillers, Room], Awaitable[None]]


def play(script: Script, tools: Mapping[str, Filler] | None = None, *, is_deaf: bool = False) -> tuple[Room, Recorded]:
    """Run a script and let ten virtual seconds pass."""
    room = Room(is_deaf=is_deaf)
    call, record = recorded_call()

    async def scene() -> None:
        fillers = Fillers(
            call,
            tools or {},
            say=room.say,
            caller_speaks=lambda: room.caller_speaks,
            agent_speaks=lambda: room.agent_speaks,
        )
        await script(fillers, room)
        await asyncio.sleep(10)
        await fillers.aclose()

    run(scene())
    return room, record


def spoke(turn: int = 1) -> CallerSpoke:
    """The caller's turn is over."""
    return CallerSpoke(turn=turn, words=3, text="where is it")


def called(number: str = "c1", tool: str = "lookup") -> ToolCalled:
    """A tool begins."""
    return ToolCalled(tool_call=number, tool=tool, arguments="{}")


def returned(number: str = "c1", tool: str = "lookup") -> ToolReturned:
    """And ends."""
    return ToolReturned(tool_call=number, tool=tool, outcome=Outcome.OK, duration_ms=1, sentence="Here.")


async def turn(fillers: Fillers, seconds: float, *, number: int = 1, thought_s: float = 0.0) -> None:
    """A caller's turn whose one tool takes so long, begun after so much thought."""
    fillers.on_event(spoke(number))
    await asyncio.sleep(thought_s)
    fillers.on_event(called())
    await asyncio.sleep(seconds)
    fillers.on_event(returned())


def test_a_slow_tool_is_bridged() -> None:
    """One filler, once, a fifth of a second after the caller's turn, and the record says so."""
    room, record = play(lambda fillers, _: turn(fillers, 2))
    assert room.times == [AFTER_S]
    assert record.of(FillerSpoken) == [FillerSpoken(turn=1, tool="lookup")]


def test_a_tool_that_hangs_leaves_nobody_in_silence() -> None:
    """Another filler each time that it was still for a while, never the same twice in a row, until the tool returns."""
    room, record = play(lambda fillers, _: turn(fillers, 8))
    silences = [began - ended for began, ended in zip([*room.times, 8.0], [0.0, *room.ended], strict=True)]
    assert max(silences) <= STILL_S + 2 * LOOK_AGAIN_S
    assert len(room.times) == len(record.of(FillerSpoken)) == 3
    assert all(one[1] != other[1] for one, other in itertools.pairwise(room.said))


def test_of_two_tools_at_once_the_one_that_hangs_is_bridged() -> None:
    """Though the filler of the turn was the other one's; and one speaks for both while both hang."""

    async def script(fillers: Fillers, _: Room) -> None:
        fillers.on_event(spoke())
        fillers.on_event(called("c1"))
        fillers.on_event(called("c2", "other"))
        await asyncio.sleep(0.5)
        fillers.on_event(returned("c1"))
        await asyncio.sleep(5)
        fillers.on_event(called("c3"))
        await asyncio.sleep(4)
        fillers.on_event(returned("c2"))
        fillers.on_event(returned("c3"))

    room, _ = play(script)
    pauses = [began - ended for began, ended in zip(room.times[1:], room.ended, strict=False)]
    assert len(room.times) == 4 and all(STILL_S <= pause <= STILL_S + 2 * LOOK_AGAIN_S for pause in pauses)


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.15, 0.19])
def test_a_quick_tool_needs_none(seconds: float) -> None:
    """The answer itself is as soon."""
    room, record = play(lambda fillers, _: turn(fillers, seconds))
    assert not room.said and not record.events


def test_time_is_counted_from_the_callers_last_word() -> None:
    """An LLM that thought for two seconds leaves no time to lose; the tool still gets its moment."""
    room, _ = play(lambda fillers, _: turn(fillers, 2, thought_s=2))
    assert room.times == [2 + GRACE_S]
    room, _ = play(lambda fillers, _: turn(fillers, GRACE_S / 2, thought_s=2))
    assert not room.said


def test_a_filler_that_has_begun_is_spoken_to_its_end() -> None:
    """The tool returns in the middle of it: the answer waits its turn behind the last word."""
    room, record = play(lambda fillers, _: turn(fillers, 0.3))
    assert room.times == [AFTER_S] and room.ended == [AFTER_S + 1]
    assert len(record.of(FillerSpoken)) == 1


def test_one_filler_a_turn() -> None:
    """However many tools run, together or one after the other."""

    async def script(fillers: Fillers, _: Room) -> None:
        fillers.on_event(spoke())
        fillers.on_event(called("c1"))
        fillers.on_event(called("c2", "other"))
        await asyncio.sleep(1)
        fillers.on_event(returned("c1"))
        fillers.on_event(called("c3"))
        await asyncio.sleep(1.5)
        fillers.on_event(returned("c2"))
        fillers.on_event(returned("c3"))

    room, _ = play(script)
    assert len(room.said) == 1


def test_no_two_turns_have_the_same_filler() -> None:
    """They vary through the call."""

    async def script(fillers: Fillers, _: Room) -> None:
        for number in range(1, 8):
            await turn(fillers, 2, number=number)

    room, _ = play(script)
    sentences = [sentence for _, sentence in room.said]
    assert len(sentences) == 7
    assert all(one != other for one, other in itertools.pairwise(sentences))
    assert set(sentences) == set(shop().fillers.sentences)


def test_never_into_the_callers_words() -> None:
    """Who speaks while the tool runs is let finish, and then waited for as after a turn."""

    async def script(fillers: Fillers, room: Room) -> None:
        fillers.on_event(spoke())
        fillers.on_event(called())
        await asyncio.sleep(0.1)
        room.caller_speaks = True
        await asyncio.sleep(2)
        room.caller_speaks = False
        await asyncio.sleep(2)
        fillers.on_event(returned())

    room, _ = play(script)
    (at,) = room.times
    assert at == pytest.approx(2.1 + AFTER_S, abs=LOOK_AGAIN_S + 0.001)


def test_an_agent_that_says_something_itself_needs_no_filler() -> None:
    """An LLM's own "let me see", or a tool that asks the caller something."""

    async def script(fillers: Fillers, room: Room) -> None:
        fillers.on_event(spoke())
        fillers.on_event(called())
        room.agent_speaks = True
        await asyncio.sleep(1)
        room.agent_speaks = False
        await asyncio.sleep(1.5)
        fillers.on_event(returned())

    room, _ = play(script)
    assert not room.said


def test_a_tool_brings_its_own_words_and_time() -> None:
    """What it declares goes before the profile's."""
    own = {"lookup": Filler(sentences=("Looking at your order.",), after_s=1.0)}
    room, _ = play(lambda fillers, _: turn(fillers, 2), own)
    assert room.said == [(1.0, "Looking at your order.")]


def test_a_tool_that_talks_itself_is_never_talked_over() -> None:
    """It says so."""
    room, _ = play(lambda fillers, _: turn(fillers, 3), {"lookup": Filler(is_silent=True)})
    assert not room.said


def test_a_filler_that_nobody_could_hear_is_not_told() -> None:
    """The session closed, or the TTS failed."""
    room, record = play(lambda fillers, _: turn(fillers, 3), is_deaf=True)
    assert room.said and not record.of(FillerSpoken)


def test_the_end_of_the_call_ends_the_wait() -> None:
    """Nothing is said after aclose."""

    async def script(fillers: Fillers, _: Room) -> None:
        fillers.on_event(spoke())
        fillers.on_event(called())
        await fillers.aclose()

    room, _ = play(script)
    assert not room.said
