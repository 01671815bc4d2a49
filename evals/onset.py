"""When speech begins and ends in a recording; levels relative to the recording's own silence."""

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 0.01
FLOOR_DB = -50.0  # of full scale: below this nothing counts as speech
HOLD_WINDOWS = 3  # so many loud windows in a row make an onset; a click does not


def levels_db(samples: NDArray[np.int16], rate: int) -> NDArray[np.float64]:
    """Level of each 10 ms window in dB of full scale. Shape (n,)."""
    window = int(rate * WINDOW_S)
    count = len(samples) // window
    blocks = samples[: count * window].reshape(count, window).astype(np.float64) / 32768.0
    power: NDArray[np.float64] = np.mean(blocks**2, axis=1)
    return np.asarray(10 * np.log10(power + 1e-18))


def onset_s(samples: NDArray[np.int16], rate: int, after_s: float = 0.0) -> float | None:
    """Seconds at which sound begins at or after `after_s`; None when it stays silent."""
    loud = levels_db(samples, rate) > FLOOR_DB
    first = int(after_s / WINDOW_S)
    for at in range(first, len(loud) - HOLD_WINDOWS + 1):
        if loud[at : at + HOLD_WINDOWS].all():
            return float(at * WINDOW_S)
    return None


def end_s(samples: NDArray[np.int16], rate: int) -> float:
    """Seconds at which the last sound ends; 0 when all is silent."""
    loud = np.flatnonzero(levels_db(samples, rate) > FLOOR_DB)
    return float((loud[-1] + 1) * WINDOW_S) if len(loud) else 0.0


def trimmed(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    """Without the silence behind the last sound."""
    return samples[: int(end_s(samples, rate) * rate)]
