"""What a tool may ask of the line: to let a person take the call over. Who carries it out is
dialog/transferring.py; where nobody can, tools note the wish instead."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Reached(StrEnum):
    """What came of an attempt to bring a person."""

    JOINED = "joined"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    VOICEMAIL = "voicemail"
    FAILED = "failed"


# why nobody has taken a call, as its caller hears it
WHY = {
    Reached.BUSY: "the line is busy",
    Reached.NO_ANSWER: "nobody answers",
    Reached.DECLINED: "nobody can take the call right now",
    Reached.VOICEMAIL: "nobody is at the telephone",
    Reached.FAILED: "the connection did not come about",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A caller's wish for a person: the department's name, or empty for anybody; what the person is told first, in two
    sentences; and how the wish is kept where nobody comes: True when somebody will call back."""

    department: str
    briefing: str
    keep: Callable[[], Awaitable[bool]]


class Line(Protocol):
    """The caller's line."""

    def transfer(self, wish: Wish) -> str:
        """Hand the call over once the agent has said the sentence that this gives. Empty when it cannot be done: then
        nothing is begun, and nothing of it may be said."""
        ...


class NoLine:
    """A line on which nobody can be brought."""

    def transfer(self, wish: Wish) -> str:
        """Never."""
        return ""
