"""How a call goes on in another job when its own has died: what is carried over, written down after every step of it.

Where it is kept, sealed, is memory/kept.py's; who notices a death, and sends another job, is watch.py's.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from livekit.agents import llm
from pydantic import BaseModel, ConfigDict

from agent.call.agreement import CarriedAgreements
from agent.call.call import Call
from agent.call.line import Reached
from agent.errors import StoreError
from agent.events import (
    AgentSpoke,
    CallerSpoke,
    CallJoined,
    Channel,
    EndReason,
    Event,
    FlagRaised,
    HandedOver,
    IdentityChecked,
    TakenUp,
    ToolCalled,
    ToolReturned,
    TransferEnded,
)
from agent.memory.kept import NOBODY, KeptCalls
from agent.redaction.door import Door
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
AGAIN_WITHIN = timedelta(minutes=1)  # who rings again so soon was cut off
CUT_OFF = frozenset({EndReason.CALLER_LEFT, EndReason.CONNECTION_LOST, EndReason.CRASHED})


class Carried(BaseModel):
    """What of a call another job needs. Requests keep their keys, since these begin with the call's id."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    call_id: str
    room: str
    agent: str
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
    confirm_to: str = ""
    language: str = "en"
    agreements: CarriedAgreements

    @classmethod
    def of(
        cls,
        call: Call,
        room: str,
        agent: str,
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
            agent=agent,
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
            confirm_to=call.confirm_to,
            language=call.profile.language,
            agreements=call.agreements.carried(),
        )

    def restore(self, call: Call) -> None:
        """Make a new call, of this one's id, what the old one was."""
        call.number, call.persona, call.flags = self.number, self.persona, set(self.flags)
        known = call.identity
        known.tier, known.customer, known.said, known.wanted = self.tier, self.customer, self.said, self.wanted
        known.failed, known.is_locked = self.failed, self.is_locked
        call.memory.has_consent, call.has_disclosed = self.has_consent, self.has_disclosed
        call.confirm_to = self.confirm_to
        call.agreements.take_up(self.agreements)
        self._tell_again(call)

    def _tell_again(self, call: Call) -> None:
        """What the call has heard of who somebody is must not stand in a note now either."""
        call.discretion.is_of_customer = self.tier > Tier.NONE
        said, codes = self.said, (self.said.account_last_four, self.said.card_last_four)
        call.discretion.learn(names=(said.name,), places=(said.city,), codes=codes)
        for event in self._said_before():
            call.discretion.on_event(event)

    def tell_again(self, door: Door) -> None:
        """A value that the call knew has the same placeholder from now on as before."""
        for event in self._said_before():
            door.told(event)

    def _said_before(self) -> Iterator[Event]:
        for item in self.context.items:
            if item.type == "message" and item.role == "user":
                yield CallerSpoke(turn=0, words=0, text=item.text_content or "")
            elif item.type == "message" and item.role == "assistant":
                yield AgentSpoke(turn=0, words=0, is_whole=True, text=item.text_content or "")
            elif item.type == "function_call":
                yield ToolCalled(tool_call=item.call_id, tool=item.name, arguments=item.arguments)

    @property
    def is_owed_an_answer(self) -> bool:
        """True when the caller had the last word."""
        items = [
            item for item in self.context.items if item.type in {"message", "function_call", "function_call_output"}
        ]
        return bool(items) and not (items[-1].type == "message" and items[-1].role == "assistant")

    @property
    def may_go_on(self) -> bool:
        """True of a telephone call that has something to go on with, and in which nobody was known."""
        is_open = self.tier is Tier.NONE and not self.customer
        return self.channel == "phone" and bool(self.number) and self.turns > 0 and is_open and bool(self.last_words)

    @property
    def last_words(self) -> str:
        """What the agent said last."""
        said = [item for item in self.context.items if item.type == "message" and item.role == "assistant"]
        return (said[-1].text_content or "") if said else ""

    @property
    def context(self) -> llm.ChatContext:
        """The history."""
        return llm.ChatContext.from_dict(self.history)


def _line_of(profile: str, number: str) -> str:
    return f"line {profile} {number}"


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
        self._is_handed_over = False
        self._task: asyncio.Task[None] | None = None

    def start(self, state: Callable[[], Carried]) -> None:
        """From now on `state` tells what the call is."""
        self._state = state
        self._task = asyncio.create_task(self._write_all(), name="keeper")
        self._wake.set()

    def on_event(self, event: Event) -> None:
        """Something happened that another job would have to know. A call that a person has taken is none to be taken
        up."""
        if isinstance(event, TransferEnded) and event.outcome == Reached.JOINED:
            self._is_handed_over = True
            self._wake.set()
        elif isinstance(event, STEPS):
            self._wake.set()

    async def stop(self) -> None:
        """Write nothing more; what is written stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def leave_behind(self, reason: EndReason, *, is_private: bool) -> None:
        """The call is over; when a telephone call broke off in the middle, its caller may ring again and go on. The
        number is no proof of who rings: where the profile is private, or somebody was known, nothing is left."""
        now = self._state() if self._state else None
        if now is None or is_private or not now.may_go_on or reason not in CUT_OFF:
            return
        state, place = now.model_dump_json().encode(), _line_of(now.profile, now.number)
        with contextlib.suppress(StoreError, TimeoutError):  # then it begins anew
            left = asyncio.to_thread(self._kept.keep, f"again {now.call_id}", place, NOBODY, state, self._clock())
            await asyncio.wait_for(left, LAST_WRITE_S)

    async def take_up_again(self, profile: str, number: str) -> Carried | None:
        """What was left behind by a call from that number, within a minute: once."""
        if not number:
            return None
        with contextlib.suppress(StoreError):
            found = await asyncio.to_thread(self._kept.find, _line_of(profile, number))
            if found is not None and found.worker == NOBODY:
                await asyncio.to_thread(self._kept.drop, found.call_id)
                return read(found.state) if self._clock() - found.kept_at <= AGAIN_WITHIN else None
        return None

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
                if self._is_handed_over:
                    await asyncio.to_thread(self._kept.drop, now.call_id)
                    return
                state = now.model_dump_json().encode()
                await asyncio.to_thread(self._kept.keep, now.call_id, now.room, self._worker, state, self._clock())
            except StoreError as error:
                if not self._has_complained:  # the call goes on; it could not be taken up
                    self._has_complained = True
                    logger.error("the call could not be kept", extra={"call": now.call_id, "reason": str(error)})
