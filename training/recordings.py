"""Recordings of people, and where they are cut: behind the last sound, in their own pauses, and at the edges of words.

Sound that is cut is cut out of whole sound: a synthetic half sentence would be spoken with the melody of a whole one.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
SILENCE_S = 0.2  # of it is heard behind the last sound when the witnesses are asked
PAUSE_S = 0.3  # who is silent for so long in mid-turn pauses
_STEP = RATE // 100
_SOFT_DB = 30.0  # below the loudest there is speech no more
_DIP_DB = 14.0  # a gap between two words is so much softer than both
_APART, _WORD = 15, 15  # steps: between two sounds that stand alone; of the shortest word
_NEAR = 12  # steps to both sides in which a gap's words are looked for

Samples = NDArray[np.int16]
Where = Literal["end", "pause", "word"]


@dataclass(frozen=True, slots=True)
class Cut:
    """What has been heard of a recording when the question comes whether the turn is over, and where that is.
    `pause_s` is how long the silence lasts before the speaker goes on, where it is one of their own."""

    sound: Samples
    where: Where
    at_s: float
    pause_s: float = 0.0


def recordings(folder: Path) -> list[Path]:
    """The WAV and FLAC files in a folder, by name."""
    return sorted((*folder.glob("*.flac"), *folder.glob("*.wav")))


def cuts(sound: Samples, seed: int, edges: int = 2) -> Iterator[Cut]:
    """The whole, each of its pauses, and `edges` gaps between words with as much of the room's silence behind them."""
    loud = _decibels(sound)
    speech = _without_clicks(np.flatnonzero(loud > loud.max() - _SOFT_DB))
    first, last = int(speech[0]), int(speech[-1]) + 1
    silent = int(SILENCE_S * 100)
    if last + silent <= len(loud):
        yield Cut(sound[: (last + silent) * _STEP], "end", last / 100)
    pauses = [(a + 1, b) for a, b in pairwise(speech.tolist()) if b - a > PAUSE_S * 100]
    for begin, end in pauses:
        yield Cut(sound[: (begin + silent) * _STEP], "pause", begin / 100, (end - begin) / 100)
    room = _room(sound, loud, silent)
    gaps = [at for at in _gaps(loud, first, last) if not any(a - 20 < at < b + 20 for a, b in pauses)]
    for at in sorted(random.Random(seed).sample(gaps, min(edges, len(gaps)))):
        yield Cut(np.concatenate([_faded(sound[: at * _STEP]), room]), "word", at / 100)


def _decibels(sound: Samples) -> NDArray[np.float64]:
    """The level of each 10 ms, over 30 ms."""
    steps = sound[: len(sound) // _STEP * _STEP].reshape(-1, _STEP).astype(np.float64)
    power = np.convolve(np.square(steps).mean(1), np.ones(3) / 3, mode="same")
    return np.asarray(10.0 * np.log10(power + 1.0))


def _without_clicks(speech: NDArray[np.int64]) -> NDArray[np.int64]:
    """The steps with speech, less those of sounds that stand alone and are shorter than a word."""
    stretches = np.split(speech, np.flatnonzero(np.diff(speech) > _APART) + 1)
    return np.concatenate([stretch for stretch in stretches if len(stretch) >= _WORD] or [speech])


def _gaps(loud: NDArray[np.float64], first: int, last: int) -> list[int]:
    """The softest steps between two words, a word or more from either end."""
    found = []
    for at in range(first + 40, last - 40):
        before, after = loud[at - _NEAR : at], loud[at + 1 : at + 1 + _NEAR]
        is_softest = loud[at] <= before[-5:].min() and loud[at] < after[:5].min()
        if is_softest and min(before.max(), after.max()) - loud[at] >= _DIP_DB:
            found.append(at)
    return found


def _room(sound: Samples, loud: NDArray[np.float64], steps: int) -> Samples:
    """The quietest stretch of so many steps."""
    level = np.convolve(loud, np.ones(steps), mode="valid")
    at = int(level.argmin())
    return sound[at * _STEP : (at + steps) * _STEP]


def _faded(sound: Samples, samples: int = 160) -> Samples:
    """Without the click of a cut."""
    ramp = np.ones(len(sound))
    ramp[-samples:] = np.linspace(1.0, 0.0, samples)
    return (sound * ramp).astype(np.int16)
