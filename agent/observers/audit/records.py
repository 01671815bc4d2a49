"""What the audit log says of each event: its kind and its fields, with the words that the door has let through."""

import json
from datetime import datetime
from uuid import uuid4

from agent.events import Event, ToolReturned, name_of, private
from agent.memory.chain import Record

PREVIEW = 500  # characters of what a tool answered
EVENTS: dict[str, tuple[str, ...]] = {
    "CALL_START": ("call_joined", "called_out", "taken_up"),
    "DISCLOSURE": ("greeted", "ai_disclosed"),
    "LANGUAGE": ("language_chosen",),
    "TRANSCRIPT": ("caller_spoke", "agent_spoke"),
    "TOOL_CALL": ("tool_called",),
    "TOOL_RESULT": ("tool_returned",),
    "IDENTITY": ("identity_checked", "tier_changed"),
    "CONSENT": ("consent_given", "consent_refused"),
    "TRANSFER": ("transfer_started", "transfer_answered", "transfer_ended"),
    "TASK": ("task_completed",),
    "DECISION": (
        "router_decided",
        "turn_weighed",
        "answer_reused",
        "flag_raised",
        "handed_over",
        "breaker_changed",
        "provider_replaced",
        "hedged",
    ),
    "FAILURE": ("provider_failed",),
    "CONNECTION": ("connection_lost", "connection_found"),
    "VALUE": ("value_sealed",),
    "RESULT": ("call_scored", "call_costed"),
    "CALL_END": ("call_ended",),
}
KINDS = {name: kind for kind, names in EVENTS.items() for name in names}
UNTOLD = frozenset(
    {"turn_ended", "filler_spoken", "interrupted", "cost_grew", "loop_stalled", "observer_behind"}
)  # how it went; nobody is accountable for that, and what the call has cost at its end is a RESULT
WORDY = ("TRANSCRIPT", "TOOL_CALL", "TOOL_RESULT", "VALUE")  # go with the call's record; the others stay longer


def record_of(call_id: str, at: datetime, event: Event) -> Record | None:
    """The record of an event that has passed the door; None for one that is none of an auditor's business. An event
    that this list does not know is recorded as OTHER."""
    name = name_of(event)
    if name in UNTOLD:
        return None
    body = {"event": name, **private(event)}
    if isinstance(event, ToolReturned):
        body["sentence"] = event.sentence[:PREVIEW]
    return Record(
        id=uuid4().hex,
        call_id=call_id,
        kind=KINDS.get(name, "OTHER"),
        at=at,
        body=json.dumps(body, ensure_ascii=False, default=str),
    )
