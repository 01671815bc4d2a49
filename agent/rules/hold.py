"""A line that was put on hold: it brings no sound at all, or music. Neither is a caller who has nothing to say, and
nobody is to be asked whether they are still there."""

import statistics
from collections.abc import Sequence
from enum import StrEnum

WINDOW_S = 5.0  # what is judged
DEAD_DB = -80.0  # of full scale: no microphone that is open is so quiet
SOUNDS_DB = -50.0
MOSTLY = 0.7
LIVELY_DB = 2.5  # how much the level of music varies; noise is steadier


class Hold(StrEnum):
    """What the line sounds like while no words come."""

    NOT = "not"
    DEAD = "dead"
    PLAYING = "playing"


def hold_of(levels_db: Sequence[float]) -> Hold:
    """The levels of the last WINDOW_S, one for each piece; none at all are a dead line."""
    if not levels_db or max(levels_db) < DEAD_DB:
        return Hold.DEAD
    loud = [level for level in levels_db if level > SOUNDS_DB]
    if len(loud) >= MOSTLY * len(levels_db) and statistics.pstdev(levels_db) >= LIVELY_DB:
        return Hold.PLAYING
    return Hold.NOT
