"""Sound arithmetic for callers of our own: levels, pauses cut into speech, coughs, and what a room adds.

All sound is int16 mono at 48 kHz. Whoever needs chance gives a seeded generator.
"""

from collections import deque
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.caller import FRAME, RATE, Samples
from evals.onset import FLOOR_DB, WINDOW_S, levels_db

SPEECH_DB = -20.0  # of full scale, over what is audible: every voice speaks as loud as the others
FADE = RATE // 200  # 5 ms, so that a cut does not click
_BAND_COUNT = 24
_NEAR_S = 0.04  # a word's border is looked for so near to where the alignment puts it
ECHO_S = 0.15

Floats = NDArray[np.float64]


def audible_db(samples: Samples) -> float:
    """Level over the windows that are above the floor, in dB of full scale; the floor when none is."""
    levels = levels_db(samples, RATE)
    loud = levels[levels > FLOOR_DB]
    return float(10 * np.log10(np.mean(10 ** (loud / 10)))) if len(loud) else FLOOR_DB


def at_level(samples: Samples, level_db: float = SPEECH_DB) -> Samples:
    """The same sound at that level over what is audible."""
    return scaled(samples, level_db - audible_db(samples))


def scaled(samples: Samples, gain_db: float) -> Samples:
    """Louder or softer; what does not fit is clipped."""
    return _clipped(samples * 10 ** (gain_db / 20))


def silence(seconds: float) -> Samples:
    """Nothing, for so long."""
    return np.zeros(int(seconds * RATE), np.int16)


def with_pause(whole: Samples, beginning: Samples, pause_s: float) -> Samples:
    """The sentence with a pause of `pause_s` where `beginning`, the same words spoken alone, ends in it.

    One synthesis in two pieces: the voice goes on as if it had not stopped. Silence that was there is part of it.
    """
    cut = quietest_near(whole, aligned_end(whole, beginning))
    before, after = faded(whole[:cut]), faded(whole[cut:])
    levels = levels_db(before, RATE), levels_db(after, RATE)
    ends = np.flatnonzero(levels[0] > FLOOR_DB)
    begins = np.flatnonzero(levels[1] > FLOOR_DB)
    window = int(WINDOW_S * RATE)
    before = before[: (ends[-1] + 1) * window] if len(ends) else before
    after = after[begins[0] * window :] if len(begins) else after
    return np.concatenate([before, silence(pause_s), after])


def aligned_end(whole: Samples, beginning: Samples) -> int:
    """The sample of `whole` at which `beginning` ends, by dynamic time warping of their spectra."""
    wanted, there = _bands(_until_last_sound(beginning)), _bands(whole)
    distance = np.sqrt(((wanted[:, None, :] - there[None, :, :]) ** 2).sum(-1))
    total = np.cumsum(distance[0])
    for row in distance[1:]:
        # from the frame before (both go on) or from above (the sentence dwells); then along the row
        best = np.minimum(total, np.concatenate([[np.inf], total[:-1]]))
        total = np.empty_like(best)
        left = np.inf
        for at, (here, above) in enumerate(zip(row, best, strict=True)):
            left = here + min(left, above)
            total[at] = left
    return int((np.argmin(total) + 1) * FRAME)


def quietest_near(samples: Samples, at: int) -> int:
    """The middle of the quietest 10 ms near that sample."""
    low, high = max(0, at - int(_NEAR_S * RATE)), min(len(samples), at + int(_NEAR_S * RATE))
    levels = levels_db(samples[low:high], RATE)
    return low + int((np.argmin(levels) + 0.5) * WINDOW_S * RATE) if len(levels) else at


def faded(samples: Samples) -> Samples:
    """Without a click at either end."""
    ramp = np.minimum(1.0, np.arange(len(samples)) / FADE)
    return _clipped(samples * ramp * ramp[::-1])


def cough(chance: np.random.Generator) -> Samples:
    """Two or three bursts of shaped noise: a sharp attack, a throat's resonances, a fast decay."""
    bursts = [_burst(chance, chance.uniform(0.12, 0.2)) for _ in range(int(chance.integers(2, 4)))]
    gaps = [silence(chance.uniform(0.05, 0.15)) for _ in bursts]
    return at_level(np.concatenate([piece for pair in zip(bursts, gaps, strict=True) for piece in pair]), SPEECH_DB + 3)


def knock(chance: np.random.Generator) -> Samples:
    """Something heavy put down: a low thump that rings for a tenth of a second."""
    seconds = np.arange(int(0.25 * RATE)) / RATE
    thump = np.sin(2 * np.pi * chance.uniform(70, 120) * seconds) * np.exp(-seconds * 25)
    rattle = chance.normal(0, 0.3, len(seconds)) * np.exp(-seconds * 60)
    return at_level(_clipped((thump + rattle) * 16_000), SPEECH_DB + 3)


class RoomNoise:
    """A microphone in a noisy room: the sound goes round and round at its level, under whatever is said."""

    def __init__(self, sound: Samples, level_db: float) -> None:
        self._sound = at_level(sound, level_db)
        self._at = 0

    def __call__(self, frame: Samples) -> Samples:
        """The frame with what the room adds."""
        added = np.take(self._sound, range(self._at, self._at + len(frame)), mode="wrap")
        self._at = (self._at + len(frame)) % len(self._sound)
        return mixed(frame, added)


class Echo:
    """A loudspeaker near the microphone: what was heard comes back after ECHO_S, softer by `loss_db`."""

    def __init__(self, loss_db: float) -> None:
        self._gain_db = -loss_db
        self._waits = int(ECHO_S * RATE) // FRAME
        self._heard: deque[Samples] = deque()
        self._is_playing = False

    def hear(self, frame: Samples) -> None:
        """What the loudspeaker plays now."""
        self._heard.append(frame)
        while len(self._heard) > 2 * self._waits:  # the two clocks drift apart
            self._heard.popleft()

    def __call__(self, frame: Samples) -> Samples:
        """The frame with what comes back."""
        self._is_playing = bool(self._heard) and (self._is_playing or len(self._heard) > self._waits)
        return mixed(frame, scaled(self._heard.popleft(), self._gain_db)) if self._is_playing else frame


def mixed(one: Samples, other: Samples) -> Samples:
    """Both at once, the length of the first."""
    padded = np.pad(other[: len(one)], (0, max(0, len(one) - len(other))))
    return _clipped(one.astype(np.float64) + padded)


def _burst(chance: np.random.Generator, seconds: float) -> Samples:
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    throat = sum(np.exp(-(((hertz - at) / width) ** 2)) for at, width in ((500, 250), (1400, 500), (3200, 900)))
    noise = np.fft.irfft(spectrum * throat, count)
    decay = np.exp(-np.arange(count) / RATE * 18) * np.minimum(1, np.arange(count) / (0.008 * RATE))
    return _clipped(noise / np.abs(noise).max() * decay * 20_000)


def _bands(samples: Samples) -> Floats:
    """Log energy in bands up to 8 kHz of each 10 ms, without its mean. Shape (frames, _BAND_COUNT)."""
    count = len(samples) // FRAME
    padded = np.pad(samples.astype(np.float64) / 32768, (FRAME, FRAME))
    frames = np.stack([padded[at * FRAME : at * FRAME + 3 * FRAME] for at in range(count)]) * np.hanning(3 * FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges = np.geomspace(3, 8000 / (RATE / (3 * FRAME)), _BAND_COUNT + 1).astype(int)
    pooled = np.stack([power[:, low : max(high, low + 1)].sum(1) for low, high in pairwise(edges)])
    return np.asarray(np.log10(pooled.T + 1e-6))


def _until_last_sound(samples: Samples) -> Samples:
    loud = np.flatnonzero(levels_db(samples, RATE) > FLOOR_DB)
    return samples[: (loud[-1] + 1) * int(WINDOW_S * RATE)] if len(loud) else samples


def _clipped(samples: NDArray[np.floating[Any]] | NDArray[np.integer[Any]]) -> Samples:
    return np.asarray(np.clip(np.rint(samples), -32768, 32767), np.int16)
