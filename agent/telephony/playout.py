"""Playout: what the far end has been sent and has not played yet, as the marks tell that come back from it.

Twilio queues all sound it is sent and plays it at its own pace; a mark comes back when all that was sent before it has
been played, or was thrown away.
"""

from collections import deque

MARK_EVERY_MS = 100.0


class Playout:
    """One per stream. Lengths are in milliseconds of sound."""

    def __init__(self) -> None:
        self._sent_ms = 0.0
        self._marked_ms = 0.0
        self._played_ms = 0.0
        self._marks: deque[tuple[str, float]] = deque()
        self._count = 0

    @property
    def queued_ms(self) -> float:
        """What was sent and is not known to have been played. Includes the way there and back."""
        return self._sent_ms - self._played_ms

    def sent(self, length_ms: float) -> str:
        """So much more sound was sent. The name of the mark to send behind it; empty when none is due."""
        self._sent_ms += length_ms
        return self.mark() if self._sent_ms - self._marked_ms >= MARK_EVERY_MS else ""

    def mark(self) -> str:
        """The name of a mark to send now; empty when no sound was sent since the last one."""
        if self._sent_ms == self._marked_ms:
            return ""
        self._marked_ms = self._sent_ms
        self._count += 1
        name = f"played-{self._count}"
        self._marks.append((name, self._sent_ms))
        return name

    def played(self, name: str) -> None:
        """A mark came back. One that nobody waits for, such as of sound that was thrown away, says nothing."""
        if name not in (waiting for waiting, _ in self._marks):
            return
        while self._marks:
            waiting, at_ms = self._marks.popleft()
            self._played_ms = at_ms
            if waiting == name:
                return

    def cleared(self) -> None:
        """All that was queued is thrown away."""
        self._marks.clear()
        self._played_ms = self._marked_ms = self._sent_ms
