"""How far a call must save."""

from agent.rules.thrift import Thrift, thrift


def test_without_a_ceiling_nothing_is_saved() -> None:
    """However much is spent."""
    assert thrift(10**9, 0) is Thrift.NONE


def test_the_nearer_the_ceiling_the_more_is_saved() -> None:
    """Cheaper providers first, then only those that cost nothing."""
    steps = [thrift(spent, 100) for spent in (0, 79, 80, 99, 100, 500)]
    assert steps == [Thrift.NONE, Thrift.NONE, Thrift.CHEAPEST, Thrift.CHEAPEST, Thrift.FREE, Thrift.FREE]
