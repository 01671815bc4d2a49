"""What is older than the retention goes, again and again."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.memory.callers import Callers
from agent.memory.retention import keep_to
from agent.memory.store import Store, StoredCall
from tests.fakes.databases import locked

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)


async def test_old_calls_go_at_the_start_and_later_ones_when_their_day_comes(tmp_path: Path) -> None:
    """The clock is looked at each time; a store that is locked for once is asked again."""
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    store = Store(url)
    store.prepare()
    for days in (1, 40):
        start = NOW - timedelta(days=days)
        store.save(StoredCall(id=f"call-{days}", profile="shop", channel="phone", started_at=start), [])
    clock = [NOW]
    with locked(tmp_path / "parley.db"):
        keeping = asyncio.create_task(keep_to(30, [Callers(url).expire], lambda: clock[0], every_s=0.01))
        await asyncio.sleep(0.05)
    await until(lambda: [call.id for call in store.recent()] == ["call-1"])
    clock[0] += timedelta(days=30)
    await until(lambda: not store.recent())
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, for ten seconds at most."""
    for _ in range(1000):
        if await asyncio.to_thread(is_so):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be so")
