"""A held line told from a caller who is silent."""

import math
import random

import pytest

from agent.rules.hold import Hold, hold_of

RANDOM = random.Random(7)
NOISE = [-45.0 + RANDOM.gauss(0, 1) for _ in range(250)]
ROOM = [-62.0 + RANDOM.gauss(0, 2) for _ in range(250)]
MUSIC = [-30.0 + 6.0 * math.sin(n / 9) + RANDOM.gauss(0, 1) for n in range(250)]
SPEECH_ONCE = [-60.0] * 200 + [-25.0 + RANDOM.gauss(0, 6) for _ in range(50)]


@pytest.mark.parametrize(
    ("levels", "is_what"),
    [
        ([], Hold.DEAD),
        ([-120.0] * 250, Hold.DEAD),
        (MUSIC, Hold.PLAYING),
        ([level - 15 for level in MUSIC], Hold.PLAYING),
        (NOISE, Hold.NOT),
        (ROOM, Hold.NOT),
        (SPEECH_ONCE, Hold.NOT),
        ([-120.0] * 249 + [-60.0], Hold.NOT),
    ],
)
def test_what_a_line_without_words_is(levels: list[float], is_what: Hold) -> None:
    """A quiet room, a street, and somebody who has just said something are callers."""
    assert hold_of(levels) is is_what
