"""A telephone's bytes are those of ITU-T G.711."""

import numpy as np
import pytest

from agent.providers.mu_law import encoded


@pytest.mark.parametrize(
    ("sample", "byte"),
    [(0, 0xFF), (32_767, 0x80), (-32_768, 0x00), (1000, 0xCE), (-1000, 0x4E), (132, 0xEF)],
)
def test_a_sample_is_the_byte_that_the_standard_gives_it(sample: int, byte: int) -> None:
    """Silence, both ends, and between."""
    assert encoded(np.array([sample], np.int16).tobytes()) == bytes([byte])


def test_what_is_decoded_again_is_near(rng: np.random.Generator) -> None:
    """Within a step of the scale, whose steps grow with the level."""
    sound = rng.integers(-32_000, 32_000, 10_000).astype(np.int16)
    value = ~np.frombuffer(encoded(sound.tobytes()), np.uint8).astype(np.int32) & 0xFF
    size = (((value & 0x0F) << 3) + 132 << (value >> 4 & 0x07)) - 132
    heard = np.where(value & 0x80, -size, size)
    assert np.all(np.abs(heard - sound) <= np.maximum(8, np.abs(sound.astype(np.int32)) / 16))


@pytest.fixture
def rng() -> np.random.Generator:
    """The same numbers each time."""
    return np.random.default_rng(7)
