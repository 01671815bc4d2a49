"""Endpointing asks its witnesses, dictation and pace; a slow witness is not waited for."""

import asyncio

import pytest
from livekit import rtc

from agent.language.en.turn_words import ENGLISH
from agent.rules.endpointing import Dictated, Patience
from agent.rules.evidence import Meant, Who
from agent.turns.endpointing import Endpointing
from tests.fakes.virtual_time import run

PATIENCE = Patience(finished_s=0.25, unsure_s=0.6, unfinished_s=1.6, dictation_s=2.0)


class Ear:
    """A witness with one opinion, which it takes its time to have."""

    def __init__(self, opinion: float | None, takes_s: float = 0.05, who: Who = Who.SMART_TURN) -> None:
        self.who = who
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

    async def probability(self, text: str) -> float | None:
        """After its time."""
        await asyncio.sleep(self._takes_s)
        return self._opinion

    def on_end(self) -> None:
        """Noted."""
        self.told.append("end")


def endpointing(*ears: Ear, dictated: Dictated = Dictated.NONE) -> Endpointing:
    """With the loop's clock."""
    clock = asyncio.get_running_loop().time
    return Endpointing(PATIENCE, ENGLISH, dictated=lambda _: dictated, witnesses=ears, clock=clock)


def test_a_sentence_that_sounds_unfinished_waits_longer() -> None:
    """The witness's word, heard in time; one that is late or cannot say is as good as none."""

    async def scene() -> list[float]:
        late, mute = Ear(0.05, takes_s=3.0), Ear(None)
        alone = [(await endpointing(ear).wait("Where is my order")).seconds for ear in (Ear(0.99), Ear(0.05))]
        return [
            *alone,
            *[(await endpointing(*ears).wait("Where is my order")).seconds for ears in ((late,), (mute,), ())],
        ]

    whole, cut, *silent = run(scene())
    assert whole < silent[0] == silent[1] == silent[2] < cut


def test_several_witnesses_are_asked_at_once() -> None:
    """Words that read whole and a sound that does not: something between the two."""

    async def scene() -> list[float]:
        words, sound = Ear(0.97, who=Who.WORDS, takes_s=0.2), Ear(0.3, takes_s=0.2)
        began = asyncio.get_running_loop().time()
        both = (await endpointing(words, sound).wait("Where is my order")).seconds
        took = asyncio.get_running_loop().time() - began
        alone = [(await endpointing(one).wait("Where is my order")).seconds for one in (words, sound)]
        return [took, alone[0], both, alone[1]]

    took, by_words, both, by_sound = run(scene())
    assert took == pytest.approx(0.2, abs=0.01) and by_words < both < by_sound


def test_with_a_large_model_nobody_is_asked_what_was_meant() -> None:
    """The same wait as where the understanding does not know the sentence."""

    async def scene() -> list[float]:
        async def unclear(_: str) -> Meant:
            return Meant.UNCLEAR

        unknowing = Endpointing(
            PATIENCE, ENGLISH, dictated=lambda _: Dictated.NONE, meant=unclear, witnesses=[Ear(0.97)]
        )
        return [(await ends.wait("It went well.")).seconds for ends in (endpointing(Ear(0.97)), unknowing)]

    large, small = run(scene())
    assert large == small < 0.6


def test_a_number_in_the_middle_is_waited_for() -> None:
    """Whatever the model hears."""

    async def scene() -> float:
        return (await endpointing(Ear(0.9), dictated=Dictated.UNFINISHED).wait("four five")).seconds

    assert run(scene()) == 2.0


def test_who_speaks_again_at_once_was_cut_off_and_is_given_time() -> None:
    """And after turns that went well, less of it."""

    async def scene() -> list[float]:
        ends = endpointing(Ear(0.99), Ear(0.95, who=Who.WORDS))
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
