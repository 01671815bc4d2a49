"""G.711 mu-law, as telephone lines carry it: 8000 samples a second, a byte each."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8_000
Samples = NDArray[np.int16]
_BIAS, _CLIP = 0x84, 32_635


def _decoded() -> Samples:
    """What each of the 256 bytes means: sign, three bits of exponent, four of mantissa, all inverted (ITU-T G.711)."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = ((((code & 0x0F).astype(np.int32) << 3) + _BIAS) << ((code & 0x70) >> 4)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encoded() -> NDArray[np.uint8]:
    """The byte of each of the 65 536 samples, by its bits as an unsigned number."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    biased = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    byte: NDArray[np.int32] = sign | (exponent << 4) | mantissa
    return (255 - byte).astype(np.uint8)


_TO_LINEAR, _TO_MU_LAW = _decoded(), _encoded()


def linear(mu_law: bytes) -> Samples:
    """The samples, int16."""
    return _TO_LINEAR[np.frombuffer(mu_law, np.uint8)]


def mu_law(samples: Samples) -> bytes:
    """A byte for each sample."""
    return _TO_MU_LAW[samples.view(np.uint16)].tobytes()
