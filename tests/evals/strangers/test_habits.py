"""Habits of callers."""

import random

from evals.strangers.habits import Habits


def test_a_habit_shows_itself_once() -> None:
    """Who has it is drawn."""
    habits = next(one for seed in range(20) if (one := Habits.drawn(random.Random(seed))).refuses)
    assert habits.take("refuses")
    assert not habits.take("refuses")
