"""How far a call must save: what was spent against what may be spent. Sums in millionths of a dollar."""

from enum import IntEnum

SAVES_FROM = 0.8  # of a ceiling: what is left must last for the rest


class Thrift(IntEnum):
    """Whom a chain asks."""

    NONE = 0  # as the profile orders them
    CHEAPEST = 1  # the cheapest first
    FREE = 2  # those that cost nothing, and nobody else


def thrift(spent: int, ceiling: int) -> Thrift:
    """A ceiling of 0 is none."""
    if not ceiling or spent < SAVES_FROM * ceiling:
        return Thrift.NONE
    return Thrift.FREE if spent >= ceiling else Thrift.CHEAPEST
