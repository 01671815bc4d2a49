"""Loss, jitter and late frames of streams whose faults are known."""

import pytest

from evals.jitter import Arrivals, arrivals, together
from evals.rtp import Packet


def stream(count: int, *, first: int = 0, stamp: int = 0, at: float = 0.0) -> list[Packet]:
    """So many packets, each 20 ms after the one before."""
    return [Packet(at + 0.02 * n, (first + n) % 65_536, (stamp + 160 * n) % 4_294_967_296) for n in range(count)]


@pytest.mark.parametrize(("first", "stamp"), [(0, 0), (65_500, 4_294_960_000)], ids=["from zero", "over the edge"])
def test_a_stream_in_time_has_no_fault(first: int, stamp: int) -> None:
    """Wherever its counters begin anew."""
    found = arrivals(stream(100, first=first, stamp=stamp))
    assert (found.expected, found.lost, found.late) == (100, 0, 0)
    assert found.jitter_max_ms < 0.01


def test_what_is_missing_is_lost_and_what_comes_twice_is_not_there_twice() -> None:
    """Three of a hundred are missing, one comes again."""
    packets = stream(100)
    kept = [one for one in packets if one.number not in {10, 50, 51}]
    assert arrivals([*kept[:30], kept[29], *kept[30:]]).lost == 3


def test_a_frame_that_misses_its_moment_is_late_and_a_slow_network_is_not() -> None:
    """One comes 100 ms after its time; then all of them come 100 ms later than in another call."""
    packets = stream(100)
    packets[40] = packets[40]._replace(at=packets[40].at + 0.1)
    assert arrivals(packets).late == 1
    assert arrivals(stream(100, at=0.1)).late == 0


def test_a_pause_of_the_sender_is_no_jitter() -> None:
    """A second without packets, which the timestamps tell of."""
    after = stream(50, first=50, stamp=50 * 160 + 8000, at=2.0)
    found = arrivals([*stream(50), *after])
    assert (found.lost, found.late) == (0, 0) and found.jitter_max_ms < 0.01


def test_jitter_is_that_of_rfc_3550() -> None:
    """Every second packet is 16 ms late: each step moves the estimate a sixteenth of the way to 16 ms."""
    packets = [one._replace(at=one.at + 0.016 * (n % 2)) for n, one in enumerate(stream(400))]
    found = arrivals(packets)
    assert found.jitter_max_ms == pytest.approx(16, abs=0.1) and found.late == 0


def test_calls_are_counted_together() -> None:
    """Sums, and the greatest."""
    found = together([Arrivals(100, 1, 2, 1.0, 5.0), Arrivals(50, 0, 1, 2.0, 3.0)])
    assert found == Arrivals(150, 1, 3, 1.5, 5.0)
    assert together([]) == Arrivals()
