"""How a call goes on in another job when its own has died: what is carried over, written down after every step of it.

Where it is kept, sealed, is memory/kept.py's; who notices a death, and sends another job, is watch.py's.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from livekit.agents import llm
from pydantic import BaseModel, ConfigDict

from agent.agreement import CarriedAgreements
from agent.call import Call
from agent.errors import StoreError
from agent.events import (
    AgentSpoke,
    CallerSpoke,
    CallJoined,
    Channel,
    Event,
    FlagRaised,
    HandedOver,
    IdentityChecked,
    TakenUp,
    ToolCalled,
    ToolReturned,
)
from agent.memory.kept import KeptCalls
from agent.rules.identity import Said, Tier

logger = logging.getLogger("parley.taking_up")
STEPS = (
    AgentSpoke,
    CallerSpoke,
    CallJoined,
    FlagRaised,
    HandedOver,
    IdentityChecked,
    TakenUp,
    ToolCalled,
    ToolReturned,
)
LAST_WRITE_S = 2.0


class Carried(BaseModel):
    """What of a call another job needs. Requests keep their keys, since these begin with the call's id."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    call_id: str
    room: str
    profile: str
    caller: str
    channel: Channel
    started_at: datetime
    turns: int
    history: dict[str, Any]
    number: str
    flags: list[str]
    persona: str
    tier: Tier
    customer: str
    said: Said
    failed: int
    is_locked: bool
    wanted: Tier
    has_consent: bool
    has_disclosed: bool = False
    agreements: CarriedAgreements

    @classmethod
    def of(
        cls,
        call: Call,
        room: str,
        caller: str,
        channel: Channel,
        started_at: datetime,
        turns: int,
        history: llm.ChatContext,
    ) -> "Carried":
        """What the call is now."""
        known = call.identity
        return cls(
            call_id=call.id,
            room=room,
            profile=call.profile.name,
            caller=caller,
            channel=channel,
            started_at=started_at,
            turns=turns,
            history=history.to_dict(exclude_timestamp=False, exclude_metrics=True, exclude_config_update=True),
            number=call.number,
            flags=sorted(call.flags),
            persona=call.persona,
            tier=known.tier,
            customer=known.customer,
            said=known.said,
            failed=known.failed,
            is_locked=known.is_locked,
            wanted=known.wanted,
            has_consent=call.memory.has_consent,
            has_disclosed=call.has_disclosed,
            agreements=call.agreements.carried(),
        )

    def restore(self, call: Call) -> None:
        """Make a new call, of this one's id, what the old one was."""
        call.number, call.persona, call.flags = self.number, self.persona, set(self.flags)
        known = call.identity
        known.tier, known.customer, known.said, known.wanted = self.tier, self.customer, self.said, self.wanted
        known.failed, known.is_locked = self.failed, self.is_locked
        call.memory.has_consent, call.has_disclosed = self.has_consent, self.has_disclosed
        call.agreements.take_up(self.agreements)
        self._tell_again(call)

    def _tell_again(self, call: Call) -> None:
        """What the call has heard of who somebody is must not stand in a note now either."""
        call.discretion.is_of_customer = self.tier > Tier.NONE
        said, codes = self.said, (self.said.account_last_four, self.said.card_last_four)
        call.discretion.learn(names=(said.name,), places=(said.city,), codes=codes)
        for item in self.context.items:
            if item.type == "message" and (text := item.text_content):
                caller, agent = (
                    CallerSpoke(turn=0, words=0, text=text),
                    AgentSpoke(turn=0, words=0, is_whole=True, text=text),
                )
                call.discretion.on_event(caller if item.role == "user" else agent)
            elif item.type == "function_call":
                call.discretion.on_event(ToolCalled(tool_call=item.call_id, tool=item.name, arguments=item.arguments))

    @property
    def is_owed_an_answer(self) -> bool:
        """True when the caller had the last word."""
        items = [
            item for item in self.context.items if item.type in {"message", "function_call", "function_call_output"}
        ]
        return bool(items) and not (items[-1].type == "message" and items[-1].role == "assistant")

    @property
    def context(self) -> llm.ChatContext:
        """The history."""
        return llm.ChatContext.from_dict(self.history)


def read(state: bytes | None) -> Carried | None:
    """What was carried; None when it cannot be read, for example by another version's worker."""
    if state is None:
        return None
    try:
        return Carried.model_validate_json(state)
    except ValueError:
        return None


class Keeper:
    """Writes down what the call is, one write at a time and the latest state only; never holds up the call."""

    def __init__(self, kept: KeptCalls, worker: str, clock: Callable[[], datetime]) -> None:
        self._kept = kept
        self._worker = worker
        self._clock = clock
        self._state: Callable[[], Carried] | None = None
        self._wake = asyncio.Event()
        self._has_complained = False
        self._task: asyncio.Task[None] | None = None

    def start(self, state: Callable[[], Carried]) -> None:
        """From now on `state` tells what the call is."""
        self._state = state
        self._task = asyncio.create_task(self._write_all(), name="keeper")
        self._wake.set()

    def on_event(self, event: Event) -> None:
        """Something happened that another job would have to know."""
        if isinstance(event, STEPS):
            self._wake.set()

    async def stop(self) -> None:
        """Write nothing more; what is written stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def forget(self, call_id: str) -> None:
        """The call is over: nothing of it stays."""
        await self.stop()
        try:
            await asyncio.wait_for(asyncio.to_thread(self._kept.drop, call_id), LAST_WRITE_S)
        except (StoreError, TimeoutError):
            logger.warning("what was kept of the call stays until a worker looks", extra={"call": call_id})

    async def _write_all(self) -> None:
        assert self._state is not None
        while True:
            await self._wake.wait()
            self._wake.clear()
            now = self._state()
            try:
                state = now.model_dump_json().encode()
                await asyncio.to_thread(self._kept.keep, now.call_id, now.room, self._worker, state, self._clock())
            except StoreError as error:
                if not self._has_complained:  # the call goes on; it could not be taken up
                    self._has_complained = True
                    logger.error("the call could not be kept", extra={"call": now.call_id, "reason": str(error)})
