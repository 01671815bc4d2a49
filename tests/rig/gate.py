"""Gate: a TCP line to a service on loopback, which breaks as its switch says. The service behind it knows nothing."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.rig.faults import Fault, Switch

_CHUNK = 4096
_RST = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset instead of an end


class Gate:
    """Listens on a port of its own and forwards to `port`, whose faults of the line it plays."""

    def __init__(self, port: int, switch: Switch) -> None:
        self._to = port
        self._switch = switch
        self._server: asyncio.Server | None = None
        self._lines: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.port = 0

    async def listen(self) -> None:
        """On the same port each time."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def set(self, fault: Fault | None, *, after: int = 0, late_s: float = 3.0) -> None:
        """The line's new state, for who is connected, too."""
        self._switch.set(fault, after=after, late_s=late_s)
        if fault is Fault.REFUSED and self._server:
            self._server.close()
            self._server = None
        elif self._server is None:
            await self.listen()
        if fault is Fault.REFUSED or (fault is Fault.RESET and not after):
            self.cut()

    def cut(self) -> None:
        """Reset every open line."""
        for line, writer in tuple(self._lines.items()):
            _reset(writer)
            line.cancel()

    async def aclose(self) -> None:
        """Nobody is connected any more."""
        if self._server:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line
        self._lines[line] = writer
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._forward(reader, writer)
        except* OSError:
            pass  # one of the two ends is gone
        finally:
            del self._lines[line]
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._switch.meets(Fault.RESET):
            _reset(writer)
            return
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._to)
        asked = asyncio.Event()  # something was said since the last answer: the next byte is an answer's first
        asked.set()
        try:
            async with asyncio.TaskGroup() as both:
                answers = both.create_task(self._answers(theirs, writer, asked))
                asks = both.create_task(self._asks(reader, ours, asked))
                await asyncio.wait({answers, asks}, return_when=asyncio.FIRST_COMPLETED)
                answers.cancel()
                asks.cancel()
        finally:
            ours.close()

    async def _asks(self, reader: asyncio.StreamReader, ours: asyncio.StreamWriter, asked: asyncio.Event) -> None:
        is_dead = False
        while data := await reader.read(_CHUNK):
            asked.set()
            is_dead = is_dead or self._switch.meets(Fault.HALF_OPEN)
            if is_dead:
                continue
            ours.write(data)
            await ours.drain()

    async def _answers(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event) -> None:
        while data := await theirs.read(_CHUNK):
            if self._switch.meets(Fault.LATE) and asked.is_set():
                await asyncio.sleep(self._switch.late_s)
            asked.clear()
            if self._switch.meets(Fault.HALF_OPEN, Fault.STALLED):
                await asyncio.get_running_loop().create_future()  # this line is dead, whatever becomes of the service
            if self._switch.meets(Fault.RESET):
                _reset(writer)
                return
            self._switch.passed(len(data))
            writer.write(data)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    line = writer.get_extra_info("socket")
    if line is not None:
        with contextlib.suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    writer.transport.abort()


@asynccontextmanager
async def opened(port: int, switch: Switch) -> AsyncIterator[Gate]:
    """A gate, for as long as the block runs."""
    gate = Gate(port, switch)
    await gate.listen()
    try:
        yield gate
    finally:
        await gate.aclose()
