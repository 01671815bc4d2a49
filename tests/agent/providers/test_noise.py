"""What the profile has taken out of a caller's sound."""

import numpy as np
import pytest
from livekit import rtc

from agent.profile.choices import NoiseChoice
from agent.providers.noise import cleaners

RATE, FRAME = 16_000, 320


def test_nothing_is_taken_out_unasked() -> None:
    """Nor is anything loaded."""
    assert cleaners(NoiseChoice()) is None


@pytest.mark.parametrize(("strength", "least_db"), [(1.0, 12.0), (0.5, 4.0)])
def test_hush_takes_the_noise_away(strength: float, least_db: float) -> None:
    """A hiss is softer by so much once it is known for one; every frame is as long as it came."""
    make = cleaners(NoiseChoice(remover="hush", strength=strength))
    assert make is not None
    cleaner = make()
    hiss = (1000 * np.random.default_rng(1).standard_normal(3 * RATE)).astype(np.int16)
    pieces = [hiss[at : at + FRAME] for at in range(0, len(hiss) - FRAME, FRAME)]
    process, close = cleaner._process, cleaner._close  # noqa: SLF001  # LiveKit calls them so
    cleaned = [process(rtc.AudioFrame(piece.tobytes(), RATE, 1, FRAME)) for piece in pieces]
    close()
    assert {frame.samples_per_channel for frame in cleaned} == {FRAME}
    after = np.concatenate([np.frombuffer(frame.data, np.int16) for frame in cleaned])[-RATE:]
    assert 20 * np.log10(hiss[-RATE:].std() / max(after.std(), 1e-3)) > least_db
