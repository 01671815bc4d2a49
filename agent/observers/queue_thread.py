"""A thread with a queue in front of it: what is put in is worked off in order, by one who may take their time."""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime

from agent.events import Event

Item = tuple[str, datetime, Event]
REST_EVERY_S = 2.0  # who rests is asked again this often, so that what failed is tried again in a silent call too
REST_AFTER = 50  # items, so that somebody who never finds time to rest writes all the same


class Lane:
    """`work` gets each item, `rest` is called whenever nothing waits. Beyond `capacity` the oldest item goes; without
    one none does."""

    def __init__(
        self,
        name: str,
        work: Callable[[Item], None],
        *,
        rest: Callable[[], None] | None = None,
        capacity: int | None = None,
    ) -> None:
        self.name = name
        self.dropped = 0
        self._work = work
        self._rest = rest
        self._capacity = capacity
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._put = self._taken = self._finished = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name=f"observer {name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many items wait."""
        return len(self._items)

    def put(self, item: Item) -> int:
        """Hand it over; never blocks for longer than another's `put`. How many have been dropped by it, in all: 0 when
        this one pushed none out."""
        with self._changed:
            self._put += 1
            self._items.append(item)
            is_full = self._capacity is not None and len(self._items) > self._capacity
            if is_full:
                self._items.popleft()
                self.dropped += 1
            self._changed.notify_all()
            return self.dropped if is_full else 0

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was put in so far is worked off, and rested on; False when that took longer."""
        with self._changed:
            target = self._put
            return self._changed.wait_for(lambda: self._finished >= target, max(0.0, timeout_s))

    def close(self, timeout_s: float) -> None:
        """Work off what is there, then end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._is_closed, REST_EVERY_S)
                item = self._items.popleft() if self._items else None
                self._taken += item is not None
                taken, is_last = self._taken, not self._items
                if item is None and self._is_closed:
                    return
            if item is not None:
                self._work(item)
            if is_last or taken % REST_AFTER == 0:
                if self._rest is not None:
                    self._rest()
                with self._changed:
                    self._finished = taken + self.dropped
                    self._changed.notify_all()
