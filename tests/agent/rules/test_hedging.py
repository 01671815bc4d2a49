"""How many requests may be asked twice."""

from agent.rules.hedging import BURST, Budget


def hedged(share: float, turns: int) -> int:
    """Of so many turns that are all late, how many get a rival."""
    budget, count = Budget(share), 0
    for _ in range(turns):
        budget = budget.asked()
        if budget.is_enough:
            budget, count = budget.spent(), count + 1
    return count


def test_a_slow_call_is_hedged_no_more_than_its_share() -> None:
    """And what quiet turns may save up at the beginning."""
    assert hedged(0.1, 100) <= 0.1 * 100 + BURST
    assert hedged(0.25, 100) <= 0.25 * 100 + BURST


def test_the_first_late_turns_are_all_hedged() -> None:
    """A call is short: it begins with something saved."""
    assert hedged(0.1, 3) == 3


def test_no_share_is_no_hedge() -> None:
    """Whoever wants to pay nothing for it pays nothing."""
    assert hedged(0.0, 50) == 0
