"""Carries a call's events to the observers on threads of their own, so that no disk and no network delays speech.

Every event passes one door on the way, which takes what is private out of it: no observer ever gets it.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import product
from multiprocessing.util import Finalize

from agent.events import CallEnded, Event
from agent.observers.plugged import Flags, Observer, Resting
from agent.observers.queue_thread import Item, Lane
from agent.redaction.door import Door, wordless

logger = logging.getLogger("parley.observers")
CAPACITY = 2000  # events that may wait for an observer who is not `lossless`


class Bus:
    """One per process. `publish` costs microseconds. Each observer has a lane: one that hangs delays no other. Events
    that wait beyond `capacity` are dropped, the oldest first, and counted; those of a `lossless` observer never are."""

    def __init__(self, observers: Sequence[Observer], capacity: int = CAPACITY, flags: Flags | None = None) -> None:
        self._observers = tuple(observers)
        self._flags = flags or Flags()
        self._doors: dict[str, Door] = {}
        self._failed: set[str] = set()
        self._is_closed = False
        self._lanes = [
            Lane(
                type(observer).__name__,
                partial(self._tell, observer),
                rest=observer.rest if isinstance(observer, Resting) else None,
                capacity=None if isinstance(observer, Resting) and observer.lossless else capacity,
            )
            for observer in observers
        ]
        self._entrance = Lane("door", self._let_through)
        # a process that ends without aclose still hands over its last events, before telemetry (100) closes
        self._finalize = Finalize(None, self.flush, exitpriority=200)

    @property
    def dropped(self) -> int:
        """How many events some observer will never see."""
        return sum(lane.dropped for lane in self._lanes)

    @property
    def dropped_by(self) -> dict[str, int]:
        """The same for each observer, by its class's name."""
        return {lane.name: lane.dropped for lane in self._lanes}

    @property
    def waiting(self) -> dict[str, int]:
        """How many events wait for each observer, and for their writing, by its class's name."""
        both = zip(self._observers, self._lanes, strict=True)
        return {
            lane.name: lane.waiting + (observer.behind if isinstance(observer, Resting) else 0)
            for observer, lane in both
        }

    def open(self, call_id: str, door: Door, flag: Callable[[str, str], None]) -> None:
        """A call begins: its words leave by this door, and a flag that an observer raises is `flag(name, reason)` in
        the loop that runs here."""
        self._doors[call_id] = door
        loop = asyncio.get_running_loop()
        self._flags.open(call_id, lambda name, reason: loop.call_soon_threadsafe(flag, name, reason))

    def publish(self, call_id: str, at: datetime, event: Event) -> None:
        """Hand the event over. Never blocks, never raises."""
        self._entrance.put((call_id, at, event))

    def flush(self, timeout_s: float = 3.0) -> bool:
        """Wait until the observers have seen all that was published so far; False when they needed longer. Blocking."""
        until = time.monotonic() + timeout_s
        lanes = (self._entrance, *self._lanes)  # the entrance first: it fills the others
        is_done = sum(lane.flush(until - time.monotonic()) for lane in lanes) == len(lanes)
        if self.dropped or not is_done:
            waiting = sum(self.waiting.values()) + self._entrance.waiting
            logger.warning("observers missed events", extra={"count": self.dropped, "waiting": waiting})
        return is_done

    async def aclose(self, timeout_s: float = 3.0) -> None:
        """Flush, then end the threads."""
        if self._is_closed:
            return
        self._is_closed = True
        self._finalize.cancel()
        if await asyncio.to_thread(self.flush, timeout_s):
            for lane in (self._entrance, *self._lanes):
                await asyncio.to_thread(lane.close, timeout_s)

    def _let_through(self, item: Item) -> None:
        call_id, at, event = item
        door = self._doors.get(call_id)
        if door is None:
            door = self._doors[call_id] = Door()
        if isinstance(event, CallEnded):
            self._doors.pop(call_id)
            self._flags.close(call_id)
        for lane, told in product(self._lanes, self._told(door, item)):
            if lane.put((call_id, at, told)) == 1:  # more lines would only slow things down; flush says how many
                logger.warning(
                    "an observer is behind, events are dropped", extra={"call": call_id, "observer": lane.name}
                )

    def _told(self, door: Door, item: Item) -> list[Event]:
        """What may leave the call; of an event that the door fails at, all but the words."""
        try:
            return door.told(item[2])
        except Exception as error:  # noqa: BLE001  # words that nobody has looked at stay inside, whatever is wrong
            logger.error("words not redacted, and dropped", extra={"call": item[0], "error": _kind(error)})
            return [wordless(item[2])]

    def _tell(self, observer: Observer, item: Item) -> None:
        try:
            observer.on_event(*item)
        except Exception as error:  # noqa: BLE001  # whatever an observer does, the others and the call go on
            name = type(observer).__name__
            if name not in self._failed:  # once is enough: it would fail at every event
                self._failed.add(name)
                logger.error(
                    "an observer failed",
                    extra={"call": item[0], "observer": name, "event": type(item[2]).__name__, "error": _kind(error)},
                )


def _kind(error: Exception) -> str:
    """The type only: the message may quote what was said."""
    return type(error).__name__
