"""SpeechProcess: the worker's main process starts the speech process, restarts it when it dies or hangs, and never runs
two."""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

from agent.errors import ConfigError, ProviderError
from agent.providers.local.framing import FrameError, Header, Kind, encode, read_message
from agent.providers.local.speech_client import SOCKET_VARIABLE
from agent.providers.local.speech_process import READY_LINE, WRONG_OPTIONS

logger = logging.getLogger("parley.speech")

ROOT = Path(__file__).resolve().parents[3]
_MAX_SOCKET_PATH = 100  # the kernel's limit is 104 to 108 bytes
_BEAT_S = 1.0
_LONG_LIFE_S = 30.0  # a process that lived so long died of something new: the backoff starts over


class SpeechProcess:
    """One supervised speech process. `arguments` are options of `python -m agent.providers.local.speech_process`.

    It hangs when its models give no sign of life for `hang_s`, which is longer than any one of them works at a time.
    """

    def __init__(
        self, socket: Path, *, arguments: Sequence[str] = (), max_backoff_s: float = 5.0, hang_s: float = 6.0
    ) -> None:
        if len(str(socket).encode()) > _MAX_SOCKET_PATH:
            raise ConfigError(f"speech socket {socket}: the path is too long for a Unix socket; set a shorter one")
        self.socket = socket
        self._arguments = tuple(arguments)
        self._max_backoff_s = max_backoff_s
        self._hang_s = hang_s
        self._process: Process | None = None
        self._supervising: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._wrong: ConfigError | None = None
        self._last_words = ""

    @property
    def is_ready(self) -> bool:
        """True while the process listens with warm models."""
        return self._ready.is_set() and self._wrong is None

    @property
    def pid(self) -> int | None:
        """Of the running process; None between two lives."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Begin to supervise and tell jobs where the socket is (PARLEY_SPEECH_SOCKET). Does not wait for the models."""
        os.environ[SOCKET_VARIABLE] = str(self.socket)
        if self._supervising is None:
            self._supervising = asyncio.create_task(self._supervise(), name="speech process")

    async def ready(self, timeout_s: float = 60.0) -> None:
        """Return when the models are warm. Raises ConfigError for wrong files, ProviderError when it takes too long."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._ready.wait()
        except TimeoutError:
            reason = f"the speech process was not ready in {timeout_s:g} s"
            raise ProviderError("stt", "speech process", reason) from None
        if self._wrong:
            raise self._wrong

    async def aclose(self) -> None:
        """Stop the process and wait for its end."""
        if self._supervising:
            self._supervising.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervising
            self._supervising = None

    async def _supervise(self) -> None:
        backoff_s = 0.1
        while True:
            began = asyncio.get_running_loop().time()
            code = await self._live()
            if code == WRONG_OPTIONS:
                self._wrong = ConfigError(self._last_words)
                self._ready.set()
                return
            lived_s = asyncio.get_running_loop().time() - began
            backoff_s = 0.1 if lived_s > _LONG_LIFE_S else min(backoff_s * 2, self._max_backoff_s)
            logger.error("speech process died", extra={"exit_code": code, "lived_s": lived_s, "backoff_s": backoff_s})
            await asyncio.sleep(backoff_s)

    async def _live(self) -> int:
        """One life of the process, from its start to its exit code."""
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent.providers.local.speech_process",
            "--socket", str(self.socket), *self._arguments,
            stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for the worker, whose last calls still need to speak
        )  # fmt: skip  # one line per argument hides what matters
        try:
            async with asyncio.TaskGroup() as listening:
                listening.create_task(self._hear_ready(process))
                listening.create_task(self._hear_log(process))
                watching = listening.create_task(self._watch(process))
                code = await process.wait()
                watching.cancel()
            return code
        finally:
            self._ready.clear()
            await _ended(process)

    async def _hear_ready(self, process: Process) -> None:
        async for line in _lines(process.stdout):
            if line == READY_LINE:
                logger.info("speech process ready", extra={"pid": process.pid})
                self._ready.set()

    async def _hear_log(self, process: Process) -> None:
        async for line in _lines(process.stderr):
            self._last_words = line
            logger.info("speech process log", extra={"line": line})

    async def _watch(self, process: Process) -> None:
        """Kill a process that lives and does not answer: who waits for it asks its successor."""
        await self._ready.wait()
        while True:
            await asyncio.sleep(_BEAT_S)
            try:
                async with asyncio.timeout(self._hang_s):
                    await _answered(self.socket)
            except TimeoutError:
                logger.error("speech process hangs", extra={"pid": process.pid, "seconds": self._hang_s})
                process.kill()
                return


async def _answered(socket: Path) -> None:
    """Return when the process answers a ping, or is gone: then its exit code tells."""
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return
    try:
        writer.write(encode(Header(kind=Kind.PING, request=1)))
        while (message := await read_message(reader)) is not None:
            if message.header.kind is Kind.DONE:
                return
    except FrameError:
        return
    finally:
        writer.close()


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    while stream and (line := await stream.readline()):
        yield line.decode(errors="replace").strip()


async def _ended(process: Process) -> None:
    """Close its standard input, which asks it to go; insist after two seconds, or at once when nobody waits any longer.
    Reads on until its pipes have ended too: those that are open when the loop closes complain."""
    if process.stdin:
        process.stdin.close()
    try:
        try:
            async with asyncio.timeout(2.0):
                await process.communicate()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
    except asyncio.CancelledError:
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001  # kills it; asyncio has no public way
        raise
