"""A Call for tests: the shop's profile, or one given, and a list of what it emitted."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.call.call import Call
from agent.config import ROOT
from agent.events import EndReason, Event
from agent.profile.profile import Profile, load_profile

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday, noon in New York


@dataclass
class Recorded:
    """What a call said and how it was told to end."""

    events: list[Event] = field(default_factory=list)
    hang_ups: list[EndReason] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Event]:
        """The events of one kind, in order."""
        return [event for event in self.events if type(event) is kind]


def shop() -> Profile:
    """The default profile as it stands in profiles/shop."""
    return load_profile("shop", ROOT / "profiles")


def recorded_call(profile: Profile | None = None, **fields: object) -> tuple[Call, Recorded]:
    """A call on a clock that stands at NOON, and what it records."""
    record = Recorded()
    call = Call(
        id="call-1",
        profile=profile or shop(),
        publish=lambda _id, _at, event: record.events.append(event),
        hang_up=record.hang_ups.append,
        clock=lambda: NOON,
        **fields,  # type: ignore[arg-type]  # any of Call's own fields
    )
    return call, record
