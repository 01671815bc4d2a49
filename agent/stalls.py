"""Watches a call's event loop and says when it stood still: then sound, turns and tools all waited."""

import asyncio
import time
from collections.abc import Callable

from agent.events import Event, LoopStalled

EVERY_S = 0.1
WORTH_TELLING_S = 0.1  # LiveKit buffers more than that; a caller hears longer ones


async def watch_loop(emit: Callable[[Event], None], clock: Callable[[], float] = time.monotonic) -> None:
    """Until cancelled: sleep a while, and tell by how much too long that was."""
    while True:
        began = clock()
        await asyncio.sleep(EVERY_S)
        if (stalled_s := clock() - began - EVERY_S) >= WORTH_TELLING_S:
            emit(LoopStalled(stalled_ms=round(stalled_s * 1000, 1)))
