"""Log-mel features against the definition, worked out one frame and one band at a time."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.providers.local.models.log_mel import BANDS, RATE, log_mel
from agent.providers.local.models.smart_turn import SmartTurn, weights


def naive(samples: NDArray[np.float64], frame: int) -> list[float]:
    """The power in each band of one frame: a discrete Fourier transform by its sum, triangles between mel points."""
    level = (samples - samples.mean()) / math.sqrt(samples.var() + 1e-7)
    padded = np.concatenate([level[200:0:-1], level, level[-2:-202:-1]])
    part = padded[160 * frame : 160 * frame + 400]
    window = [0.5 - 0.5 * math.cos(2 * math.pi * n / 400) for n in range(400)]
    n = np.arange(400)
    power = [abs(np.sum(part * window * np.exp(-2j * math.pi * k * n / 400))) ** 2 for k in range(201)]
    to_mel = 15 + 27 * math.log(8000 / 1000) / math.log(6.4)
    mels = [to_mel * step / (BANDS + 1) for step in range(BANDS + 2)]
    edges = [m * 200 / 3 if m < 15 else 1000 * math.exp((m - 15) * math.log(6.4) / 27) for m in mels]
    bands = []
    for low, middle, high in zip(edges, edges[1:], edges[2:], strict=False):
        total = 0.0
        for k in range(201):
            at = 40.0 * k
            height = (at - low) / (middle - low) if at <= middle else (high - at) / (high - middle)
            total += max(0.0, height) * 2 / (high - low) * power[k]
        bands.append(total)
    return bands


def test_the_features_are_those_of_the_definition() -> None:
    """At the mirrored beginning, in the middle and at the end; a chirp and some noise."""
    at = np.arange(RATE) / RATE
    samples = np.sin(2 * math.pi * (200 + 1500 * at) * at) + np.random.default_rng(1).normal(0, 0.05, RATE)
    found = log_mel(samples.astype(np.float32))
    assert found.shape == (BANDS, 100)
    logs = {frame: np.log10(np.maximum(naive(samples, frame), 1e-10)) for frame in (0, 50, 99)}
    for frame, expected in logs.items():
        assert found[:, frame] == pytest.approx((expected + 4) / 4, abs=2e-3)


def test_nothing_lies_more_than_80_db_below_the_loudest() -> None:
    """A loud second in silence: two of the scaled units."""
    samples = np.zeros(2 * RATE, np.float32)
    samples[RATE:] = np.random.default_rng(2).normal(0, 0.3, RATE)
    found = log_mel(samples)
    assert found.max() - found.min() == pytest.approx(2.0)


@pytest.mark.skipif(weights() is None, reason="the wheel pipecat-ai is not installed")
def test_smart_turn_answers_with_a_probability_for_any_length() -> None:
    """Nothing, half a second, more than it can hear, and an odd byte."""
    path = weights()
    assert path
    model = SmartTurn(path)
    model.warm()
    noise = np.random.default_rng(3).normal(0, 500, 10 * RATE).astype(np.int16).tobytes()
    assert all(0.0 <= model.probability(pcm) <= 1.0 for pcm in (b"", noise[: RATE + 1], noise))
