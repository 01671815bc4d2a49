"""A child process of `make run`: started, watched until it is ready, its log kept, and ended with all it started."""

import asyncio
import os
import re
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import psutil

ROOT = Path(__file__).resolve().parent.parent
MAX_LOG_BYTES = 5_000_000
LAST_LINES = 12
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LOUD = re.compile(r"\b(WARN|WARNING|ERROR|CRITICAL|FATAL)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What to start. `is_ready` is asked until it says True; `is_loud` shows its warnings on the terminal; those after
    it start when it is ready where it `is_awaited`."""

    name: str
    command: Sequence[str | Path]
    is_ready: Callable[[], Awaitable[bool]]
    limit_s: float
    env: Mapping[str, str] = field(default_factory=dict)
    is_loud: bool = True
    is_awaited: bool = False
    end_s: float = 10.0  # how long it may take to end by itself


class Log:
    """var/log/NAME.log, with the previous run or the older half in NAME.log.1; never above twice MAX_LOG_BYTES."""

    def __init__(self, path: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
        self.path = path
        self.tail: deque[str] = deque(maxlen=LAST_LINES)
        self._max_bytes = max_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file, self._size = self._turn_over(), 0

    def add(self, line: str) -> None:
        """Keep one line. A full disk costs the line, not the run."""
        self.tail.append(line)
        with suppress(OSError):
            if self._size + len(line) > self._max_bytes:
                self._file.close()
                self._file, self._size = self._turn_over(), 0
            self._size += self._file.write(line + "\n")
            self._file.flush()

    def _turn_over(self) -> TextIO:
        with suppress(FileNotFoundError):
            self.path.replace(self.path.with_name(self.path.name + ".1"))
        return self.path.open("w", encoding="utf-8")

    def close(self) -> None:
        """No further lines."""
        self._file.close()


class Running:
    """One child from start to end. `say` prints a line for the operator."""

    def __init__(self, child: Child, log: Log, say: Callable[[str, str], None]) -> None:
        self.child = child
        self.log = log
        self._say = say
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._family: set[psutil.Process] = set()
        self.is_ending = False

    @property
    def pid(self) -> int:
        """Its process id, which is also its process group."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start it in a process group of its own: Ctrl-C reaches us, and we end the children in order."""
        self._process = await asyncio.create_subprocess_exec(
            *map(str, self.child.command),
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.child.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
            limit=1_000_000,
        )
        self._reading = asyncio.create_task(self._read(), name=f"log of {self.child.name}")

    async def ready(self) -> float:
        """Seconds until it was ready. Raises TimeoutError."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(self.child.limit_s):
            while not await self.child.is_ready():  # noqa: ASYNC110  # another process: nothing to wait on but asking again
                await asyncio.sleep(0.1)
        return loop.time() - began

    async def ended(self) -> int:
        """Its exit code, once it has ended and its last lines are in the log."""
        assert self._process and self._reading
        code = await self._process.wait()
        with suppress(TimeoutError):  # a grandchild may hold the pipe open
            await asyncio.wait_for(asyncio.shield(self._reading), 1.0)
        return code

    async def end(self) -> None:
        """Ask it to go, insist after `end_s`, and take with it whatever it started and left behind."""
        self.is_ending = True
        if not self._process:
            self.log.close()
            return
        self._remember_family()
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), self.child.end_s)
        self.kill()
        await self._process.wait()
        if self._reading:
            await asyncio.wait([self._reading], timeout=1.0)
        self.log.close()

    def kill(self) -> None:
        """End it and its descendants at once; those that left its process group too."""
        self._remember_family()
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        for process in self._family:
            with suppress(psutil.Error):
                process.kill()

    def _remember_family(self) -> None:
        with suppress(psutil.Error):
            self._family |= set(psutil.Process(self.pid).children(recursive=True)) if self.pid else set()

    async def _read(self) -> None:
        assert self._process and self._process.stdout
        while True:
            try:
                raw = await self._process.stdout.readline()
            except ValueError:  # a line beyond the limit: asyncio has dropped it
                continue
            if not raw:
                return
            line = _COLOUR.sub("", raw.decode(errors="replace").rstrip())
            self.log.add(line)
            if self.child.is_loud and not self.is_ending and _LOUD.search(line):
                self._say(self.child.name, line[:240])
