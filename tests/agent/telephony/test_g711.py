"""G.711 mu-law, against the values of the recommendation and against itself."""

import numpy as np

from agent.telephony.g711 import linear, mu_law


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
