"""The witness of the sound keeps what it hears, asks once a silence, and is silent when nobody answers."""

import asyncio

import pytest
from livekit import rtc

from agent.errors import ProviderError
from agent.turns.witnesses.smart_turn import SmartTurnWitness
from tests.fakes.virtual_time import run


class Process:
    """Answers with the seconds it was given to hear, over a hundred."""

    def __init__(self, *, fails: bool = False) -> None:
        self.asked: list[int] = []
        self._fails = fails

    async def is_over(self, pcm: bytes) -> float:
        """After a moment."""
        self.asked.append(len(pcm))
        await asyncio.sleep(0.05)
        if self._fails:
            raise ProviderError("stt", "moonshine", "away")
        return len(pcm) / 32_000 / 100


def sound(seconds: float, rate: int = 16_000) -> rtc.AudioFrame:
    """Silence of a length."""
    samples = int(seconds * rate)
    return rtc.AudioFrame(bytes(2 * samples), rate, 1, samples)


def test_it_is_asked_once_a_silence_about_the_last_eight_seconds_of_the_turn() -> None:
    """Of more it keeps the end, of the turn before nothing."""

    async def scene() -> tuple[list[float | None], list[int]]:
        process = Process()
        witness = SmartTurnWitness(process.is_over)
        said: list[float | None] = []
        for seconds in (3.0, 7.0):
            witness.on_sound(sound(seconds))
            witness.on_silence()
            said += [await witness.probability("the words"), await witness.probability("other words")]
        witness.on_end()
        witness.on_sound(sound(1.0))
        return [*said, await witness.probability("")], process.asked

    said, asked = run(scene())
    assert said == [0.03, 0.03, 0.08, 0.08, 0.01]
    assert asked == [96_000, 256_000, 32_000]


def test_other_rates_are_brought_to_the_models() -> None:
    """A cloud STT's frames come at 24 or 48 kHz."""

    async def scene() -> int:
        process = Process()
        witness = SmartTurnWitness(process.is_over)
        for _ in range(20):
            witness.on_sound(sound(0.1, rate=48_000))
        await witness.probability("")
        return process.asked[0]

    assert run(scene()) == pytest.approx(64_000, rel=0.05)


def test_a_process_that_is_away_is_told_once_and_leaves_it_to_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is raised into the turn; neither is there an opinion on no sound."""

    async def scene() -> list[float | None]:
        witness = SmartTurnWitness(Process(fails=True).is_over)
        said = [await witness.probability("")]
        for _ in range(2):
            witness.on_sound(sound(1.0))
            witness.on_silence()
            said.append(await witness.probability(""))
        return said

    assert run(scene()) == [None, None, None]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
