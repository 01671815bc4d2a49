"""The verdict on a turn, from recordings whose gap is known to the sample."""

import numpy as np
import pytest

from evals.caller import RATE, Samples
from evals.gaps import LEAD_S, gap
from tests.fakes.recordings import hiss, noise, recorded, vowel

CHANCE_SEED = 3
ENDED_S = LEAD_S + 0.8


def caller_side() -> Samples:
    """A question of 0.8 s."""
    return recorded(LEAD_S, vowel(0.8))


@pytest.mark.parametrize("gap_s", [0.05, 0.2, 0.4, 0.7, 1.25])
@pytest.mark.parametrize("noise_db", [-200.0, -50.0])
def test_known_gap_is_measured_within_20_ms(gap_s: float, noise_db: float) -> None:
    """Also over the noise of a line, and with a click in the silence."""
    chance = np.random.default_rng(CHANCE_SEED)
    agent = recorded(ENDED_S + gap_s, hiss(chance, 0.1), vowel(0.4), under=noise(chance, noise_db, 3))
    found = gap(caller_side(), agent)
    assert found.verdict == "counted"
    assert found.ms == pytest.approx(gap_s * 1000, abs=20)
    agent[int((ENDED_S - 0.2) * RATE) :][:300] = 9000
    assert gap(caller_side(), agent).ms == pytest.approx(gap_s * 1000, abs=20)


def test_an_agent_that_speaks_into_the_question_is_discarded_as_such() -> None:
    """It did not wait for the end: its gap would be none, or that of another sound."""
    found = gap(caller_side(), recorded(LEAD_S + 0.5, vowel(1.0)))
    assert (found.verdict, found.ms) == ("cut_off", None)


def test_an_agent_that_says_nothing_is_discarded_as_silent() -> None:
    """Noise is not an answer."""
    found = gap(caller_side(), recorded(0.0, under=noise(np.random.default_rng(CHANCE_SEED), -55, 3)))
    assert (found.verdict, found.ms) == ("silent", None)


def test_an_onset_that_nobody_can_place_is_discarded() -> None:
    """A slow fade over noise: the detectors do not agree."""
    voice = vowel(1.5)
    voice[: int(0.8 * RATE)] *= np.linspace(0, 1, int(0.8 * RATE)) ** 2
    found = gap(caller_side(), recorded(1.4, voice, under=noise(np.random.default_rng(CHANCE_SEED), -45, 3)))
    assert (found.verdict, found.ms) == ("disagree", None)
    assert found.apart_s is not None and found.apart_s > 0.04


def test_silence_behind_the_question_is_not_the_callers() -> None:
    """However long the stimulus is padded, its end is that of its sound."""
    caller = np.concatenate([caller_side(), np.zeros(RATE, np.int16)])
    assert gap(caller, recorded(ENDED_S + 0.3, vowel(1.0))).ended_s == pytest.approx(ENDED_S, abs=0.006)
