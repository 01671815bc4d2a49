"""Made-up recordings whose onsets are known to the sample: voices, hisses, noise, clicks. 48 kHz mono."""

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Floats = NDArray[np.float64]


def seconds(count_s: float) -> Floats:
    """The times of the samples of so many seconds."""
    return np.arange(int(count_s * RATE)) / RATE


def vowel(length_s: float) -> Floats:
    """A voice: harmonics of 120 Hz under three formants, slowly louder and softer as syllables are."""
    at = seconds(length_s)
    formants = ((500, 200), (1500, 300), (2500, 400))
    loud = [0.02 + sum(np.exp(-((120 * k - hz) ** 2) / width**2) for hz, width in formants) for k in range(1, 28)]
    sound = sum(level * np.sin(2 * np.pi * 120 * k * at + k) for k, level in enumerate(loud, 1))
    return np.asarray(sound / np.abs(sound).max() * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at)) * 8000)


def hiss(chance: np.random.Generator, length_s: float) -> Floats:
    """An "s": soft, high, no voice in it."""
    count = int(length_s * RATE)
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    sound = np.fft.irfft(spectrum * np.exp(-(((np.fft.rfftfreq(count, 1 / RATE) - 5000) / 2500) ** 2)), count)
    return np.asarray(sound / sound.std() * 800)


def noise(chance: np.random.Generator, level_db: float, length_s: float) -> Floats:
    """White noise at that level of full scale."""
    return np.asarray(chance.normal(0, 32768 * 10 ** (level_db / 20), int(length_s * RATE)))


def recorded(onset_s: float, *sounds: Floats, under: Floats | float = 0.0) -> NDArray[np.int16]:
    """Three seconds with the sounds from the onset on, over what is under them."""
    track = np.zeros(3 * RATE) + under
    at = round(onset_s * RATE)
    for sound in sounds:
        track[at : at + len(sound)] += sound
        at += len(sound)
    return np.clip(np.rint(track), -32768, 32767).astype(np.int16)
