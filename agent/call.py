"""Call: one contact from join to leave, the session's userdata, and the only door for tools to everything of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar, cast

from agent.errors import Refused, Unavailable
from agent.events import EndReason, Event, FlagRaised, HandedOver
from agent.memory.callers import Who
from agent.memory.recall import Memory
from agent.nlu.intent import HAND_OVER
from agent.persona_file import PersonaFile
from agent.profile import Profile
from agent.rules.identity import Tier

B = TypeVar("B")
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock; tests pass their own."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Call:
    """Everything of one call. `publish` hands an event on; `hang_up` ends the call once the agent has spoken; `number`
    is the caller's, E.164, where the line tells it: a place to call back, no proof of who is calling."""

    id: str
    profile: Profile
    publish: Callable[[str, datetime, Event], None]
    hang_up: Callable[[EndReason], None]
    backends: dict[type, object] = field(default_factory=dict)
    clock: Clock = utc_now
    number: str = ""
    tier: Tier = Tier.NONE
    customer: str = ""  # the id of whom a check has verified
    flags: set[str] = field(default_factory=set)
    memory: Memory = field(default_factory=Memory)
    persona: str = ""  # who speaks after a hand-over; the profile's first until then

    def emit(self, event: Event) -> None:
        """Say that something happened. Never blocks, never raises."""
        self.publish(self.id, self.clock(), event)

    def flag(self, name: str, reason: str) -> None:
        """Mark the call for the persona or a human; a second time is no news."""
        if name not in self.flags:
            self.flags.add(name)
            self.emit(FlagRaised(flag=name, reason=reason))

    @property
    def who(self) -> Who:
        """By what this caller is found again in another call."""
        return Who(profile=self.profile.name, number=self.number, customer=self.customer)

    @property
    def speaker(self) -> PersonaFile:
        """The persona that speaks now."""
        return self.profile.personas[self.persona or self.profile.persona]

    def may_use(self, tool: str) -> bool:
        """Whether the persona that speaks may use the tool."""
        says = self.speaker.says
        if tool.startswith(HAND_OVER):
            return tool.removeprefix(HAND_OVER) in says.hand_over_to
        if says.tools is None or tool in says.tools:
            return True
        return any(tool.startswith(f"{server}_") for server in self.profile.mcp if server in says.tools)

    def hand_over(self, to: str) -> None:
        """Let another persona speak from now on; all that was said and learned stays with the call."""
        self.emit(HandedOver(by=self.speaker.name, to=to))
        self.persona = to

    async def require(self, tier: Tier) -> None:
        """Return when the caller is known well enough. Raises Refused otherwise."""
        if self.tier < tier:
            raise Refused("I can only do that once I know who you are.")

    def backend(self, kind: type[B]) -> B:
        """The system of record that implements the Protocol `kind`. Raises Unavailable when the profile has none."""
        try:
            return cast(B, self.backends[kind])
        except KeyError:
            raise Unavailable("I can't reach the system for that right now.") from None

    def now(self) -> datetime:
        """Now, in the profile's time zone."""
        return self.clock().astimezone(self.profile.zone)
