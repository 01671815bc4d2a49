"""How those fare by whom the call is carried: providers, the event loop, observers."""

from dataclasses import dataclass

from agent.events.event import Event, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFailed(Event):
    """A provider failed; `is_recoverable` says whether it is being tried again."""

    role: Role
    provider: str
    reason: str
    is_recoverable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerChanged(Event):
    """This call has opened (`open`), tried (`half_open`) or closed (`closed`) a provider's breaker."""

    role: Role
    provider: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderReplaced(Event):
    """Another provider of the chain did the work: `by`, since `provider` failed, or was too late for the caller."""

    role: Role
    provider: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedged(Event):
    """An LLM was late with its first word, and `rival` was asked beside it; `has_won` when that answered first."""

    provider: str
    rival: str
    has_won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopStalled(Event):
    """Nothing of the call could be done for `stalled_ms`: something blocked its event loop, or the machine is full."""

    stalled_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverBehind(Event):
    """`waiting` events wait for an observer, and `dropped` of them will never be seen by it; told every 2 seconds while
    many do, and once when no longer."""

    observer: str
    waiting: int
    dropped: int
