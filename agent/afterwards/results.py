"""The structured result of a call: what it came to, made when it is over, kept, and posted to the profile's webhook.

What may stand in it is docs/results.md's: references, values that name nobody, and words only after `call.discreet`.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from agent.call.call import Call
from agent.errors import StoreError
from agent.events import DROPPED, CallEnded, CallScored, public
from agent.intent import Intent, Slot, SlotKind
from agent.memory.outbox import Due
from agent.memory.results import Results

logger = logging.getLogger("parley.results")
VERSION = 1
KEEP_S = 3.0
# of these a value names nobody; of the others, words are left that do not
PLAIN = frozenset({SlotKind.NUMBER, SlotKind.DATE, SlotKind.TIME, SlotKind.YES_NO, SlotKind.CHOICE, SlotKind.MONEY})


def result_of(call: Call, scored: CallScored, end: CallEnded, at: datetime) -> dict[str, object]:
    """What the call came to, as JSON has it."""
    facts = call.memory.notes.facts
    return {
        "version": VERSION,
        "call": call.id,
        "profile": call.profile.name,
        "ended_at": at.isoformat(),
        "end_reason": end.reason.value,
        "outcome": outcome_of(scored, end),
        "intents": list(call.score.wanted),
        "done": [{"tool": fact.tool, "outcome": fact.outcome.value} for fact in facts],
        "references": [{"of": of, "id": number} for number, of in call.memory.notes.references.items()],
        "values": values_of(call),
        "summary": call.discretion.checked(call.memory.notes.summary()),
        "flags": sorted(call.flags),
        "identity": call.tier.name.lower(),
        "kpis": public(scored),
    }


def outcome_of(scored: CallScored, end: CallEnded) -> str:
    """In one word: the first of these that is true."""
    if end.reason in DROPPED:
        return "dropped"
    if scored.is_escalated:
        return "escalated"
    if scored.wanted_task:
        return "completed" if scored.completed_task else "not_completed"
    return "no_task"


def values_of(call: Call) -> dict[str, str | int | float | bool | None]:
    """What the profile wants to know (`results.values`), as tools took it last; None for what nobody said."""
    found: dict[str, str | int | float | bool | None] = dict.fromkeys(call.profile.results.values)
    for fact in call.memory.notes.facts:
        if (intent := call.memory.notes.intents.get(fact.tool)) is None:
            continue
        for slot in intent.slots:
            if slot.name in found and slot.name in fact.arguments:
                value = fact.arguments[slot.name]
                found[slot.name] = value if _is_plain(slot, intent) else call.discreet(str(value))
    return found


def _is_plain(slot: Slot, intent: Intent) -> bool:
    """A code that a note about the call may name is a reference, no proof of who somebody is."""
    return slot.kind in PLAIN or (slot.kind is SlotKind.CODE and intent.notes(slot.name))


async def keep_result(call: Call, results: Results, at: datetime) -> None:
    """Keep what the call came to, if it has ended; a store that fails or hangs costs the result, not the job's end."""
    if (final := call.score.final) is None:
        return
    result = result_of(call, *final, at)
    is_due = bool(call.profile.results.webhook)
    try:
        kept = asyncio.to_thread(results.keep, call.id, call.profile.name, result, at, is_due=is_due)
        await asyncio.wait_for(kept, KEEP_S)
    except (StoreError, TimeoutError) as error:
        logger.error("result not kept", extra={"call": call.id, "reason": str(error)})


class Waiting(Protocol):
    """What the store keeps to be sent: memory/results.py or memory/confirmations.py. Every method may raise
    StoreError."""

    def claim(self, profile: str, now: datetime) -> Sequence[Due]:
        """Those that are due and now ours."""
        ...

    @property
    def sent(self) -> Callable[[str], None]:
        """Called with the key of what has arrived."""
        ...

    @property
    def later(self) -> Callable[[str, datetime], None]:
        """Called with the key of what has not."""
        ...


class CallOutbox:
    """What of one profile's calls is to be sent, for reminding.keep_sending."""

    def __init__(self, waiting: Waiting, profile: str, clock: Callable[[], datetime]) -> None:
        self._waiting, self._profile, self._clock = waiting, profile, clock

    async def claim(self) -> Sequence[Due]:
        """Those that are due and now ours. Raises StoreError."""
        return await asyncio.to_thread(self._waiting.claim, self._profile, self._clock())

    async def sent(self, key: str) -> None:
        """It has arrived."""
        await asyncio.to_thread(self._waiting.sent, key)

    async def later(self, key: str) -> None:
        """It has not."""
        await asyncio.to_thread(self._waiting.later, key, self._clock())
