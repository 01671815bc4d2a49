"""What the network did to the agent's voice on its way to a telephone, from the RTP that arrived. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from evals.rtp import FRAME, RATE, Packet

LATE_S = 0.06  # a telephone's jitter buffer waits about so long: what comes later is not played
_NUMBERS, _STAMPS = 1 << 16, 1 << 32


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of one call, or of some together: packets expected, missing, and so late that nobody heard them; the mean and the
    greatest jitter as RFC 3550 counts it, in milliseconds."""

    expected: int = 0
    lost: int = 0
    late: int = 0
    jitter_ms: float = 0.0
    jitter_max_ms: float = 0.0


def arrivals(packets: Sequence[Packet]) -> Arrivals:
    """Judge one stream. A frame is late when it comes LATE_S after the moment at which the quickest one of the last
    second would have come; a pause of the sender, which its timestamps tell, is none."""
    if len(packets) < 2:
        return Arrivals(len(packets))
    numbers = _unrolled([one.number for one in packets], _NUMBERS)
    stamps = _unrolled([one.stamp for one in packets], _STAMPS)
    transit = [packet.at - stamp / RATE for packet, stamp in zip(packets, stamps, strict=True)]
    expected = max(numbers) - min(numbers) + 1
    jitters, jitter = [], 0.0
    for before, now in pairwise(transit):
        jitter += (abs(now - before) - jitter) / 16
        jitters.append(jitter * 1000)
    window = RATE // FRAME
    late = sum(one - min(transit[max(0, at - window) : at + 1]) > LATE_S for at, one in enumerate(transit))
    mean = sum(jitters) / len(jitters)
    return Arrivals(expected, expected - len(set(numbers)), late, round(mean, 2), round(max(jitters), 2))


def together(many: Sequence[Arrivals]) -> Arrivals:
    """All calls as one: sums, the mean of their jitters, the greatest of all."""
    if not many:
        return Arrivals()
    return Arrivals(
        sum(one.expected for one in many),
        sum(one.lost for one in many),
        sum(one.late for one in many),
        round(sum(one.jitter_ms for one in many) / len(many), 2),
        max(one.jitter_max_ms for one in many),
    )


def _unrolled(values: Sequence[int], size: int) -> list[int]:
    """Counters that begin anew after `size`, as ones that do not; what comes out of order stays so."""
    found = [values[0]]
    for value in values[1:]:
        step = (value - found[-1] + size // 2) % size - size // 2
        found.append(found[-1] + step)
    return found
