"""A loop that stands still and an observer that falls behind are told; those that do their work are not."""

import asyncio
import contextlib
import threading
import time
from datetime import UTC, datetime

from agent.events import ConnectionLost, Event, LoopStalled, ObserverBehind
from agent.observers.bus import Bus
from agent.upkeep.vitals import watch_bus, watch_loop


async def test_a_blocked_loop_is_told_once_with_its_length() -> None:
    """As code that sleeps without awaiting blocks it."""
    told: list[Event] = []
    watching = asyncio.create_task(watch_loop(told.append))
    await asyncio.sleep(0.15)
    time.sleep(0.6)  # noqa: ASYNC251  # the fault itself
    await asyncio.sleep(0.15)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    longest = max(event.stalled_ms for event in told if isinstance(event, LoopStalled))
    assert 400 < longest < 5000


async def test_a_loop_that_waits_is_not_blocked() -> None:
    """On a clock that agrees with every sleep."""
    told: list[Event] = []
    times = iter(range(1000))

    def clock() -> float:
        return next(times) * 0.05  # each sleep of 0.1 s seems shorter

    watching = asyncio.create_task(watch_loop(told.append, clock))
    await asyncio.sleep(0.25)
    watching.cancel()
    assert not told


class Slow:
    """Observer that waits for a sign."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Wait."""
        self.may_go_on.wait(10)


async def test_an_observer_that_is_behind_is_told_until_it_has_caught_up() -> None:
    """With what waits, and with what was lost; and then once that nothing waits any more."""
    told: list[Event] = []
    slow = Slow()
    bus = Bus([slow], capacity=60)
    for _ in range(100):
        bus.publish("call-1", datetime.now(UTC), ConnectionLost())
    watching = asyncio.create_task(watch_bus(told.append, bus, every_s=0.05))
    await asyncio.sleep(0.3)
    slow.may_go_on.set()
    await asyncio.sleep(0.3)
    watching.cancel()
    await bus.aclose()
    found = [event for event in told if isinstance(event, ObserverBehind)]
    assert {event.observer for event in found} == {"Slow"}
    assert found[0].waiting >= 59 and sum(event.dropped for event in found) == bus.dropped
    assert found[-1].waiting == 0 and [event.waiting for event in found].count(0) == 1
