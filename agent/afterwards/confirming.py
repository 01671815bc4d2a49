"""Confirming: what a caller who agreed is told of the call when it is over (docs/results.md). It waits in the store and
is sent as results are."""

import asyncio
import json
import logging
from datetime import datetime

from agent.call.call import Call
from agent.errors import StoreError
from agent.memory.confirmations import Confirmations

logger = logging.getLogger("parley.confirming")
KEEP_S = 3.0


def confirmation_of(call: Call) -> str:
    """What was done, in words of the tools' authors, and by which references it is found: nothing else that was said.
    Empty where nothing was done."""
    done = call.discretion.checked(call.memory.notes.summary())
    of = ", ".join(f"{what} {number}" for number, what in call.memory.notes.references.items() if number not in done)
    return f"{call.profile.title}: you {done}.{f' Reference: {of}.' if of else ''}" if done else ""


async def keep_confirmation(call: Call, confirmations: Confirmations, at: datetime) -> None:
    """Keep it for whoever sends, if the caller wants one and the call has ended; a store that fails or hangs costs the
    confirmation, not the job's end."""
    text = confirmation_of(call) if call.confirm_to and call.score.final else ""
    if not text:
        return
    body = json.dumps({"id": call.id, "profile": call.profile.name, "to": call.confirm_to, "text": text})
    try:
        kept = asyncio.to_thread(confirmations.keep, call.id, call.profile.name, body, at)
        await asyncio.wait_for(kept, KEEP_S)
    except (StoreError, TimeoutError) as error:
        logger.error("confirmation not kept", extra={"call": call.id, "reason": str(error)})
