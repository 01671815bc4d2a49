"""Lane: the requests that wait for one model, the most urgent first, on a bounded number of threads."""

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

T = TypeVar("T")
Settle = Callable[[], None]
MAX_WAITING = 512


class LaneFull(Exception):
    """More waits for this model than it could answer while anyone still listens."""


@dataclass(order=True, slots=True)
class _Waiting:
    rank: int
    number: int
    work: Callable[[], Settle] = field(compare=False)  # in a thread; what it returns runs on the loop
    is_wanted: Callable[[], bool] = field(compare=False)


class Lane:
    """`run` from the event loop; lower ranks go first, equal ranks in the order they came.

    `reserved` threads take only what is urgent, rank 0 or less: what a model has begun cannot be stopped for it.
    A cancelled `run` is dropped while it waits. One that a thread has begun ends unheard: models cannot be stopped.
    """

    def __init__(self, name: str, threads: int, *, reserved: int = 0) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._idle = threads
        self._reserved = reserved
        self._waiting: list[_Waiting] = []
        self._numbers = count()

    async def run(self, work: Callable[[], T], *, rank: int = 0) -> T:
        """What `work` returns or raises, from a thread. Raises LaneFull."""
        if len(self._waiting) >= MAX_WAITING:
            raise LaneFull
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        one = _Waiting(rank, next(self._numbers), _settling(work, result), lambda: not result.done())
        heapq.heappush(self._waiting, one)
        self._begin()
        return await result

    def close(self) -> None:
        """Forget what waits; threads end with what they have begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self._idle > (self._reserved if self._waiting[0].rank > 0 else 0):
            one = heapq.heappop(self._waiting)
            if one.is_wanted():
                self._idle -= 1
                self._threads.submit(self._work, one, loop)

    def _work(self, one: _Waiting, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self._end, one, one.work())

    def _end(self, one: _Waiting, settle: Settle) -> None:
        self._idle += 1
        if one.is_wanted():
            settle()
        self._begin()


def _settling(work: Callable[[], T], result: "asyncio.Future[T]") -> Callable[[], Settle]:
    def run() -> Settle:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001  # whatever a model raises belongs to the one who asked
            failure = error
            return lambda: result.set_exception(failure)
        return lambda: result.set_result(value)

    return run
