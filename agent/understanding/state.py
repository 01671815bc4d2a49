"""Where a conversation stands: what is wanted, what was asked, what was done last. Values only; policy makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from agent.answer import Value


class Asked(StrEnum):
    """What the agent waits for."""

    SLOT = "slot"
    CONFIRM = "confirm"
    HUMAN = "human"
    CHANGE = "change"  # what was wanted cannot be had, or not yet: another value, or a way out that was offered


@dataclass(frozen=True, slots=True)
class Pending:
    """A question that was asked: `text` as it was spoken, `slot` the parameter it asks for. A refusal stands here, too,
    whether it leads on or not."""

    asked: Asked
    text: str
    slot: str = ""
    leads_on: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """A tool with all its arguments."""

    tool: str
    arguments: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A tool with all its arguments, and the question that reads them back and asks for a yes."""

    tool: str
    arguments: Mapping[str, Value]
    question: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A tool that is wanted and not yet complete; `partial` is a value's beginning as it was
    said ("four five", "john at"), `age` the turns it waits, `looked` what was called to see whether it can be had, and
    `refusal` what that came to where it cannot: a question with the ways out, which stays open until one is taken."""

    tool: str
    values: Mapping[str, Value] = field(default_factory=dict)
    partial: str = ""
    age: int = 0
    looked: Request | None = None
    refusal: Pending | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the understanding must know of the turns before this one; always computed from them, never stored.

    `held` waits until the caller is known, `known` are the details that were right so far, `refused` the values by slot
    that could not be had, or that the caller said no to: they are asked for anew, never taken over. `name` is the one
    that the caller gave before anything asked for it."""

    frame: Frame | None = None
    pending: Pending | None = None
    held: tuple[Request, ...] = ()
    known: frozenset[str] = frozenset()
    refused: frozenset[tuple[str, Value]] = frozenset()
    name: str = ""
    last: tuple[Request, ...] = ()
    last_age: int = 0
    failures: int = 0
    said: str = ""
    had_passage: bool = False

    @property
    def is_dead_end(self) -> bool:
        """True after a refusal that asks nothing: no way out was offered, so that the next wish counts for itself."""
        return self.pending is not None and not self.pending.leads_on

    @property
    def fresh(self) -> "State":
        """With what is waited for as if it had just been asked."""
        return replace(self, frame=replace(self.frame, age=0)) if self.frame else self

    def older(self) -> "State":
        """One turn later."""
        frame = replace(self.frame, age=self.frame.age + 1) if self.frame and self.frame.age < 2 else None
        return replace(self, frame=frame, last_age=self.last_age + 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a turn does: `requests` at once, then `before`, the tools' own sentences, and `after`; `state` follows."""

    state: State
    requests: tuple[Request, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is said when no tool is called."""
        return " ".join((*self.before, *self.after))
