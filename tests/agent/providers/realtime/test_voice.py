"""Whose voice says what: the model's own words are heard as it spoke them, any others by the voice behind it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit.agents import APIError

from agent.providers.realtime.answer import letters
from agent.providers.realtime.mind import RealtimeLLM
from agent.providers.realtime.voice import RealtimeTTS
from tests.agent.providers.realtime.conftest import Connect, Wired, history
from tests.fakes.providers import Talker
from tests.rig.content import Known
from tests.rig.faults import Fault

SUNDAY = history(("user", "Are you open on sunday?"))
ANSWER = "On Sunday we are closed."
LONG = (
    "You can return anything within thirty days, as long as it is unused and in its box. "
    "We pay the money back to the card that you have paid with."
)


class Speaker:
    """A call's voice: `stalls` counts what it was told of, `behind` is who else speaks."""

    def __init__(self, wired: Wired) -> None:
        self.stalls = 0
        self.behind = Talker(1)
        self.voice = RealtimeTTS(wired.wire, self.behind, str, self._stalled)
        self.wire = wired.wire

    def _stalled(self) -> None:
        self.stalls += 1

    async def says(self, *pieces: str) -> float:
        """Seconds of sound."""

        async def text() -> AsyncIterator[str]:
            for piece in pieces:
                yield piece

        return await self._spoken(text())

    async def answers(self, more: str = "", *, instead: str = "") -> tuple[float, str]:
        """What a call does with an answer: its words go to the voice as they come. Gives the seconds, and the words."""
        said: list[str] = []

        async def text() -> AsyncIterator[str]:
            async with RealtimeLLM(self.wire).chat(chat_ctx=SUNDAY) as stream:
                try:
                    async for chunk in stream:
                        if not instead and chunk.delta and chunk.delta.content:
                            said.append(chunk.delta.content)
                            yield chunk.delta.content
                except APIError:
                    said.append(" Sorry.")
                    yield " Sorry."
            if more or instead:
                yield more or instead

        return await self._spoken(text()), "".join(said)

    async def _spoken(self, text: AsyncIterator[str]) -> float:
        async with self.voice.stream() as stream:

            async def feed() -> None:
                async for piece in text:
                    stream.push_text(piece)
                stream.end_input()

            feeding = asyncio.create_task(feed())
            seconds = sum([piece.frame.duration async for piece in stream])
            await feeding
            return seconds


@pytest.fixture
def speaker(connect: Connect) -> Speaker:
    """On a wire to the rig, whose voice is a tone of 60 ms a letter."""
    return Speaker(connect())


async def test_its_own_words_are_heard_as_it_spoke_them(speaker: Speaker) -> None:
    """All of their sound, and nothing of another voice."""
    seconds, words = await speaker.answers()
    assert words.strip() == ANSWER and seconds == pytest.approx(0.06 * len(ANSWER), abs=0.05)
    assert not speaker.behind.said


async def test_other_words_are_said_by_the_voice_behind(speaker: Speaker) -> None:
    """A greeting before any answer; and what is said instead of an answer, though the model has spoken."""
    assert await speaker.says("Hello ", "there.") > 0
    _, _ = await speaker.answers(instead="Shall I book it?")
    assert letters(" ".join(speaker.behind.said)) == letters("Hello there. Shall I book it?")


async def test_what_stands_behind_its_words_follows_them(speaker: Speaker) -> None:
    """A question that a tool wants to be read back, behind what the model has said of others."""
    await speaker.answers(more="Is that right?")
    assert letters(" ".join(speaker.behind.said)) == letters("Is that right?")


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.STALLED])
async def test_an_answer_that_breaks_off_is_finished_by_the_voice_behind(
    speaker: Speaker, connect: Connect, fault: Fault
) -> None:
    """From where its sound broke off: no sentence is lost, and none is said twice."""
    rig = connect().rig
    rig.openai.mind = lambda _: LONG
    await speaker.wire.works()
    await rig.openai.fail(fault, after=330_000)  # of sound there are 8 s, in 530 kB
    seconds, _ = await speaker.answers()
    given = " ".join(speaker.behind.said)
    assert seconds > 2.0 and "We pay the money back" in given and "You can return anything" not in given
    assert given.count("paid with") == 1 and speaker.stalls == (fault is Fault.STALLED)


class Mute(Known):
    """Hears, and has no voice."""

    async def speak(self, text: str, rate: int) -> bytes:
        """Nothing."""
        return b""


async def test_a_model_that_gives_words_alone_is_spoken_for(speaker: Speaker, connect: Connect) -> None:
    """Its answer is not lost with its sound."""
    connect().rig.openai.content = Mute()
    _, words = await speaker.answers()
    assert letters(" ".join(speaker.behind.said)) == letters(words) == letters(ANSWER)
