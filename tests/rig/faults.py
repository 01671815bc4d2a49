"""What can be wrong with a service of the rig: one fault at a time, set at its one Switch."""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """The line's faults, then what the service itself says."""

    REFUSED = "refused"  # nobody listens, and who is connected is cut off
    RESET = "reset"  # the connection breaks
    LATE = "late"  # the first byte of each answer comes `late_s` later
    STALLED = "stalled"  # an answer stops in its middle and the connection stays
    HALF_OPEN = "half-open"  # connections are accepted, and nothing ever comes
    CERTIFICATE = "certificate"  # nobody vouches for it; for what is connected after it is set
    UNRESOLVED = "unresolved"  # its name is unknown; for what is built after it is set
    UNAUTHORIZED = "401"
    UNPAID = "402"
    LIMITED = "429"
    LIMITED_FOR = "429 with Retry-After"
    BROKEN = "500"
    GARBAGE = "garbage"
    CUT = "truncated JSON"
    WRONG_RATE = "wrong sample rate"


STATUS = {
    Fault.UNAUTHORIZED: 401,
    Fault.UNPAID: 402,
    Fault.LIMITED: 429,
    Fault.LIMITED_FOR: 429,
    Fault.BROKEN: 500,
}
RETRY_AFTER_S = 20


@dataclass(slots=True)
class Chances:
    """A vendor on a bad day: of its requests `errors` are answered with 500, and of the rest's answers so many, that it
    is `stalls` of all, stop somewhere in their first `within` pieces for ever. `met` is how often which was drawn."""

    errors: float
    stalls: float
    random: Random
    within: int = 12
    met: dict[Fault, int] = field(default_factory=dict)

    def draw(self) -> Fault | None:
        """For one request."""
        place = self.random.random()
        if place >= self.errors + self.stalls:
            return None
        fault = Fault.BROKEN if place < self.errors else Fault.STALLED
        self.met[fault] = self.met.get(fault, 0) + 1
        return fault

    def stops_at(self) -> int:
        """Before which piece of an answer that stalls."""
        return self.random.randrange(self.within)


@dataclass(slots=True)
class Switch:
    """Which fault a service has. `after` bytes of its answers still pass unharmed, counted from when it was set;
    `met` is how often somebody has met it."""

    fault: Fault | None = None
    after: int = 0
    late_s: float = 3.0
    met: int = 0

    def set(self, fault: Fault | None, *, after: int = 0, late_s: float = 3.0) -> None:
        """From now on this one, or none."""
        self.fault, self.after, self.late_s, self.met = fault, after, late_s, 0

    def meets(self, *faults: Fault) -> bool:
        """True when it is one of these, and nothing may pass any more."""
        is_met = self.fault in faults and self.after <= 0
        self.met += is_met
        return is_met

    def passed(self, count: int) -> None:
        """So many bytes of an answer went by."""
        self.after -= count
