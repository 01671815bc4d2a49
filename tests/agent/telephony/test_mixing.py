"""Several voices of a room on one line."""

import numpy as np

from agent.g711 import Samples
from agent.telephony.mixing import PENDING, Mixing


def frame(level: int) -> Samples:
    """20 ms of one value."""
    return np.full(160, level, np.int16)


def test_one_voice_is_passed_on_as_it_comes() -> None:
    """Most calls have no other."""
    mixing = Mixing()
    mixed = [mixing.add("agent", frame(level), 0.02 * level) for level in range(3)]
    assert [int(one[0]) for one in mixed if one is not None] == [0, 1, 2]


def test_two_voices_make_one_sound_at_the_pace_of_one() -> None:
    """A colleague beside the agent: as many frames come out as one of them brings."""
    mixing, came = Mixing(), []
    for step in range(10):
        for voice, level in (("agent", 100), ("colleague", 7)):
            if (one := mixing.add(voice, frame(level), 0.02 * step)) is not None:
                came.append(int(one[0]))
    assert came == [100] + [107] * 9


def test_a_voice_that_falls_silent_hands_the_pace_on() -> None:
    """The agent has left; the colleague is heard alone, without what had piled up."""
    mixing = Mixing()
    assert mixing.add("agent", frame(5), 0.0) is not None
    came = [mixing.add("colleague", frame(level), 0.02 * level) for level in range(1, 20)]
    assert sum(one is not None for one in came) >= 15
    mixing.gone("agent")
    assert mixing.add("colleague", frame(3), 1.0) is not None


def test_what_waits_is_bounded_and_loud_sums_do_not_wrap() -> None:
    """Two shouting voices clip."""
    mixing = Mixing()
    mixing.add("agent", frame(0), 0.0)
    for _ in range(10 * PENDING):
        mixing.add("colleague", frame(30_000), 0.0)
    mixed = [mixing.add("agent", frame(30_000), 0.01) for _ in range(PENDING + 1)]
    assert [int(one[0]) for one in mixed if one is not None] == [32_767] * PENDING + [30_000]
