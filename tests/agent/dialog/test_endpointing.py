"""Endpointing asks words, melody, dictation and pace; a slow model is not waited for."""

import asyncio

import pytest
from livekit import rtc

from agent.dialog.endpointing import Endpointing
from agent.rules.endpointing import Dictated, Patience
from agent.rules.language import ENGLISH
from tests.fakes.virtual_time import run

PATIENCE = Patience(finished_s=0.25, unsure_s=0.6, unfinished_s=1.6, dictation_s=2.0)


class Ear:
    """A model with one opinion, which it takes its time to have."""

    def __init__(self, opinion: float, takes_s: float = 0.05) -> None:
        self._opinion = opinion
        self._takes_s = takes_s
        self.heard = 0
        self.told: list[str] = []

    def on_sound(self, frame: rtc.AudioFrame) -> None:
        """Counted."""
        self.heard += frame.samples_per_channel

    def on_silence(self) -> None:
        """Noted."""
        self.told.append("silence")

    async def probability(self, text: str) -> float:
        """After its time."""
        await asyncio.sleep(self._takes_s)
        return self._opinion

    def on_end(self) -> None:
        """Noted."""
        self.told.append("end")


def endpointing(ear: Ear | None = None, dictated: Dictated = Dictated.NONE) -> Endpointing:
    """With the loop's clock."""
    clock = asyncio.get_running_loop().time
    return Endpointing(PATIENCE, ENGLISH, dictated=lambda _: dictated, model=ear, clock=clock)


def test_a_sentence_that_sounds_unfinished_waits_longer() -> None:
    """The model's word, heard in time."""

    async def scene() -> list[float]:
        ears = [Ear(0.9), Ear(0.05), Ear(0.05, takes_s=3.0), None]
        return [(await endpointing(ear).wait("Where is my order")).seconds for ear in ears]

    assert run(scene()) == pytest.approx([0.25, 1.267, 0.25, 0.25], abs=0.001)


def test_a_number_in_the_middle_is_waited_for() -> None:
    """Whatever the model hears."""

    async def scene() -> float:
        return (await endpointing(Ear(0.9), Dictated.UNFINISHED).wait("four five")).seconds

    assert run(scene()) == 2.0


def test_who_speaks_again_at_once_was_cut_off_and_is_given_time() -> None:
    """And after turns that went well, less of it."""

    async def scene() -> list[float]:
        ends = endpointing()
        waits = [(await ends.wait("Where is my order?")).seconds]
        for pause_s in (0.3, 5.0):
            ends.on_speech()
            ends.on_end()
            await asyncio.sleep(pause_s)
            ends.on_speech()
            waits.append(round((await ends.wait("Where is my order?")).seconds, 3))
            ends.on_end()
            await asyncio.sleep(5)
        return waits

    first, after_cut, later = run(scene())
    assert first < later < after_cut


def test_the_model_hears_everything_and_forgets_after_the_turn() -> None:
    """Its sound, the silence in which it may think, the end."""

    async def scene() -> Ear:
        ear = Ear(0.5)
        ends = endpointing(ear)
        ends.on_speech()
        ends.on_sound(rtc.AudioFrame(bytes(640), 16_000, 1, 320))
        ends.on_silence()
        ends.on_end()
        return ear

    ear = run(scene())
    assert ear.heard == 320 and ear.told == ["silence", "end"]
