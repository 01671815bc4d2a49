"""The queue before a model."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import pytest

from agent.providers.local import model_queue as lane
from agent.providers.local.model_queue import Lane, LaneFull


def blocked() -> tuple[threading.Event, Callable[[], bool]]:
    """Work that keeps its thread busy until the event is set."""
    gate = threading.Event()
    return gate, lambda: gate.wait(5)


async def test_urgent_work_overtakes_what_waits() -> None:
    """A final that comes later than three partials is heard before them."""
    one, order = Lane("test", 1), list[str]()
    gate, busy = blocked()
    first = asyncio.create_task(one.run(busy))
    await asyncio.sleep(0)
    waiting = [
        asyncio.create_task(one.run(partial(order.append, name), rank=rank))
        for name, rank in (("partial 1", 1), ("partial 2", 1), ("final", 0))
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *waiting)
    one.close()
    assert order == ["final", "partial 1", "partial 2"]


async def test_what_is_urgent_waits_for_nothing_that_is_not() -> None:
    """A first clause is spoken while somebody's second one is; their third waits, though a thread is free."""
    two, order = Lane("test", 2, reserved=1), list[str]()
    gate, busy = blocked()
    second = asyncio.create_task(two.run(busy, rank=1))
    third = asyncio.create_task(two.run(partial(order.append, "third clause"), rank=1))
    await two.run(partial(order.append, "first clause"))
    assert order == ["first clause"]
    gate.set()
    await asyncio.gather(second, third)
    two.close()
    assert order == ["first clause", "third clause"]


async def test_cancelled_work_is_never_begun() -> None:
    """A request whose caller left while it waited costs the model nothing."""
    one, begun = Lane("test", 1), list[str]()
    gate, busy = blocked()
    first = asyncio.create_task(one.run(busy))
    await asyncio.sleep(0)
    second = asyncio.create_task(one.run(lambda: begun.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    gate.set()
    await first
    await one.run(lambda: begun.append("third"))
    one.close()
    assert begun == ["third"]


async def test_an_error_belongs_to_the_one_who_asked() -> None:
    """A model that raises fails that request, and the lane goes on."""
    one = Lane("test", 1)
    with pytest.raises(ZeroDivisionError):
        await one.run(lambda: 1 // 0)
    assert await one.run(lambda: "fine") == "fine"
    one.close()


async def test_a_lane_refuses_more_than_it_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow without bound when a model hangs."""
    monkeypatch.setattr(lane, "MAX_WAITING", 1)
    one = Lane("test", 1)
    gate, busy = blocked()
    running = [asyncio.create_task(one.run(busy)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(LaneFull):
        await one.run(busy)
    gate.set()
    await asyncio.gather(*running)
    one.close()
