"""Ear: where utterances begin, pause and end in a caller's stream, by its level, as a streaming STT finds them."""

from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np

from tests.rig.content import Samples

LOUD = 300.0  # of int16
BEGINS_S, BEFORE_S, INTERIM_S = 0.1, 0.3, 0.6


class Sign(Enum):
    """What an ear notices."""

    BEGAN = auto()
    GOES_ON = auto()
    PAUSED = auto()
    RESUMED = auto()
    ENDED = auto()


@dataclass(slots=True)
class Ear:
    """One caller's. A pause lasts `pause_s`, an end `end_s` of silence."""

    rate: int
    pause_s: float
    end_s: float
    sound: bytes = b""  # of this utterance, with what came just before it
    at_s: float = 0.0
    _is_open: bool = False
    _is_paused: bool = False
    _loud_s: float = 0.0
    _silent_s: float = 0.0
    _told_s: float = 0.0
    _rest: bytes = field(default=b"", repr=False)

    def hear(self, data: bytes) -> list[Sign]:
        """What happened in this piece, PCM16 mono; judged in steps of 20 ms."""
        self._rest += data
        step, found = 2 * self.rate // 50, []
        while len(self._rest) >= step:
            found += self._step(self._rest[:step])
            self._rest = self._rest[step:]
        return found

    def _step(self, piece: bytes) -> list[Sign]:
        samples: Samples = np.frombuffer(piece, np.int16)
        is_loud = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) > LOUD
        self.at_s += 0.02
        self._loud_s = self._loud_s + 0.02 if is_loud else max(0.0, self._loud_s - 0.04)
        self._silent_s = 0.0 if is_loud else self._silent_s + 0.02
        self.sound += piece
        if not self._is_open:
            self.sound = self.sound[-2 * int(BEFORE_S * self.rate) :]
        return self._signs()

    def _signs(self) -> list[Sign]:
        if not self._is_open:
            if self._loud_s < BEGINS_S:
                return []
            self._is_open, self._is_paused, self._told_s = True, False, self.at_s
            return [Sign.BEGAN]
        if self._is_paused and self._loud_s >= BEGINS_S:
            self._is_paused = False
            return [Sign.RESUMED]
        found: list[Sign] = []
        if not self._is_paused and self._silent_s >= self.pause_s:
            self._is_paused, self._loud_s = True, 0.0
            found.append(Sign.PAUSED)
        if self._silent_s >= self.end_s:
            self._is_open, self._loud_s = False, 0.0
            found.append(Sign.ENDED)
        elif not found and self._loud_s and self.at_s - self._told_s >= INTERIM_S:
            self._told_s = self.at_s
            found.append(Sign.GOES_ON)
        return found
