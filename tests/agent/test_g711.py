"""G.711 mu-law, against the values of the recommendation and against itself."""

import numpy as np
import pytest

from agent.g711 import linear, mu_law


def test_the_recommendations_own_values() -> None:
    """Silence is 0xFF, the loudest samples are 0x80 and 0x00, and a step in the middle is where G.711 has it."""
    samples = np.array([0, 32_767, -32_768, 1_000, -1_000, 8], np.int16)
    assert mu_law(samples).hex() == "ff8000ce4efe"
    assert linear(bytes([0xFF, 0x80, 0x00, 0xCE])).tolist() == [0, 32_124, -32_124, 988]


def test_every_byte_survives_the_way_there_and_back() -> None:
    """But for negative zero, which is zero."""
    every = bytes(range(256))
    assert mu_law(linear(every)) == every.replace(b"\x7f", b"\xff")


def test_no_sample_is_off_by_more_than_half_a_step() -> None:
    """All 65 536 of them: a step is a sixteenth of the sample at most, and never below eight."""
    samples = np.arange(-32_768, 32_768).astype(np.int16)
    off = np.abs(linear(mu_law(samples)).astype(np.int32) - samples)
    magnitude = np.abs(samples.astype(np.int32))
    assert (off <= np.maximum(4, (magnitude + 132) / 31)).all()


@pytest.mark.parametrize(
    ("sample", "byte"),
    [(0, 0xFF), (32_767, 0x80), (-32_768, 0x00), (1000, 0xCE), (-1000, 0x4E), (132, 0xEF)],
)
def test_a_sample_is_the_byte_that_the_standard_gives_it(sample: int, byte: int) -> None:
    """Silence, both ends, and between."""
    assert mu_law(np.array([sample], np.int16)) == bytes([byte])


def test_what_is_decoded_again_is_near() -> None:
    """Within a step of the scale, whose steps grow with the level."""
    sound = np.random.default_rng(7).integers(-32_000, 32_000, 10_000).astype(np.int16)
    value = ~np.frombuffer(mu_law(sound), np.uint8).astype(np.int32) & 0xFF
    size = (((value & 0x0F) << 3) + 132 << (value >> 4 & 0x07)) - 132
    heard = np.where(value & 0x80, -size, size)
    assert np.all(np.abs(heard - sound) <= np.maximum(8, np.abs(sound.astype(np.int32)) / 16))
