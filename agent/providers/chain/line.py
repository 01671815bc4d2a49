"""Line: who may do one role of a call, in the profile's order, and what is known of each. The chains decide by it whom
they ask; they tell it what became of that, and it tells the breakers and the call."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, Protocol, TypeVar, runtime_checkable

from livekit.agents import APIStatusError, APITimeoutError

from agent.events import BreakerChanged, Event, ProviderFailed, ProviderReplaced, Role
from agent.providers.breakers import Breakers, Change
from agent.rules.breaker import Failure, State
from agent.rules.thrift import Thrift

logger = logging.getLogger("parley.providers")


T = TypeVar("T")
ChainedRole = Literal["stt", "llm", "tts"]
_REFUSING = frozenset({401, 402, 403})  # the key, the account, what it may do


@runtime_checkable
class SelfTested(Protocol):
    """What cannot be tried by the means of its role, because that would be a part of the call."""

    async def works(self) -> bool:
        """Whether it answers."""
        ...


@dataclass(frozen=True, slots=True)
class Link(Generic[T]):
    """One provider: its `name` in events, what was built for this call, and whether this machine does the work. A local
    one ends turns and pronounces by itself and needs no probe; another may end turns, too. `worth` is what it costs,
    for comparison; `is_for_hard` is asked first about a hard turn."""

    name: str
    it: T
    is_local: bool
    worth: int = 0
    is_for_hard: bool = False
    has_turns: bool = False

    @property
    def ends_turns(self) -> bool:
        """True when nobody else need say when the caller's turn is over."""
        return self.is_local or self.has_turns


class Line(Generic[T]):
    """One per role and call."""

    def __init__(
        self,
        role: ChainedRole,
        links: Sequence[Link[T]],
        breakers: Breakers,
        emit: Callable[[Event], None],
        thrift: Callable[[], Thrift] = lambda: Thrift.NONE,
    ) -> None:
        self.role: Role = role
        self._thrift = thrift
        self.links = tuple(links)
        self._breakers = breakers
        self._emit = emit
        self._doing: Link[T] | None = None

    def use(self, links: Sequence[Link[T]]) -> None:
        """From now on these do it."""
        self.links, self._doing = tuple(links), None

    def order(self, *, is_hard: bool = False) -> list[Link[T]]:
        """Whom to ask first: in the profile's order those that are not known to be down, and behind them the others:
        when all are down, one may have come back. About a hard turn those for hard ones come first. Where the call must
        save, the cheapest are first; at last only those are left that cost nothing, or the cheapest where none does."""
        links, saves = list(self.links), self._thrift()
        if is_hard:
            links.sort(key=lambda link: not link.is_for_hard)
        if saves is not Thrift.NONE:
            links.sort(key=lambda link: link.worth)
        if saves is Thrift.FREE:
            links = [link for link in links if not link.worth] or links[:1]
        return sorted(links, key=lambda link: self._breakers.state(self._key(link)) is not State.CLOSED)

    @property
    def first(self) -> T:
        """Who is asked first now."""
        return self.order()[0].it

    def failed(self, link: Link[T], what: Exception | Failure) -> None:
        """It did not answer, or too late."""
        failure = what if isinstance(what, Failure) else failure_of(what)
        reason = what.value if isinstance(what, Failure) else _kind(what)
        self._breakers.note(self._key(link), failure)
        self._emit(ProviderFailed(role=self.role, provider=link.name, reason=reason, is_recoverable=True))

    def worked(self, link: Link[T], instead: Failure | None = None) -> None:
        """It answered; `instead` is what had been wrong with the one before it."""
        self._breakers.note(self._key(link), None)
        before = self._doing or self.links[0]
        self._doing = link
        if link is not before:
            reason = instead.value if instead else "returned"
            self._emit(ProviderReplaced(role=self.role, provider=before.name, by=link.name, reason=reason))

    def watch(self, probe: Callable[[T], Awaitable[bool]]) -> None:
        """How each that is not local is tried when its rest is over."""
        for link in self.links:
            if not link.is_local:
                own = link.it.works if isinstance(link.it, SelfTested) else None
                self._breakers.watch(self._key(link), own or partial(probe, link.it))

    def _key(self, link: Link[T]) -> str:
        return f"{self.role} {link.name}"


def told(emit: Callable[[Event], None]) -> Callable[[Change], None]:
    """What Breakers call when one has changed: the event of it."""
    roles: dict[str, Role] = {"stt": "stt", "llm": "llm", "tts": "tts"}

    def tell(change: Change) -> None:
        role, _, provider = change.key.partition(" ")
        emit(BreakerChanged(role=roles[role], provider=provider, state=change.state.value, reason=change.reason))

    return tell


def failure_of(error: Exception) -> Failure:
    """What kind of failure an exception of a plugin is."""
    if isinstance(error, APIStatusError) and error.status_code in _REFUSING:
        return Failure.REFUSED
    return Failure.TIMED_OUT if isinstance(error, APITimeoutError | TimeoutError) else Failure.ERROR


def _kind(error: Exception) -> str:
    """With its status, never its message: that may quote the caller."""
    status = error.status_code if isinstance(error, APIStatusError) else -1
    return f"{type(error).__name__} {status}" if status > 0 else type(error).__name__
