"""What every chain's test needs: links by name, and what they told."""

from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from agent.events import Event
from agent.providers.breakers import Breakers
from agent.providers.chain.line import ChainedRole, Line, Link, told

T = TypeVar("T")


@dataclass
class Told:
    """The events of one call."""

    events: list[Event] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Event]:
        """Those of one kind."""
        return [event for event in self.events if type(event) is kind]

    def line(self, role: ChainedRole, local: int = -1, **links: T) -> Line[T]:
        """These links in their order; the one at place `local` is this machine's."""
        breakers = Breakers(None, told(self.events.append))
        made = [Link(name, it, is_local=number == local) for number, (name, it) in enumerate(links.items())]
        return Line(role, made, breakers, self.events.append)


@pytest.fixture
def said() -> Told:
    """Of one call."""
    return Told()
