"""Tells the caller's own page what happens in the call, as JSON text on the topic `parley.event` of the room."""

import asyncio
import json
import logging
from datetime import datetime

from livekit import rtc

from agent.events import (
    CallCosted,
    CallerSpoke,
    CallScored,
    Event,
    LoopStalled,
    ObserverBehind,
    as_json,
    name_of,
    private,
)

TOPIC = "parley.event"
FOR_OPERATORS = (CallCosted, CallScored, LoopStalled, ObserverBehind)
logger = logging.getLogger("parley.feed")


class Feed:
    """One per call. Sends only to the caller, in order, and never holds up the call: what cannot be sent is dropped."""

    def __init__(self, participant: rtc.LocalParticipant, caller: str) -> None:
        self._participant = participant
        self.caller = caller
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=100)
        self._task = asyncio.create_task(self._send(), name="feed")

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Queue the event; the caller's own words are known to the page already and stay away."""
        if isinstance(event, FOR_OPERATORS):
            return
        fields = {} if isinstance(event, CallerSpoke) else private(event)
        line = json.dumps({**as_json(event, fields), "at": at.isoformat()}, default=str)
        if self._queue.full():
            logger.warning("page feed is full, event dropped", extra={"call": call_id, "event": name_of(event)})
            return
        self._queue.put_nowait(line)

    async def aclose(self, timeout_s: float = 1.0) -> None:
        """Send what is queued, then stop."""
        self._queue.put_nowait(None)
        try:
            async with asyncio.timeout(timeout_s):
                await self._task
        except TimeoutError:
            logger.warning("page feed did not finish in time", extra={"seconds": timeout_s})

    async def _send(self) -> None:
        while (line := await self._queue.get()) is not None:
            try:
                await self._participant.send_text(line, topic=TOPIC, destination_identities=[self.caller])
            except Exception as error:  # noqa: BLE001  # room or page is gone: the call decides about that, not its feed
                logger.debug("page feed could not send", extra={"error": type(error).__name__})
