"""The sound of a telephone: G.711 mu-law in RTP over UDP, both ways, with keys as RFC 4733 events. What arrives is
kept with its time, so that a test or a measurement hears what the telephone heard."""

import asyncio
import random
import socket
import struct
import time
from collections.abc import Callable
from typing import NamedTuple, Self, cast

from agent.g711 import linear, mu_law
from evals.caller import Samples, Side

RATE = 8_000
FRAME = 160  # 20 ms
PCMU, EVENT = 0, 101
KEYS = "0123456789*#ABCD"
KEY_S, GAP_S = 0.12, 0.08
_SILENCE = b"\xff" * FRAME
_HEADER = struct.Struct("!BBHII")


class Packet(NamedTuple):
    """One of the other end's: when it arrived, in seconds of the line's clock, its number and its RTP timestamp."""

    at: float
    number: int
    stamp: int


class Line(asyncio.DatagramProtocol):
    """One telephone's sound. Sends 20 ms for ever, silence when there is nothing to say, once `remote` is known."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began, self._began_epoch = clock(), time.time()
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._said = asyncio.Event()
        self._said.set()
        self._transport: asyncio.DatagramTransport | None = None
        self._sending: asyncio.Task[None] | None = None
        self._number, self._at, self._source = random.getrandbits(16), random.getrandbits(31), random.getrandbits(32)
        self._last_key = -1
        self.heard = Side(broken_s=0.3, rate=RATE)
        self.sent = Side(broken_s=0.03, rate=RATE)
        self.keys_heard = ""
        self.packets: list[Packet] = []
        self.remote: tuple[str, int] | None = None
        self.is_muted = False  # sends nothing at all, as a network that is gone

    @classmethod
    async def open(cls) -> Self:
        """On a free port of loopback. Whoever opens it closes it."""
        line = cls()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: line, local_addr=("127.0.0.1", port))
        line._sending = asyncio.create_task(line._send(), name="rtp")
        return line

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    @property
    def now(self) -> float:
        """Seconds since it was opened; the clock of everything it keeps."""
        return self._clock() - self._began

    def epoch(self, at: float) -> float:
        """A moment of that clock in seconds since 1970."""
        return self._began_epoch + at

    async def say(self, samples: Samples) -> float:
        """Send int16 mono at 8 kHz; returns when the last packet has left, with that moment."""
        self._said.clear()
        data = mu_law(samples)
        for at in range(0, len(data), FRAME):
            self._waiting.put_nowait(data[at : at + FRAME].ljust(FRAME, b"\xff"))
        await self._said.wait()
        return self.now

    async def press(self, keys: str) -> None:
        """Press keys, one after the other, as events of RFC 4733."""
        for key in keys:
            self._keys.put_nowait(key)
        while not self._keys.empty():  # noqa: ASYNC110  # the sender takes them at its own pace
            await asyncio.sleep(0.02)
        await asyncio.sleep(KEY_S + GAP_S)

    def rendered(self, since_s: float = 0.0, until_s: float | None = None) -> Samples:
        """What was heard from one moment to another, silence where nothing came."""
        return self.heard.rendered(self.now if until_s is None else until_s, since_s)

    async def aclose(self) -> None:
        """Hang up the sound."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio has opened the socket."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One packet."""
        if len(data) <= _HEADER.size or data[0] >> 6 != 2:
            return
        _, kind, number, stamp, _ = _HEADER.unpack_from(data)
        body = data[_HEADER.size + 4 * (data[0] & 0x0F) :]
        if kind & 0x7F == EVENT and stamp != self._last_key:
            self._last_key = stamp
            self.keys_heard += KEYS[body[0]] if body[0] < len(KEYS) else ""
        elif kind & 0x7F == PCMU:
            self.packets.append(Packet(self.now, number, stamp))
            self.heard.add(self.now - len(body) / RATE, linear(body))

    async def _send(self) -> None:
        """At the pace of the clock: what is late is made up for."""
        due = self._clock()
        while True:
            if not self._keys.empty():
                due += await self._send_key(self._keys.get_nowait())
            else:
                piece = _SILENCE if self._waiting.empty() else self._waiting.get_nowait()
                self.sent.add(self.now, linear(piece))
                self._put(PCMU, piece)
                self._at += FRAME
                due += FRAME / RATE
            await asyncio.sleep(due - self._clock())
            if self._waiting.empty():
                self._said.set()

    async def _send_key(self, key: str) -> float:
        """Events instead of sound, each 20 ms, the end of it three times. How long that took, in seconds."""
        steps = int(KEY_S * RATE / FRAME)
        for step in range(1, steps + 4):
            is_over = step >= steps
            lasts = min(step, steps) * FRAME
            self._put(EVENT, struct.pack("!BBH", KEYS.index(key), 0x80 * is_over | 10, lasts), marks=step == 1)
            if step <= steps:
                await asyncio.sleep(FRAME / RATE)
        self._at += int((KEY_S + GAP_S) * RATE)
        await asyncio.sleep(GAP_S)
        return KEY_S + GAP_S

    def _put(self, kind: int, body: bytes, *, marks: bool = False) -> None:
        self._number = (self._number + 1) & 0xFFFF
        if self.remote is None or self._transport is None or self.is_muted:
            return
        header = _HEADER.pack(0x80, kind | 0x80 * marks, self._number, self._at & 0xFFFFFFFF, self._source)
        self._transport.sendto(header + body, self.remote)
