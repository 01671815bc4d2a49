"""How long is kept what calls leave: whatever is older is deleted when the worker starts, and once a day."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from agent.errors import BackendError, StoreError

logger = logging.getLogger("parley.memory")
EVERY_S = 86_400.0
Expire = Callable[[datetime], int]  # deletes what is older, and says how much that was; blocking


async def keep_to(days: int, expire: Sequence[Expire], clock: Callable[[], datetime], every_s: float = EVERY_S) -> None:
    """Delete what is older, again and again, until cancelled. A database that fails is asked again the next day, and
    keeps no other from its turn."""
    while True:
        before, count = clock() - timedelta(days=days), 0
        for one in expire:
            try:
                count += await asyncio.to_thread(one, before)
            except (StoreError, BackendError) as error:
                logger.warning("retention failed", extra={"reason": str(error)})
        logger.info("retention", extra={"count": count})
        await asyncio.sleep(every_s)
