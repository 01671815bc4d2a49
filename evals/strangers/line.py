"""Where a stranger's call is held: the agent that is reached, and a line on which one says a sentence and hears the
reply. by_text.py and by_voice.py have one of each; who talks on it need not know which."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.events import EndReason
from agent.intent import Intent
from agent.profile.profile import Profile
from evals.expecting import Made
from evals.records import Snapshot


@dataclass(frozen=True, slots=True)
class Reply:
    """What the agent said, as it is written; `heard` is what it took the caller's words for, "" where it read them."""

    text: str
    heard: str = ""


class Line(Protocol):
    """A call that has been greeted."""

    @property
    def is_over(self) -> bool:
        """Whether nobody is there any more."""

    @property
    def ended(self) -> EndReason | None:
        """Why the agent ends the call, or has ended it; None while it goes on."""

    @property
    def done(self) -> Sequence[Made]:
        """The tools that did what they were asked since the caller's last words, with what they were asked."""

    async def say(self, words: str) -> Reply:
        """The caller's turn, and the agent's; without an answer the text is empty. Raises NoAnswer when the call is
        over."""


@dataclass(frozen=True, slots=True)
class Reached:
    """An agent whose systems of record are as they were seeded. `now` is its clock, aware, in the profile's zone;
    `line` is the call, to be entered once; `after` tells what the systems of record hold when that is over. A call
    takes `longest_s` seconds at most, where it is bounded; `said_by` names the caller's voice, "" for none: who speaks
    hears the replies, too, and no spelling."""

    now: datetime
    before: Snapshot
    line: AbstractAsyncContextManager[Line]
    after: Callable[[], Snapshot]
    longest_s: float | None = None
    said_by: str = ""


class Agent(Protocol):
    """One profile's. `intents` are what its tools declare that they ask."""

    @property
    def profile(self) -> Profile:
        """Whose calls it answers."""

    @property
    def intents(self) -> Mapping[str, Intent]:
        """By the tool's name."""

    def reach(self, number: int) -> AbstractAsyncContextManager[Reached]:
        """All that belongs to the call of that number, for as long as the block runs."""
