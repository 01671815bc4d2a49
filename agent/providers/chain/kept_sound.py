"""The caller's sound for which no final has come, so that another STT can hear it; in memory only."""

from collections import deque

from livekit import rtc

from agent.providers.attention import SAMPLE_RATE

KEPT_S = 30.0


class KeptSound:
    """One per call. `last` is what the last final was made of."""

    def __init__(self) -> None:
        self.frames: deque[rtc.AudioFrame] = deque()
        self.last: list[rtc.AudioFrame] = []
        self._seconds = 0.0

    def add(self, frame: rtc.AudioFrame) -> None:
        """More of it; the oldest goes when there is too much."""
        self.frames.append(frame)
        self._seconds += frame.duration
        self.shorten(KEPT_S)

    def shorten(self, seconds: float) -> None:
        """Keep the last of it, so much."""
        while self._seconds > seconds and self.frames:
            self._seconds -= self.frames.popleft().duration

    def answered(self, *, left_s: float) -> None:
        """A final has come for all but the last of it."""
        self.last = list(self.frames)
        self.shorten(left_s)


def silence(seconds: float) -> list[rtc.AudioFrame]:
    """Behind words, so that whoever hears them knows that they are over."""
    samples = SAMPLE_RATE // 50
    return [rtc.AudioFrame(bytes(2 * samples), SAMPLE_RATE, 1, samples) for _ in range(int(seconds * 50))]
