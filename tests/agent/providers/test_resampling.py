"""Frames at one rate."""

import pytest
from livekit import rtc

from agent.providers.resampling import AtRate


def frame(rate: int, ms: int) -> rtc.AudioFrame:
    """Silence."""
    count = rate * ms // 1000
    return rtc.AudioFrame(bytes(2 * count), rate, 1, count)


def test_the_wanted_rate_passes_untouched() -> None:
    """And nothing is left over."""
    at_rate, one = AtRate(24_000), frame(24_000, 20)
    assert at_rate.push(one) == [one] and at_rate.flush() == []


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_any_other_rate_becomes_it_and_lasts_as_long(rate: int) -> None:
    """Pushed and flushed together."""
    at_rate = AtRate(24_000)
    found = [piece for _ in range(10) for piece in at_rate.push(frame(rate, 20))] + at_rate.flush()
    assert {piece.sample_rate for piece in found} == {24_000}
    assert sum(piece.duration for piece in found) == pytest.approx(0.2, abs=0.01)
