"""What is done for the caller: tools, identity, consent, and who is asked to look."""

from dataclasses import dataclass

from agent.events.event import Event, Outcome, Purpose, pii


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled(Event):
    """The LLM asked for a tool; `tool_call` ties it to its ToolReturned."""

    tool_call: str
    tool: str
    arguments: str = pii()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolReturned(Event):
    """A tool gave its sentence or did not. `duration_ms` is how long it took, `was_rehearsed` that it had begun before
    the turn called it."""

    tool_call: str
    tool: str
    outcome: Outcome
    duration_ms: float
    sentence: str = pii()
    was_rehearsed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChecked(Event):
    """Somebody said who they are. `tier` is what the call has after it, `failed` how often it was wrong in this call;
    `is_locked` means that the tier stays as it is."""

    outcome: str
    tier: str
    failed: int
    is_locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChanged(Event):
    """The caller is known better than before, from `before` to `after`, and may do more; `why` is how."""

    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Event):
    """The caller agreed to something that needs it. `how` is by what: `said_yes` to a question that was read back, or
    `key` for one pressed."""

    purpose: Purpose
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRefused(Event):
    """The caller said no to it (`said_no`), or took back what they had agreed to (`withdrew`)."""

    purpose: Purpose
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(Event):
    """What the caller wanted is done: `task`, a tool that changes something, did so in a system of record after their
    yes, in `turn`."""

    task: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSealed(Event):
    """A profile that keeps private values has them sealed: `sealed` is what the placeholder stands for, which only
    the holder of PARLEY_PRIVACY_KEY can read. The door tells it, not the call."""

    placeholder: str
    sealed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRaised(Event):
    """An observer, tool or rule marked the call for the persona or a human."""

    flag: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Event):
    """Another persona speaks from now on: `to`, after `by`."""

    by: str
    to: str
