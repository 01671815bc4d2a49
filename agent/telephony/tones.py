"""Tones on a line: the beep after which a voicemail records, and the calls of fax machines (ITU-T T.30), found by a
bank of Goertzel filters."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

CALLING_HZ, ANSWERING_HZ = 1_100.0, 2_100.0  # CNG of a fax that calls, CED of one that answers
FAX_S = 0.4  # CNG lasts 0.5 s, CED 2.6 s and more
BEEP_S, BEEP_ENDS_S = 0.12, 0.06
LOUD = 0.01  # of full scale: softer than any beep that is meant to be heard
PURE = 0.62  # of all sound in one pitch; between two filters a tone has 0.72, a voice's vowels stay below for so long
PIECE_S = 0.02
STEP_HZ = 50.0
PITCHES = np.arange(350.0, 2_400.0 + STEP_HZ, STEP_HZ)

Sound = NDArray[np.float64]


class Filters:
    """Goertzel's filters for all pitches at once: each is a sum over the piece, so together they are two products."""

    def __init__(self, rate: int) -> None:
        self.size = int(rate * PIECE_S)
        window = np.hanning(self.size)
        turns = 2.0 * np.pi * np.outer(np.arange(self.size), PITCHES) / rate
        self._cosines, self._sines = np.cos(turns) * window[:, None], np.sin(turns) * window[:, None]
        self._whole = float(np.sum(window) ** 2 / np.sum(window**2)) / 2.0
        self._window = window

    def pitch(self, piece: Sound) -> float:
        """The pitch in hertz that makes up most of a piece of `size` samples; 0.0 when none does, or it is soft."""
        if float(np.mean(piece**2)) < LOUD**2 / 2:
            return 0.0
        powers = (piece @ self._cosines) ** 2 + (piece @ self._sines) ** 2
        best = int(np.argmax(powers))
        share = powers[best] / (float(np.sum((piece * self._window) ** 2)) * self._whole)
        return float(PITCHES[best]) if share >= PURE else 0.0


@dataclass(slots=True)
class Tones:
    """One per line, with sound at `rate`. `beeps` counts those that have ended; `has_fax` stays true."""

    rate: int
    beeps: int = 0
    has_fax: bool = False
    _filters: Filters = field(init=False)
    _hz: float = 0.0
    _lasts_s: float = 0.0
    _away_s: float = 0.0
    _rest: Sound = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """The filters are made once."""
        self._filters = Filters(self.rate)

    def hear(self, samples: NDArray[np.int16]) -> None:
        """More of the line's sound, int16 mono."""
        sound = np.concatenate([self._rest, samples.astype(np.float64) / 32_768.0])
        size = self._filters.size
        for at in range(0, len(sound) - size + 1, size):
            self._take(self._filters.pitch(sound[at : at + size]))
        self._rest = sound[len(sound) // size * size :]

    @property
    def is_sounding(self) -> bool:
        """True within a tone."""
        return self._lasts_s >= BEEP_S

    def _take(self, pitch: float) -> None:
        if pitch and (not self._hz or abs(pitch - self._hz) <= STEP_HZ):
            self._hz, self._lasts_s, self._away_s = self._hz or pitch, self._lasts_s + PIECE_S, 0.0
            is_fax = min(abs(self._hz - CALLING_HZ), abs(self._hz - ANSWERING_HZ)) < STEP_HZ
            self.has_fax = self.has_fax or (is_fax and self._lasts_s >= FAX_S)
            return
        self._away_s += PIECE_S
        if pitch or self._away_s >= BEEP_ENDS_S:
            self.beeps += self.is_sounding
            self._hz, self._lasts_s, self._away_s = pitch, PIECE_S if pitch else 0.0, 0.0
