"""How a call begins, is handed over, breaks and ends."""

from dataclasses import dataclass

from agent.events.event import Channel, EndReason, Event, LanguageSource, Way


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
    """The caller has heard for the first time in the `language` that is spoken that an AI speaks, after `turn` turns of
    theirs: 0 in the greeting."""

    turn: int
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChosen(Event):
    """From here on this language is spoken, ISO 639-1. `by` is what told it; with `asked` and `detected` it was the
    caller, in mid-call."""

    language: str
    by: LanguageSource


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
class ConnectionLost(Event):
    """The caller's connection dropped; the call waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFound(Event):
    """The caller came back after `away_s` seconds."""

    away_s: float


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
class CostGrew(Event):
    """What the call's providers have cost so far, in US cents by list prices; only where the page may show it."""

    stt_cents: float
    llm_cents: float
    tts_cents: float
    total_cents: float


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
