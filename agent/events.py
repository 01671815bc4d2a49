"""What happens in a call, as past-tense facts. Observers read them; nothing here changes a call.

A field marked `pii` can hold the caller's words: observers that write to disk or network leave it out.
`docs/events.md` has a heading for each class and a line for each field; a test compares. As JSON (`as_json`) they are
stable: a field may come to an event and has a default then; one that goes or changes its meaning makes a new VERSION.
"""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal

VERSION = 1  # of the JSON
Role = Literal["stt", "llm", "tts", "embedding"]
Channel = Literal["browser", "phone", "console"]
Way = Literal["cold", "warm"]
Purpose = Literal["memory", "recording", "messages"]


class Outcome(StrEnum):
    """How a tool call ended."""

    OK = "ok"
    ASKED = "asked"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


class EndReason(StrEnum):
    """Why a call ended."""

    CALLER_LEFT = "caller_left"
    CALLER_GOODBYE = "caller_goodbye"
    CALLER_SILENT = "caller_silent"
    CONNECTION_LOST = "connection_lost"
    TIME_LIMIT = "time_limit"
    TURN_LIMIT = "turn_limit"
    COST_LIMIT = "cost_limit"
    PROVIDER_FAILED = "provider_failed"
    WORKER_STOPPED = "worker_stopped"
    CRASHED = "crashed"
    WANTS_NO_CALLS = "wants_no_calls"
    NO_PERSON = "no_person"
    TRANSFERRED = "transferred"


# How a call should not end: its caller's line went dead in the middle of something.
DROPPED = frozenset({EndReason.CRASHED, EndReason.PROVIDER_FAILED, EndReason.CONNECTION_LOST, EndReason.WORKER_STOPPED})


def _pii() -> Any:
    return field(metadata={"pii": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. The bus adds the call's id and the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallJoined(Event):
    """A caller and the agent are in one room. `sip_call` and `sip_trunk` are the ids of a telephone call in the SIP
    service's logs; `sip_call_id` is the Call-ID that the carrier knows it by."""

    profile: str
    channel: Channel
    sip_call: str = ""
    sip_trunk: str = ""
    sip_call_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp(Event):
    """The call's job had died, and another went on with it after `turn` turns of the caller."""

    profile: str
    channel: Channel
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeted(Event):
    """The greeting, with the AI disclosure in it, was spoken; `is_whole` is false when the caller spoke into it."""

    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOut(Event):
    """A call of ours was picked up: `outcome` is who it was, or what came of it so far (Outcome in rules/dialling)."""

    purpose: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AiDisclosed(Event):
    """The caller has heard for the first time that an AI speaks, after `turn` turns of theirs: 0 in the greeting."""

    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSpoke(Event):
    """The caller's turn is over and transcribed. `began_at` and `ended_at` are when it was spoken, in seconds since the
    epoch on the worker's clock; None for what was written. `is_repeat` says that it is what was said a turn before."""

    turn: int
    words: int
    text: str = _pii()
    began_at: float | None = None
    ended_at: float | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpoke(Event):
    """The agent's turn is over; `text` and `words` are what was heard, not what was planned, `began_at` and `ended_at`
    when, as in CallerSpoke."""

    turn: int
    words: int
    is_whole: bool
    text: str = _pii()
    began_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded(Event):
    """One exchange is over, with the stages between the end of the caller's speech and the agent's first sound.

    Durations in milliseconds as the worker saw them; None where the stage did not happen. The caller's ear adds the
    network. `speech_ended_at` and `spoke_at` place them on the worker's clock, in seconds since the epoch.
    """

    turn: int
    endpointing_ms: float | None
    stt_ms: float | None
    llm_ttft_ms: float | None
    tts_ttfb_ms: float | None
    e2e_ms: float | None
    had_tools: bool
    speech_ended_at: float | None = None
    spoke_at: float | None = None
    was_prepared: bool = False
    prepared_ms: float | None = None
    output_ms: float | None = None
    opened_by_filler: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled(Event):
    """The LLM asked for a tool; `tool_call` ties it to its ToolReturned."""

    tool_call: str
    tool: str
    arguments: str = _pii()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolReturned(Event):
    """A tool gave its sentence or did not. `duration_ms` is how long it took, `was_rehearsed` that it had begun before
    the turn called it."""

    tool_call: str
    tool: str
    outcome: Outcome
    duration_ms: float
    sentence: str = _pii()
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
class FillerSpoken(Event):
    """A tool, or a provider where `tool` is empty, took its time, and the caller heard a filler meanwhile; `turn` is
    the caller's turn that it follows."""

    turn: int
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReused(Event):
    """A large model was not asked: its answer to the same question was kept; it came from the passage `source`."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterDecided(Event):
    """The router judged a turn before a large model was asked: `why` is "acted" when its `tool` was called at once,
    else the reason why the model was asked. `tool` is empty where no tool was the likeliest."""

    why: str
    tool: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted(Event):
    """The caller's speech stopped the agent's; `words_heard` of it had been heard."""

    turn: int
    words_heard: int


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
class TransferStarted(Event):
    """A person is being brought, of that department or, where it is empty, anybody. The conversation rests."""

    way: Way
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAnswered(Event):
    """Somebody who is asked whether they take the call picked up, after `waited_s` seconds of ringing."""

    way: Way
    department: str
    waited_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEnded(Event):
    """What came of it: `joined`, or why nobody took the call, which goes on."""

    way: Way
    department: str
    outcome: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLost(Event):
    """The caller's connection dropped; the call waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFound(Event):
    """The caller came back after `away_s` seconds."""

    away_s: float


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScored(Event):
    """What the call came to, told just before CallEnded; docs/kpis.md says how each figure is reckoned.

    `wanted_task` and `completed_task` are about tools that do something for the caller; rates and `silence_ratio` lie
    between 0 and 1; `csat` is the caller's own answer from 1 to 5; None where nothing was asked or is known.
    """

    wanted_task: bool
    completed_task: bool
    is_contained: bool
    is_escalated: bool
    handle_s: float
    interruption_rate: float
    silence_ratio: float
    repeat_rate: float
    is_first_contact: bool | None = None
    csat: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCosted(Event):
    """What the call's providers cost, in US cents by list prices, of which the oldest is of the day `prices_of`.
    `unpriced` names those whose price nobody knows."""

    stt_cents: float
    llm_cents: float
    tts_cents: float
    total_cents: float
    unpriced: str
    prices_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """The call is over; nothing follows."""

    reason: EndReason
    duration_s: float
    turns: int


def name_of(event: Event) -> str:
    """ToolCalled -> tool_called: what the event is called in JSON."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def as_json(event: Event, fields_of: dict[str, Any]) -> dict[str, Any]:
    """The event as JSON, with these of its fields: `public(event)`, or `private(event)` for the caller's own page."""
    return {"type": name_of(event), "version": VERSION, **fields_of}


def public(event: Event) -> dict[str, Any]:
    """The event's fields without those that can hold the caller's words."""
    return {f.name: getattr(event, f.name) for f in fields(event) if not f.metadata.get("pii")}


def private(event: Event) -> dict[str, Any]:
    """All fields of the event, the caller's words too: for the caller's own page only."""
    return {f.name: getattr(event, f.name) for f in fields(event)}
