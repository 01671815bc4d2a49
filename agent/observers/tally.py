"""Tally: hears in the worker what its jobs tell (telling.py) and hands it to the observers there. A job that is gone
without its call's end has crashed, and the tally ends the call in its stead."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.events import CallEnded, CallerSpoke, CallJoined, EndReason, TakenUp
from agent.observers.plugged import Observer
from agent.observers.spans import Spans
from agent.observers.telling import MAX_LINE, Told, read_line

logger = logging.getLogger("parley.observers")
LAST_S = 0.1


@dataclass(slots=True)
class _Running:
    """A call that has not ended."""

    began_at: datetime
    turns: int = 0


class Tally:
    """One per worker. `spans` is told of traces, too. Everything runs on the worker's event loop, in microseconds."""

    def __init__(
        self, socket: Path, *observers: Observer, clock: Callable[[], datetime], spans: Spans | None = None
    ) -> None:
        self.socket = socket
        self._observers = observers
        self._spans = spans
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._hearing: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._hear, self.socket, limit=MAX_LINE)

    async def aclose(self) -> None:
        """Hear what jobs that are gone have sent, and listen no more."""
        if self._server is None:
            return
        await asyncio.sleep(LAST_S)  # who has just connected still waits to be let in
        self._server.close()
        if self._hearing:
            await asyncio.wait(self._hearing, timeout=1.0)
        for writer in self._hearing.values():  # a job that hangs; the end of its connection is the end of its call
            writer.close()
        await asyncio.gather(*self._hearing, return_exceptions=True)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._hearing[task] = writer
        running: dict[str, _Running] = {}
        try:
            async for line in reader:
                self._take(line, running)
        except (OSError, ValueError) as error:  # ValueError: a line that no job of ours writes
            logger.warning("a job told what nobody understands", extra={"error": type(error).__name__})
        finally:
            del self._hearing[task]
            for call_id, call in running.items():
                self._bury(call_id, call)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _take(self, line: bytes, running: dict[str, _Running]) -> None:
        told = read_line(line)
        if told.traceparent and self._spans is not None:
            self._spans.under(told.call_id, told.traceparent)
        if isinstance(told.event, CallJoined | TakenUp):
            running[told.call_id] = _Running(told.at)
        elif isinstance(told.event, CallEnded):
            running.pop(told.call_id, None)
        elif isinstance(told.event, CallerSpoke) and told.call_id in running:
            running[told.call_id].turns = told.event.turn
        self._tell(told)

    def _bury(self, call_id: str, call: _Running) -> None:
        now = self._clock()
        duration_s = round((now - call.began_at).total_seconds(), 2)
        self._tell(Told(call_id, now, CallEnded(reason=EndReason.CRASHED, duration_s=duration_s, turns=call.turns)))

    def _tell(self, told: Told) -> None:
        for observer in self._observers:
            observer.on_event(told.call_id, told.at, told.event)
