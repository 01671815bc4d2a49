"""When speech begins and ends in a recording.

Two detectors that know nothing of each other: `energy_onset_s` hears that it gets louder, `flux_onset_s` that the sound
changes its colour. Where they disagree, nobody knows when the speech began.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WINDOW_S = 0.01
FLOOR_DB = -50.0  # of full scale: below this nothing counts as speech
HOLD_WINDOWS = 3  # so many loud windows in a row make an onset; a click does not
ABOVE_NOISE_DB = 10.0  # so much louder than the line's own noise
_STEP_S = 0.0025
_SUSTAINED_S = 0.06  # both detectors: what is over sooner was a click

_FRAME_S = 0.016  # of the spectra
_BANDS = 20
_LOWEST_HZ, _HIGHEST_HZ = 120.0, 3400.0  # what the telephone carries too
_BAND_FLOOR_DB = -72.0  # of full scale: a band that is softer than this is silent
_FLUX_DB = 20.0  # summed over the bands, from one step to two further: colours change by more, noise by less
_CHANGED_DB = 30.0  # summed over the bands: and it stays that different from the silence before


def levels_db(samples: NDArray[np.int16], rate: int) -> Floats:
    """Level of each 10 ms window in dB of full scale. Shape (n,)."""
    window = int(rate * WINDOW_S)
    count = len(samples) // window
    blocks = samples[: count * window].reshape(count, window).astype(np.float64) / 32768.0
    return _db(np.mean(blocks**2, axis=1))


def onset_s(samples: NDArray[np.int16], rate: int, after_s: float = 0.0) -> float | None:
    """Seconds at which sound begins at or after `after_s`; None when it stays silent."""
    loud = levels_db(samples, rate) > FLOOR_DB
    first = int(after_s / WINDOW_S)
    for at in range(first, len(loud) - HOLD_WINDOWS + 1):
        if loud[at : at + HOLD_WINDOWS].all():
            return float(at * WINDOW_S)
    return None


def longest_silence_s(samples: NDArray[np.int16], rate: int) -> float:
    """Seconds of the longest stretch without sound, that before the first and behind the last sound too."""
    loud = np.flatnonzero(levels_db(samples, rate) > FLOOR_DB)
    edges = np.concatenate([[-1], loud, [len(samples) // int(rate * WINDOW_S)]])
    return float((np.diff(edges).max() - 1) * WINDOW_S)


def end_s(samples: NDArray[np.int16], rate: int) -> float:
    """Seconds at which the last sound ends; 0 when all is silent."""
    loud = np.flatnonzero(levels_db(samples, rate) > FLOOR_DB)
    return float((loud[-1] + 1) * WINDOW_S) if len(loud) else 0.0


def trimmed(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    """Without the silence behind the last sound."""
    return samples[: int(end_s(samples, rate) * rate)]


def energy_onset_s(samples: NDArray[np.int16], rate: int, quiet_s: float) -> float | None:
    """When it gets and stays louder than its own noise, which the first `quiet_s` show; searched behind them."""
    levels = _sliding_db(samples, rate)
    quiet = levels[: max(1, int(quiet_s / _STEP_S))]
    threshold = max(FLOOR_DB, float(np.percentile(quiet, 75)) + ABOVE_NOISE_DB)
    held = _share_ahead(levels > threshold)
    # a window hears the onset as soon as a part of it does: half a window is the error that is left, and taken out
    found = np.flatnonzero((levels > threshold) & (held >= 0.8) & (_times(levels) >= quiet_s))
    return float(found[0] * _STEP_S + WINDOW_S / 2) if len(found) else None


def fine_end_s(samples: NDArray[np.int16], rate: int) -> float:
    """As `end_s`, four times as fine; 0 when all is silent."""
    loud = np.flatnonzero(_sliding_db(samples, rate) > FLOOR_DB)
    return float(loud[-1] * _STEP_S + WINDOW_S / 2) if len(loud) else 0.0


def flux_onset_s(samples: NDArray[np.int16], rate: int, quiet_s: float) -> float | None:
    """When the spectrum leaves that of the first `quiet_s` and stays away: the steepest step on the way."""
    bands = _bands_db(samples, rate, quiet_s)
    rise = np.zeros(len(bands))
    rise[2:] = np.maximum(bands[2:] - bands[:-2], 0.0).sum(axis=1)
    stays = _share_ahead(bands.sum(axis=1) > _CHANGED_DB) >= 0.8
    found = np.flatnonzero((rise > _FLUX_DB) & stays & (_times(rise) >= quiet_s))
    if not len(found):
        return None
    steepest = found[0] + int(np.argmax(rise[found[0] : found[0] + int(_FRAME_S / _STEP_S)]))
    return float(steepest * _STEP_S + _FRAME_S / 2)


def _sliding_db(samples: NDArray[np.int16], rate: int) -> Floats:
    """Level of 10 ms windows, one beginning at each step."""
    window, step = int(rate * WINDOW_S), int(rate * _STEP_S)
    squares = np.concatenate([[0.0], np.cumsum((samples / 32768.0) ** 2)])
    starts = np.arange(0, max(0, len(samples) - window + 1), step)
    return _db((squares[starts + window] - squares[starts]) / window)


def _bands_db(samples: NDArray[np.int16], rate: int, quiet_s: float) -> Floats:
    """How far each band stands above the noise of the quiet beginning, in dB, never below. Shape (steps, _BANDS)."""
    window, step = int(rate * _FRAME_S), int(rate * _STEP_S)
    count = max(0, (len(samples) - window) // step + 1)
    at = np.arange(window)[None, :] + step * np.arange(count)[:, None]
    power = np.abs(np.fft.rfft(samples[at] / 32768.0 * np.hanning(window), axis=1)) ** 2 / (window * window / 8)
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 1) * window / rate
    pooled = np.stack([_between(power, low, high) for low, high in pairwise(edges)], axis=1)
    quiet = pooled[: max(1, int(quiet_s / _STEP_S))]
    noise = np.maximum(np.percentile(quiet, 90, axis=0), 10 ** (_BAND_FLOOR_DB / 10))
    return np.asarray(np.maximum(10 * np.log10(pooled / noise + 1e-9), 0.0))


def _between(power: Floats, low: float, high: float) -> Floats:
    """The power in a band whose edges lie between the lines of the spectrum."""
    lines = np.arange(power.shape[1])
    share = np.clip(np.minimum(high, lines + 0.5) - np.maximum(low, lines - 0.5), 0.0, 1.0)
    return np.asarray(power @ share)


def _share_ahead(is_true: NDArray[np.bool_]) -> Floats:
    """The share of the next _SUSTAINED_S in which it is true, for each step; less than that ahead counts as false."""
    steps = int(_SUSTAINED_S / _STEP_S)
    total = np.concatenate([[0], np.cumsum(is_true), np.full(steps, is_true.sum())])
    return np.asarray((total[steps : steps + len(is_true)] - total[: len(is_true)]) / steps)


def _times(steps: Floats) -> Floats:
    return np.arange(len(steps), dtype=np.float64) * _STEP_S


def _db(power: Floats) -> Floats:
    return np.asarray(10 * np.log10(power + 1e-18))
