"""Log-mel features as Whisper's models take them: what a second of sound holds in each of 80 bands, 100 times a second.

Whisper's settings: frames of 25 ms under a periodic Hann window every 10 ms, centred, the ends mirrored; triangles on
Slaney's mel scale, each of area one; the logarithm to ten, 80 dB deep at most, scaled to about -1 to 1.
"""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

RATE = 16_000
BANDS = 80
HOP = RATE // 100
_FRAME = RATE // 40
_FLOOR, _DEPTH = 1e-10, 8.0
_LINEAR_TO_HZ = 1000.0  # below it Slaney's scale is linear, 15 mels; above it grows by a 27th of ln 6.4 a mel
_MEL_HZ, _LOG_STEP = 200.0 / 3.0, np.log(6.4) / 27.0

Floats = NDArray[np.float32]


def log_mel(samples: Floats) -> Floats:
    """Shape (80, one for each 10 ms of `samples`). The samples are brought to mean 0 and variance 1 first."""
    level = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    framed = sliding_window_view(np.pad(level, _FRAME // 2, mode="reflect"), _FRAME)[::HOP]
    window, triangles = _window(), _triangles()
    power = np.square(np.abs(np.fft.rfft(framed[: len(samples) // HOP] * window)))
    bands = np.log10(np.maximum(power.astype(np.float32) @ triangles, _FLOOR)).T
    return np.asarray((np.maximum(bands, bands.max() - _DEPTH) + 4.0) / 4.0, np.float32)


@lru_cache(maxsize=1)
def _window() -> Floats:
    return np.hanning(_FRAME + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=1)
def _triangles() -> Floats:
    """Shape (201, 80): how much of each frequency belongs to each band."""
    edges = _hertz(np.linspace(0.0, _mels(RATE / 2), BANDS + 2))
    frequencies = np.linspace(0.0, RATE / 2, _FRAME // 2 + 1)[:, None]
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return (np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (high - low)).astype(np.float32)


def _mels(hertz: float) -> float:
    is_linear = hertz < _LINEAR_TO_HZ
    return hertz / _MEL_HZ if is_linear else float(15.0 + np.log(hertz / _LINEAR_TO_HZ) / _LOG_STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mels < 15.0, mels * _MEL_HZ, _LINEAR_TO_HZ * np.exp((mels - 15.0) * _LOG_STEP))
