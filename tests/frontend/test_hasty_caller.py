"""A caller who begins and leaves again and again, on the real page in front of a real worker."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import pytest

from evals.servers import LiveKit, end, start_worker

pytestmark = [pytest.mark.needs("livekit-server", "node", "chromium"), pytest.mark.timeout(180)]
COMES_MS = 30_000  # generous: a full worker is asked again every second


async def test_who_has_begun_and_left_five_times_is_answered_the_sixth_time(
    livekit_server: LiveKit,
    page_url: str,
    visit: Callable[..., Coroutine[None, None, dict[str, object]]],
    tmp_path: Path,
) -> None:
    """Each call of before takes a place for a moment; the page asks again until one is free."""
    worker = await asyncio.to_thread(start_worker, livekit_server, tmp_path, PARLEY_CAPACITY="2")
    try:
        seen = await visit("hasty", page_url)
    finally:
        await asyncio.to_thread(end, worker.process)
    waited_ms = seen["waited_ms"]
    assert isinstance(waited_ms, int)
    assert waited_ms < COMES_MS
