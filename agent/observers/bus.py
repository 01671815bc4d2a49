"""Carries a call's events to the observers on a thread of its own, so that no disk and no network delays speech."""

import asyncio
import logging
import queue
import threading
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.util import Finalize
from typing import Protocol

from agent.events import Event

logger = logging.getLogger("parley.observers")

Item = tuple[str, datetime, Event]


class Observer(Protocol):
    """Who only listens. Called on the bus's one thread, so it may block for a moment and needs no locks."""

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Something happened in a call at that time. What it raises is logged and hurts nobody."""
        ...


class Bus:
    """One per process. `publish` costs microseconds; events beyond `capacity` that wait are dropped and counted."""

    def __init__(self, observers: Sequence[Observer], capacity: int = 2000) -> None:
        self._observers = tuple(observers)
        self._queue: queue.Queue[Item | threading.Event | None] = queue.Queue(capacity)
        self._failed: set[str] = set()
        self._dropped = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="observers", daemon=True)
        self._thread.start()
        # a process that ends without aclose still hands over its last events, before telemetry (100) closes
        self._finalize = Finalize(None, self.flush, exitpriority=200)

    @property
    def dropped(self) -> int:
        """How many events no observer will ever see."""
        return self._dropped

    def publish(self, call_id: str, at: datetime, event: Event) -> None:
        """Hand the event over. Never blocks, never raises."""
        try:
            self._queue.put_nowait((call_id, at, event))
        except queue.Full:
            self._dropped += 1
            if self._dropped == 1:  # more lines would only slow things down further; flush says how many
                logger.warning("observers are behind, events are dropped", extra={"call": call_id})

    def flush(self, timeout_s: float = 3.0) -> bool:
        """Wait until the observers have seen all that was published so far; False when they needed longer. Blocking."""
        if not self._thread.is_alive():
            return self._queue.empty()
        seen = threading.Event()
        try:
            self._queue.put(seen, timeout=timeout_s)
        except queue.Full:
            is_done = False
        else:
            is_done = seen.wait(timeout_s)
        if self._dropped or not is_done:
            logger.warning("observers missed events", extra={"count": self._dropped, "waiting": self._queue.qsize()})
        return is_done

    async def aclose(self, timeout_s: float = 3.0) -> None:
        """Flush, then end the thread."""
        if self._is_closed:
            return
        self._is_closed = True
        self._finalize.cancel()
        if await asyncio.to_thread(self.flush, timeout_s):
            self._queue.put_nowait(None)
            await asyncio.to_thread(self._thread.join, timeout_s)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if isinstance(item, threading.Event):
                item.set()
            else:
                for observer in self._observers:
                    self._tell(observer, item)

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
