"""The fuse of one provider: it opens when too many requests fail, lets one probe through after a rest, and closes when
that works. A value: each change gives a new one. Times are seconds on whatever clock the caller keeps to."""

from dataclasses import dataclass, replace
from enum import StrEnum

WINDOW_S = 60.0  # what is older says nothing about now
FAILURES = 2  # one may be chance
RATE = 0.5  # of the requests in the window
REST_S, LONGEST_REST_S = 5.0, 30.0  # after each probe that failed twice as long, and back within a minute in any case
PROBE_S = 10.0  # whoever took the probe and has not come back by then is gone
KEPT = 50  # requests


class Failure(StrEnum):
    """What went wrong with one request."""

    ERROR = "error"
    TIMED_OUT = "timed_out"
    STALLED = "stalled"
    DEAF = "deaf"  # an STT had no words where another had
    REFUSED = "refused"  # the key or the account: the next request would be refused, too


SURE = frozenset({Failure.DEAF, Failure.REFUSED})  # no chance: it opens at once


class State(StrEnum):
    """What is asked of a provider: everything, nothing, or one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """`tries` are the requests in the window, oldest first: when each came back, and whether it had failed. `rests` is
    how often the breaker has opened since it was closed."""

    tries: tuple[tuple[float, bool], ...] = ()
    opened_at: float | None = None
    rests: int = 0
    probed_at: float | None = None

    def state(self, now: float) -> State:
        """At that time: a rest that is over leaves the breaker half open."""
        if self.opened_at is None:
            return State.CLOSED
        return State.OPEN if now < self.opened_at + self.rest_s else State.HALF_OPEN

    @property
    def rest_s(self) -> float:
        """How long nothing is asked of the provider."""
        return min(LONGEST_REST_S, REST_S * 2.0 ** max(0, self.rests - 1))

    def may_probe(self, now: float) -> bool:
        """True when the rest is over and nobody else is trying."""
        is_free = self.probed_at is None or now - self.probed_at > PROBE_S
        return self.state(now) is State.HALF_OPEN and is_free

    def probing(self, now: float) -> "Breaker":
        """Somebody tries it now."""
        return replace(self, probed_at=now)

    def worked(self, now: float) -> "Breaker":
        """A request was answered; it closes a breaker, whoever asked."""
        return self._tried(now, failed=False) if self.opened_at is None else Breaker()

    def failed(self, now: float, failure: Failure) -> "Breaker":
        """A request was not answered. One that was begun before the breaker opened tells nothing new."""
        match self.state(now):
            case State.OPEN:
                return self
            case State.HALF_OPEN:
                return self._opened(now)
        tried = self._tried(now, failed=True)
        failures = sum(failed for _, failed in tried.tries)
        is_enough = failures >= FAILURES and failures >= RATE * len(tried.tries)
        return self._opened(now) if is_enough or failure in SURE else tried

    def _tried(self, now: float, *, failed: bool) -> "Breaker":
        recent = tuple(one for one in self.tries if now - one[0] < WINDOW_S)
        return replace(self, tries=(*recent, (now, failed))[-KEPT:])

    def _opened(self, now: float) -> "Breaker":
        return Breaker(opened_at=now, rests=self.rests + 1)
