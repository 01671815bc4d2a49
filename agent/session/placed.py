"""Placed: a call of ours in its job. What it is for comes from the record, and who answered goes there; so does, at
once and in every call by telephone, that a number wants no more calls."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime

from agent.call.call import Call
from agent.errors import ConfigError, StoreError
from agent.events import CalledOut
from agent.memory.dialled import Attempt, Dialled
from agent.profile.campaign import purpose_of
from agent.rules.dialling import Outcome
from agent.session.outgoing import Does, Outgoing, Second

logger = logging.getLogger("parley.outbound")
TRIES, APART_S = 10, 3.0  # a database that is away for half a minute forgets nobody's wish
FLAG = "wants_no_calls"


async def find(dialled: Dialled, attempt_id: str) -> Attempt | None:
    """The attempt of that id; None for a call that came to us. Raises ConfigError when the record does not know it: who
    is called must hear who calls, and for what."""
    if not attempt_id:
        return None
    try:
        attempt = await asyncio.to_thread(dialled.attempt, attempt_id)
    except StoreError as error:
        raise ConfigError(f"a call of ours cannot be made: {error}") from None
    if attempt is None:
        cure = "give the dialler and the worker the same PARLEY_STORE_URL or PARLEY_VAR_DIR"
        raise ConfigError(f"a call of ours is not in this worker's record: {cure}")
    return attempt


class Placed:
    """One per call of ours. `run` returns when there is a conversation, or the line is to be hung up."""

    def __init__(
        self, call: Call, dialled: Dialled, attempt: Attempt, does: Does, rate: int, second: Second | None = None
    ) -> None:
        self._call = call
        self._dialled = dialled
        self._attempt = attempt
        self._purpose = attempt.dial.purpose
        self._writing: set[asyncio.Task[None]] = set()
        outbound = call.profile.outbound
        purpose = purpose_of(outbound, call.profile.name, self._purpose)
        telling = replace(does, tell=self._told)
        self.outgoing = Outgoing(outbound, purpose, attempt.dial.fields, telling, rate, second=second)
        call.number = attempt.dial.number

    async def aclose(self) -> None:
        """What is being written is written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _told(self, outcome: Outcome) -> None:
        self._call.emit(CalledOut(purpose=self._purpose, outcome=outcome.value))
        task = asyncio.create_task(self._write(outcome), name="who answered")
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, outcome: Outcome) -> None:
        try:
            await asyncio.to_thread(self._dialled.answered, self._attempt.id, outcome.value)
        except StoreError as error:
            logger.warning("who answered was not written down", extra={"call": self._call.id, "reason": str(error)})


async def keep_opt_out(call: Call, dialled: Dialled, now: datetime) -> None:
    """Nobody calls this call's number again. Tried until the store takes it."""
    call.flag(FLAG, "they asked for no more calls")
    for _ in range(TRIES):
        try:
            return await asyncio.to_thread(dialled.opt_out, call.number, f"call {call.id}", now)
        except StoreError as error:
            logger.warning("an opt-out is not yet written down", extra={"call": call.id, "reason": str(error)})
        await asyncio.sleep(APART_S)
    logger.error("an opt-out was not written down: write it by hand", extra={"call": call.id})
    return None
