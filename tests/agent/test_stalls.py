"""A loop that stands still is told with how long; one that runs is not."""

import asyncio
import contextlib
import time

from agent.events import Event, LoopStalled
from agent.stalls import watch_loop


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
