"""Two detectors against made-up recordings whose onset is known: within 20 ms each, or they disagree and say so."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.onset import energy_onset_s, flux_onset_s, longest_silence_s
from tests.fakes.recordings import RATE, hiss, noise, recorded, seconds, vowel

QUIET_S = 0.5
AGREE_S = 0.04
DETECTORS = (energy_onset_s, flux_onset_s)
ONSETS = (0.7, 0.9137, 1.1042)


def both(track: NDArray[np.int16]) -> tuple[float, float]:
    """What the two find; a test that expects an onset wants two."""
    energy, flux = (detector(track, RATE, QUIET_S) for detector in DETECTORS)
    assert energy is not None and flux is not None
    return energy, flux


@pytest.mark.parametrize("onset_s", ONSETS)
@pytest.mark.parametrize("noise_db", [-200.0, -60.0, -50.0])
def test_speech_is_found_within_20_ms_also_in_noise(onset_s: float, noise_db: float) -> None:
    """A vowel, and a hiss that a voice follows, over a line's own noise."""
    chance = np.random.default_rng(7)
    under = noise(chance, noise_db, 3)
    for sounds in ((vowel(1.0),), (hiss(chance, 0.12), vowel(1.0))):
        assert both(recorded(onset_s, *sounds, under=under)) == pytest.approx((onset_s, onset_s), abs=0.02)


@pytest.mark.parametrize("fade_s", [0.02, 0.05])
def test_speech_that_fades_in_is_found_within_20_ms(fade_s: float) -> None:
    """As voices do: from nothing to full in a few hundredths of a second."""
    voice = vowel(1.0)
    voice[: int(fade_s * RATE)] *= np.linspace(0, 1, int(fade_s * RATE))
    assert both(recorded(0.9, voice)) == pytest.approx((0.9, 0.9), abs=0.02)


def test_where_a_slow_fade_begins_nobody_knows() -> None:
    """0.8 s from nothing to full, over noise: the two do not agree, and the turn will be discarded."""
    voice = vowel(1.5)
    voice[: int(0.8 * RATE)] *= np.linspace(0, 1, int(0.8 * RATE)) ** 2
    energy, flux = both(recorded(0.9, voice, under=noise(np.random.default_rng(7), -45, 3)))
    assert abs(energy - flux) > AGREE_S


@pytest.mark.parametrize("length_s", [0.001, 0.01, 0.02])
@pytest.mark.parametrize("before_s", [0.05, 0.15])
def test_a_click_before_speech_is_not_its_onset(length_s: float, before_s: float) -> None:
    """Loud, and over sooner than any syllable."""
    click = noise(np.random.default_rng(7), -12, length_s)
    track = recorded(0.9, vowel(1.0)).astype(np.float64)
    at = round((0.9 - before_s) * RATE)
    track[at : at + len(click)] += click
    assert both(track.astype(np.int16)) == pytest.approx((0.9, 0.9), abs=0.02)


@pytest.mark.parametrize("noise_db", [-200.0, -60.0, -40.0])
def test_silence_and_steady_noise_have_no_onset(noise_db: float) -> None:
    """Neither does a lone click."""
    track = noise(np.random.default_rng(7), noise_db, 3)
    for detector in DETECTORS:
        assert detector(track.astype(np.int16), RATE, QUIET_S) is None
    track[RATE : RATE + 480] += 9000
    for detector in DETECTORS:
        assert detector(track.astype(np.int16), RATE, QUIET_S) is None


def test_the_two_listen_to_different_things() -> None:
    """A hum that becomes a voice of the same level has no onset for one of them, and one for the other."""
    voice = vowel(1.5)
    hum = np.sin(2 * np.pi * 200 * seconds(3)) * np.sqrt(2) * voice.std()
    track = recorded(0.9, voice - hum[round(0.9 * RATE) : round(0.9 * RATE) + len(voice)], under=hum)
    assert energy_onset_s(track, RATE, QUIET_S) is None
    assert flux_onset_s(track, RATE, QUIET_S) == pytest.approx(0.9, abs=0.02)


def test_the_longest_silence_is_found_wherever_it_is() -> None:
    """Before, between or behind sounds; all of it where there is none."""
    sound, gap = vowel(0.4), np.zeros(int(0.8 * RATE))
    assert longest_silence_s(recorded(0.0, sound, gap, vowel(1.8)), RATE) == pytest.approx(0.8, abs=0.02)
    assert longest_silence_s(recorded(1.1, vowel(1.9)), RATE) == pytest.approx(1.1, abs=0.02)
    assert longest_silence_s(recorded(0.0, sound), RATE) == pytest.approx(2.6, abs=0.02)
    assert longest_silence_s(np.zeros(3 * RATE, np.int16), RATE) == pytest.approx(3.0, abs=0.02)
