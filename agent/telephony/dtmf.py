"""Keypad: the keys that a caller presses, on a telephone or on the page, gathered into an entry. The understanding says
what an entry means; what a single key means stands here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

MOST_KEYS = 32  # no number is longer; more is a child at the telephone
SAME_PRESS_S = 0.09  # nobody presses a key twice so fast: a gateway has told it twice
DOUBLED_FROM = 4  # digits: in pairs throughout, that many are more likely told twice than meant
_ENDS, _STAR, _OPERATOR = "#", "*", "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What keys come to. `on_key` hears of each one, before anything else; `on_entry` gets the digits; `on_operator` a
    0 alone; `on_repeat` a star without an entry; `on_doubled` that each digit came twice and must be keyed again."""

    on_key: Callable[[], None]
    on_entry: Callable[[str], None]
    on_operator: Callable[[], None]
    on_repeat: Callable[[], None]
    on_doubled: Callable[[], None]


class Keypad:
    """One per call. An entry is over at "#", or when no key has come for `pause_s` seconds; a star begins it anew."""

    def __init__(self, wishes: Wishes, *, pause_s: float) -> None:
        self._wishes = wishes
        self._pause_s = pause_s
        self._digits = ""
        self._last, self._last_at = "", float("-inf")
        self._doubted = ""
        self._timer: asyncio.TimerHandle | None = None

    def press(self, key: str) -> None:
        """One key: a digit, "#" or "*"; anything else is none."""
        if len(key) != 1 or not (key in (_ENDS, _STAR) or (key.isascii() and key.isdigit())):
            return
        now = asyncio.get_running_loop().time()
        is_same_press = key == self._last and now - self._last_at < SAME_PRESS_S
        self._last, self._last_at = key, now
        if is_same_press:
            return
        self._stop()
        self._wishes.on_key()
        if key == _ENDS:
            self._end()
        elif key == _STAR:
            self._star()
        else:
            self._digits = (self._digits + key)[:MOST_KEYS]
        if self._digits:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s, self._end)

    def close(self) -> None:
        """Nobody listens any more; what was not told is forgotten."""
        self._stop()
        self._digits = ""

    def _star(self) -> None:
        if self._digits:
            self._digits = ""
        else:
            self._wishes.on_repeat()

    def _end(self) -> None:
        digits, self._digits = self._digits, ""
        if not digits:
            return
        if digits in (_OPERATOR, 2 * _OPERATOR):
            self._wishes.on_operator()
        elif _is_doubled(digits) and digits != self._doubted:
            self._doubted = digits  # who keys the same once more means it
            self._wishes.on_doubled()
        else:
            self._wishes.on_entry(digits)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


def _is_doubled(digits: str) -> bool:
    return len(digits) >= DOUBLED_FROM and digits[::2] == digits[1::2]
