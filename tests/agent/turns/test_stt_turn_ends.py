"""Endpointing for an STT that ends speech by itself, on virtual time."""

import asyncio
from collections.abc import AsyncGenerator

from livekit import rtc
from livekit.agents import stt

from agent.rules.endpointing import Wait
from agent.turns.stt_turn_ends import PatientEnds
from tests.agent.turns.test_listening import END, FINAL, GUESS, PARTIAL, START, Step, Type, event
from tests.fakes.virtual_time import run


class Judge:
    """Waits a second and a half after "and", a quarter otherwise; remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def on_speech(self) -> None:
        """Noted."""
        self.told.append("speech")

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """Not asked for here."""

    def on_silence(self) -> None:
        """Noted."""
        self.told.append("silence")

    async def wait(self, text: str) -> Wait:
        """By the last word."""
        return Wait(1.5 if text.endswith("and") else 0.25, "by the last word")

    def on_end(self) -> None:
        """Noted."""
        self.told.append("end")


def heard(*steps: Step) -> tuple[list[tuple[float, Type]], list[str]]:
    """When which event came out, and what the judge was told."""
    judge = Judge()

    async def scene() -> list[tuple[float, Type]]:
        loop = asyncio.get_running_loop()

        async def spoken() -> AsyncGenerator[stt.SpeechEvent, None]:
            for step in steps:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield event(*step)
            await asyncio.sleep(5)

        ends = PatientEnds(judge, clock=loop.time)
        return [(round(loop.time(), 2), e.type) async for e in ends.of(spoken())]

    return run(scene()), judge.told


def test_a_whole_sentence_ends_after_the_short_silence() -> None:
    """The STT's end waits its quarter of a second."""
    came, told = heard((START, ""), (FINAL, "Where is my order?"), 1.0, (END, ""))
    assert came[-1] == (1.25, END)
    assert told == ["speech", "silence", "end"]


def test_an_end_in_mid_sentence_is_none() -> None:
    """ "I want a table and" … "two chairs": one turn, one start, one end, all the words."""
    came, told = heard(
        (START, ""), (FINAL, "I want a table and"), (END, ""), 1.0, (START, ""), (FINAL, "two chairs."), (END, "")
    )
    assert [kind for _, kind in came] == [START, FINAL, FINAL, END]
    assert came[-1][0] == 1.25
    assert told.count("end") == 1


def test_words_without_a_new_start_go_on_too() -> None:
    """Some STTs only send the next partial."""
    came, _ = heard((START, ""), (FINAL, "I want a table and"), (END, ""), 1.4, (PARTIAL, "two"), 0.5, (END, ""))
    assert [kind for _, kind in came] == [START, FINAL, PARTIAL, END]
    assert came[-1][0] == 3.4


def test_words_that_come_after_the_silence_say_how_long_it_must_be() -> None:
    """The final arrives 0.2 s after the end of speech: counted from the silence, not from the words."""
    came, _ = heard((START, ""), (END, ""), 0.2, (FINAL, "I want a table and"))
    assert came[-1] == (1.5, END)


def test_an_eager_end_is_where_the_silence_began() -> None:
    """The STT was sure after 0.4 s more, and the words ask for less than that: nothing is added."""
    came, told = heard((START, ""), (GUESS, "Where is my order?"), 0.4, (FINAL, "Where is my order?"), (END, ""))
    assert came[-1] == (0.4, END)
    assert told == ["speech", "silence", "end"]


def test_an_eager_end_after_which_the_caller_goes_on_counts_for_nothing() -> None:
    """The next partial takes it back."""
    came, _ = heard(
        (START, ""),
        (GUESS, "Where is my"),
        1.0,
        (PARTIAL, "Where is my order"),
        (FINAL, "Where is my order?"),
        (END, ""),
    )
    assert came[-1] == (1.25, END)


def test_the_streams_end_is_an_end() -> None:
    """A caller who hangs up is not waited for."""
    came, _ = heard((START, ""), (FINAL, "Bye and"), (END, ""))
    assert came[-1][1] is END
