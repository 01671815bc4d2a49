"""Frames of any rate at one: voices have theirs, a call has its own."""

from livekit import rtc


class AtRate:
    """One per stream, whose frames are all of one rate. Those that have the wanted rate (Hz) pass untouched."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler: rtc.AudioResampler | None = None

    def push(self, frame: rtc.AudioFrame) -> list[rtc.AudioFrame]:
        """What can be said of it by now, at the wanted rate."""
        if frame.sample_rate == self._rate:
            return [frame]
        self._resampler = self._resampler or rtc.AudioResampler(frame.sample_rate, self._rate)
        return self._resampler.push(frame)

    def flush(self) -> list[rtc.AudioFrame]:
        """The rest, at the stream's end."""
        return self._resampler.flush() if self._resampler else []
