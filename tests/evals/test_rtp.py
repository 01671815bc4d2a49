"""The telephone's sound: mu-law as the standard has it, and what one line sends is what another hears."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import numpy as np
import pytest

from agent.g711 import linear, mu_law
from evals.rtp import RATE, Line
from evals.telephone import tone


@contextlib.asynccontextmanager
async def two_lines() -> AsyncIterator[tuple[Line, Line]]:
    """Two lines that send to each other."""
    one, other = await Line.open(), await Line.open()
    one.remote, other.remote = ("127.0.0.1", other.port), ("127.0.0.1", one.port)
    try:
        yield one, other
    finally:
        await one.aclose()
        await other.aclose()


def test_every_code_of_mu_law_comes_back() -> None:
    """Encoding what was decoded gives the same code, but for the second zero."""
    codes = np.arange(256).astype(np.uint8)
    again = np.frombuffer(mu_law(linear(bytes(codes))), np.uint8)
    assert [int(code) for code in codes if again[code] != code] == [0x7F]


@pytest.mark.parametrize("level", [0.001, 0.02, 0.3, 0.99])
def test_sound_survives_the_telephone(level: float) -> None:
    """The error is a thirtieth of the sound at most, beyond what the quietest step costs."""
    sound = tone(440, 0.1, level)
    error = np.abs(linear(mu_law(sound)).astype(int) - sound)
    assert np.all(error <= np.abs(sound.astype(int)) / 30 + 8)


async def test_what_one_says_the_other_hears_and_the_length_is_right() -> None:
    """Half a second of a tone, silence around it."""
    async with two_lines() as (one, other):
        since = other.now
        await one.say(tone(880, 0.5))
        await asyncio.sleep(0.1)
        loud = np.abs(other.rendered(since).astype(int)) > 1000
        assert 0.4 < np.sum(loud) / (0.93 * RATE) < 0.6


async def test_keys_arrive_once_each_and_in_order() -> None:
    """Each event is sent many times over; doubled keys are two."""
    async with two_lines() as (one, other):
        await one.press("4455*#")
        await asyncio.sleep(0.1)
        assert other.keys_heard == "4455*#"
