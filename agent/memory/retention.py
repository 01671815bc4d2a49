"""How long the store keeps calls and callers: whatever is older is deleted when the worker starts, and once a day."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from agent.errors import StoreError
from agent.memory.callers import Callers

logger = logging.getLogger("parley.memory")
EVERY_S = 86_400.0


async def keep_to(days: int, callers: Callers, clock: Callable[[], datetime], every_s: float = EVERY_S) -> None:
    """Delete what is older, again and again, until cancelled. A store that fails is asked again the next day."""
    while True:
        try:
            count = await asyncio.to_thread(callers.expire, clock() - timedelta(days=days))
            logger.info("retention", extra={"count": count})
        except StoreError as error:
            logger.warning("retention failed", extra={"reason": str(error)})
        await asyncio.sleep(every_s)
