"""Watches what a call cannot see of itself: an event loop that stands still, and observers that fall behind."""

import asyncio
import time
from collections.abc import Callable

from agent.events import Event, LoopStalled, ObserverBehind
from agent.observers.bus import Bus

EVERY_S = 0.1
WORTH_TELLING_S = 0.1  # LiveKit buffers more than that; a caller hears longer ones
LOOKS_S = 2.0
BEHIND = 10  # events that wait, or wait to be written; two turns or so

Emit = Callable[[Event], None]


async def watch(emit: Emit, bus: Bus) -> None:
    """Until cancelled: both."""
    async with asyncio.TaskGroup() as watching:
        watching.create_task(watch_loop(emit))
        watching.create_task(watch_bus(emit, bus))


async def watch_loop(emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
    """Sleep a while, and tell by how much too long that was."""
    while True:
        began = clock()
        await asyncio.sleep(EVERY_S)
        if (stalled_s := clock() - began - EVERY_S) >= WORTH_TELLING_S:
            emit(LoopStalled(stalled_ms=round(stalled_s * 1000, 1)))


async def watch_bus(emit: Emit, bus: Bus, every_s: float = LOOKS_S) -> None:
    """Tell of each observer for which many events wait, or that has lost some, and once more when it has caught up."""
    behind: set[str] = set()
    lost: dict[str, int] = {}
    while True:
        await asyncio.sleep(every_s)
        dropped_by = bus.dropped_by
        for name, waiting in bus.waiting.items():
            dropped = dropped_by[name] - lost.get(name, 0)
            if waiting >= BEHIND or dropped or name in behind:
                emit(ObserverBehind(observer=name, waiting=waiting, dropped=dropped))
            lost[name] = dropped_by[name]
            (behind.add if waiting >= BEHIND else behind.discard)(name)
