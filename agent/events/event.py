"""What an event is, and what it is as JSON, which is stable: a field may come to an event and has a default then; one
that goes or changes its meaning makes a new VERSION."""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal

VERSION = 1  # of the JSON
Role = Literal["stt", "llm", "tts", "embedding"]
Channel = Literal["browser", "phone", "console"]
Way = Literal["cold", "warm"]
LanguageSource = Literal["room", "participant", "sip_header", "number", "profile", "detected", "asked", "taken_up"]
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


def pii() -> Any:
    """A field that can hold the caller's words."""
    return field(metadata={"pii": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. The bus adds the call's id and the time."""


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
