"""Reminders that remind: what is due is told at the next call from its number, or sent where the profile says. What was
told or sent is marked in its system of record, which lends each to one of us at a time. Results of calls are sent the
same way."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from agent.call.call import Call
from agent.errors import VoiceAgentError
from agent.sending import Reminder

logger = logging.getLogger("parley.reminders")
EVERY_S = 30.0


class Keyed(Protocol):
    """What can be sent."""

    @property
    def key(self) -> str:
        """The same at every try."""
        ...


T = TypeVar("T", bound=Keyed)
T_co = TypeVar("T_co", bound=Keyed, covariant=True)


class Sends(Protocol[T_co]):
    """What keeps items until they were sent."""

    async def claim(self) -> Sequence[T_co]:
        """Those that are due, and now ours for some minutes. Raises VoiceAgentError."""
        ...

    async def sent(self, key: str) -> None:
        """It has arrived: never again."""
        ...

    async def later(self, key: str) -> None:
        """It has not: again later."""
        ...


@runtime_checkable
class Outbox(Protocol):
    """A system of record that keeps reminders."""

    async def claim(self, number: str = "") -> Sequence[Reminder]:
        """Those that are due, of this number or, without one, of anybody, and in nobody's hands. They are ours for some
        minutes, and after that free again unless marked. Raises VoiceAgentError."""
        ...

    async def sent(self, key: str) -> None:
        """It has reached whom it was for: never again."""
        ...

    async def later(self, key: str) -> None:
        """It has not: again later, each time after a longer while."""
        ...


Send = Callable[[Reminder], Awaitable[None]]


def outboxes(backends: dict[type, object]) -> list[Outbox]:
    """Those of the systems of record that keep reminders."""
    return [backend for backend in backends.values() if isinstance(backend, Outbox)]


async def tell_due(call: Call, say: Callable[[str], Awaitable[object]]) -> None:
    """Say what the caller's number wanted to be reminded of. Where the profile's memory is private nothing is said: a
    number is no proof of who is calling. A system of record that fails costs the reminder this time, not the call."""
    if not call.number or call.profile.memory.is_private:
        return
    try:
        for outbox in outboxes(call.backends):
            for reminder in await outbox.claim(call.number):
                await outbox.sent(reminder.key)  # before it is said: who hangs up in the middle has heard it begin
                await say(f"You asked me to remind you of this: {reminder.about.rstrip('.!? ')}.")
    except VoiceAgentError as error:
        logger.warning("reminders not told", extra={"call": call.id, "reason": str(error)})


async def keep_sending(outbox: Sends[T], send: Callable[[T], Awaitable[None]], every_s: float = EVERY_S) -> None:
    """Send what is due, again and again, until cancelled."""
    while True:
        await send_due(outbox, send)
        await asyncio.sleep(every_s)


async def send_due(outbox: Sends[T], send: Callable[[T], Awaitable[None]]) -> None:
    """Send what is due now; what does not arrive is for later."""
    try:
        for item in await outbox.claim():
            try:
                await send(item)
            except VoiceAgentError as error:
                logger.warning("not sent", extra={"kind": type(item).__name__, "reason": str(error)})
                await outbox.later(item.key)
            else:
                await outbox.sent(item.key)
    except VoiceAgentError as error:
        logger.warning("what is due was not read", extra={"reason": str(error)})
