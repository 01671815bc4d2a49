"""Mixing: the voices of a room as the one sound that a telephone line has room for."""

from collections import deque

import numpy as np

from agent.g711 import Samples

SILENT_S = 0.06  # a voice that brings nothing for so long sets no pace
PENDING = 5  # frames of another voice that may wait for the one that sets the pace


class Mixing:
    """One per line. Frames of all voices have the same length; the first voice sets the pace, the others are added."""

    def __init__(self) -> None:
        self._pace = ""
        self._heard_at: dict[str, float] = {}
        self._pending: dict[str, deque[Samples]] = {}

    def add(self, voice: str, samples: Samples, now: float) -> Samples | None:
        """One more frame of a voice, at that second. The sum that is due with it; None when another sets the pace."""
        if voice != self._pace and now - self._heard_at.get(self._pace, float("-inf")) > SILENT_S:
            self._pace = voice
        self._heard_at[voice] = now
        waiting = self._pending.setdefault(voice, deque(maxlen=PENDING))
        waiting.append(samples)
        if voice != self._pace:
            return None
        total = np.zeros(len(samples), np.int32)
        for frames in filter(None, self._pending.values()):
            frame = frames.popleft()
            total[: len(frame)] += frame[: len(total)]
        return np.clip(total, -32_768, 32_767).astype(np.int16)

    def gone(self, voice: str) -> None:
        """It says nothing more."""
        self._heard_at.pop(voice, None)
        self._pending.pop(voice, None)
