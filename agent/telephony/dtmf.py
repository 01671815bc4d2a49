"""Keypad: the keys that a caller presses, gathered into a turn of theirs. The understanding says what they mean."""

import asyncio
from collections.abc import Callable

MOST_KEYS = 32  # no number is longer; more is a child at the telephone
_ENDS, _CLEARS = "#", "*"


class Keypad:
    """One per call. `on_turn` gets the digits when none has come for `pause_s` seconds, or at once at "#"; "*" begins
    anew."""

    def __init__(self, on_turn: Callable[[str], None], *, pause_s: float) -> None:
        self._on_turn = on_turn
        self._pause_s = pause_s
        self._digits = ""
        self._timer: asyncio.TimerHandle | None = None

    def press(self, key: str) -> None:
        """One key: a digit, "#" or "*"; anything else is none."""
        self._stop()
        if key == _ENDS:
            self._tell()
        elif key == _CLEARS:
            self._digits = ""
        elif len(key) == 1 and key.isascii() and key.isdigit():
            self._digits = (self._digits + key)[:MOST_KEYS]
        if self._digits:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s, self._tell)

    def close(self) -> None:
        """Nobody listens any more; what was not told is forgotten."""
        self._stop()
        self._digits = ""

    def _tell(self) -> None:
        digits, self._digits = self._digits, ""
        if digits:
            self._on_turn(digits)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
