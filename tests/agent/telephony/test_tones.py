"""Beeps and faxes, among voices, music and noise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.g711 import linear, mu_law
from agent.providers.local.speech_client import SpeechClient
from agent.telephony.tones import Tones
from evals import voices

RATE = 16_000
Samples = NDArray[np.int16]


def tone(hertz: float, seconds: float, level: float = 0.2) -> Samples:
    """A tone as a telephone line brings it."""
    at = np.arange(int(seconds * RATE)) / RATE
    return linear(mu_law((level * 32_767 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)))


def noise(seconds: float, level: float = 0.02) -> Samples:
    """Line noise."""
    return (np.random.default_rng(1).normal(0, level, int(seconds * RATE)) * 32_767).astype(np.int16)


def heard(sound: Samples, rate: int = RATE, piece: int = 137) -> Tones:
    """What is made of it when it comes in odd pieces."""
    tones = Tones(rate)
    for at in range(0, len(sound), piece):
        tones.hear(sound[at : at + piece])
    return tones


@pytest.mark.parametrize("hertz", [440.0, 480.0, 620.0, 775.0, 853.0, 1000.0, 1400.0, 2000.0])
@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.2])
def test_a_beep_is_heard_when_it_has_ended(hertz: float, seconds: float) -> None:
    """Of any pitch and length that machines use, also over noise."""
    sound = np.concatenate([noise(0.5), tone(hertz, seconds) + noise(seconds), noise(0.3)])
    tones = heard(sound)
    assert (tones.beeps, tones.has_fax, tones.is_sounding) == (1, False, False)
    assert heard(sound[: int((0.5 + seconds) * RATE)]).is_sounding


@pytest.mark.parametrize("hertz", [1100.0, 1090.0, 2100.0, 2110.0])
def test_a_fax_is_heard_by_either_of_its_tones(hertz: float) -> None:
    """Within the tolerance that the recommendation grants."""
    assert heard(np.concatenate([noise(0.2), tone(hertz, 0.5)])).has_fax


def test_a_telephones_rate_does_as_well() -> None:
    """8 kHz, which ends above the highest of the tones."""
    assert heard(tone(1000.0, 0.4)[::2], 8_000).is_sounding
    assert heard(tone(2100.0, 0.6)[::2], 8_000).has_fax


@pytest.mark.parametrize("sound", [noise(3.0, 0.2), tone(1000.0, 0.06), tone(1000.0, 2.0, 0.004)], ids=str)
def test_noise_clicks_and_what_is_hardly_heard_are_no_beep(sound: Samples) -> None:
    """Nor half of a ring of two pitches."""
    quiet = np.concatenate([sound, np.zeros(RATE // 2, np.int16)])
    assert heard(quiet).beeps == 0
    ring = np.concatenate([tone(440.0, 1.0) + tone(1480.0, 1.0), np.zeros(RATE // 2, np.int16)])
    assert heard(ring).beeps == 0


async def test_no_voice_beeps(speech: SpeechClient) -> None:
    """A greeting with long vowels, by each voice that is here."""
    for voice in voices.present():
        said = await voices.spoken(speech, voice, "Hello you two, who are you? Oh no, we're all away. Ooh, soon!")
        tones = heard(linear(mu_law(voices.resampled(said, 48_000, RATE))))
        assert (tones.beeps, tones.has_fax) == (0, False), voice.name
