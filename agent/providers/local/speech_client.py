"""SpeechClient: a job's line to the speech process. When the process dies it waits for its return and asks again."""

import asyncio
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import numpy as np

from agent.errors import ProviderError
from agent.events import Role
from agent.providers.local.framing import FrameError, Header, Kind, Message, encode, read_message
from agent.speaking.clauses import clauses
from agent.understanding.matching.embedding import Vectors

logger = logging.getLogger("parley.speech")

SOCKET_VARIABLE = "PARLEY_SPEECH_SOCKET"  # where the worker tells its jobs which socket to use
DEFAULT_SAMPLE_RATE, DEFAULT_VOICE = 24_000, "hibari"
OnFailure = Callable[[Role, str], None]  # which part failed, and why
_ATTEMPTS = 3  # a request that kills the process this often is the cause: the other calls need the process too
_EMBEDDED_AT_ONCE = 32  # a profile has hundreds of texts: the clock of a reply runs for a piece of them, not for all
_PROVIDERS: dict[Role, str] = {"stt": "moonshine", "embedding": "minilm"}


class _Lost(Exception):
    """The connection ended before the answer came."""


class _Connection:
    """One open connection: requests by number, each with the future of its reply."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = count(1)
        self._replies: dict[int, asyncio.Future[Message]] = {}
        self._reading = asyncio.create_task(self._read(reader))

    @property
    def is_open(self) -> bool:
        return not self._reading.done()

    async def ask(self, kind: Kind, payload: bytes, is_urgent: bool) -> Message:
        """The reply. Raises _Lost."""
        if not self.is_open:
            raise _Lost
        number = next(self._numbers)
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._replies[number] = reply
        self._writer.write(encode(Header(kind=kind, request=number, is_urgent=is_urgent), payload))
        try:
            return await reply
        except asyncio.CancelledError:
            if self.is_open:
                self._writer.write(encode(Header(kind=Kind.CANCEL, request=number)))
            raise
        finally:
            self._replies.pop(number, None)

    async def aclose(self) -> None:
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        self._writer.close()  # the reading may have been cancelled before it began
        with suppress(OSError):  # the process may be gone already
            await self._writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while (message := await read_message(reader)) is not None:
                reply = self._replies.get(message.header.request)
                if reply and not reply.done():
                    reply.set_result(message)
        except FrameError:
            logger.warning("speech process answered with a broken frame")
        finally:
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(_Lost())
            self._writer.close()


class SpeechClient:
    """Embeds, transcribes and synthesizes over one Unix socket; one client per job, on one event loop.

    `on_failure` is called once per outage, at once when a request has to wait for the process, so that the session can
    say something meanwhile. The request itself still succeeds if the process is back within `return_timeout_s`.
    """

    def __init__(
        self,
        socket: Path,
        *,
        on_failure: OnFailure | None = None,
        return_timeout_s: float = 8.0,
        reply_timeout_s: float = 15.0,
    ) -> None:
        self.on_failure = on_failure
        self._socket = socket
        self._return_timeout_s = return_timeout_s
        self._reply_timeout_s = reply_timeout_s
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._sample_rate, self._voice = DEFAULT_SAMPLE_RATE, DEFAULT_VOICE
        self._is_out = False
        self.transcribed_in_s = 0.0  # how long the last transcription took, waiting for its turn included

    @classmethod
    def from_environment(cls, *, on_failure: OnFailure | None = None) -> "SpeechClient":
        """A client for the socket that the worker named. Without one, requests fail as for a process that is away."""
        return cls(Path(os.environ.get(SOCKET_VARIABLE, "no-speech-process")), on_failure=on_failure)

    @property
    def sample_rate(self) -> int:
        """Of `synthesize`, in hertz. Known after `connect`; before it, that of the default voice."""
        return self._sample_rate

    @property
    def voice(self) -> str:
        """The provider whose voice speaks. Known after `connect`; before it, the default one."""
        return self._voice

    async def connect(self) -> None:
        """Shake hands, so that `sample_rate` and `voice` are the process's. Raises ProviderError."""
        await self._connected("tts", self._deadline())

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), 384), rows of length 1. Raises ProviderError."""
        if not texts:
            return np.zeros((0, 384), np.float32)
        pieces = range(0, len(texts), _EMBEDDED_AT_ONCE)
        return np.concatenate([await self._embed_piece(texts[at : at + _EMBEDDED_AT_ONCE]) for at in pieces])

    async def transcribe(self, pcm: bytes, *, is_final: bool = True) -> str:
        """The words in PCM16 mono at 16 kHz; finals go before partials. Raises ProviderError."""
        began = time.monotonic()
        reply = await self._ask("stt", Kind.TRANSCRIBE, pcm, is_urgent=is_final)
        self.transcribed_in_s = time.monotonic() - began
        return reply.decode()

    async def is_over(self, pcm: bytes) -> float:
        """The probability that this turn's sound, PCM16 mono at 16 kHz, is its end. Raises ProviderError."""
        return float(np.frombuffer(await self._ask("stt", Kind.IS_OVER, pcm), np.float32)[0])

    async def synthesize(self, text: str, *, is_opening: bool = False) -> AsyncIterator[bytes]:
        """PCM16 mono at `sample_rate`, one piece per clause, the next prepared while one is used. Raises ProviderError.

        Each clause is a request of its own, so that a restart of the process repeats no sound and loses none.
        `is_opening` tells that the caller is waiting for the first of it.
        """
        waiting = clauses(text, is_opening=is_opening)
        ahead: asyncio.Task[bytes] | None = None
        try:
            for number in range(len(waiting)):
                pcm = await (ahead or self._speak(waiting[number], is_first=True))
                ahead = None
                if number + 1 < len(waiting):
                    ahead = asyncio.create_task(self._speak(waiting[number + 1], is_first=False))
                if pcm:
                    yield pcm
        finally:
            if ahead:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def keep(self, text: str, *, is_opening: bool = False, most: int | None = None) -> None:
        """Have a phrase of the profile's own, or its first clauses, ready as sound for every call from now on.

        It is cut as `synthesize` cuts it. Raises ProviderError.
        """
        for clause in clauses(text, is_opening=is_opening)[:most]:
            await self._ask("tts", Kind.KEEP, clause.encode(), is_urgent=False)

    async def aclose(self) -> None:
        """Close the connection; what is asked meanwhile fails."""
        if self._connection:
            await self._connection.aclose()
            self._connection = None

    async def _embed_piece(self, texts: Sequence[str]) -> Vectors:
        reply = await self._ask("embedding", Kind.EMBED, json.dumps(list(texts)).encode())
        return np.frombuffer(reply, np.float32).reshape(len(texts), -1)

    async def _speak(self, clause: str, *, is_first: bool) -> bytes:
        return await self._ask("tts", Kind.SYNTHESIZE, clause.encode(), is_urgent=is_first)

    async def _ask(self, role: Role, kind: Kind, payload: bytes, *, is_urgent: bool = True) -> bytes:
        deadline: float | None = None
        for _ in range(_ATTEMPTS):
            connection = await self._connected(role, deadline or self._deadline())
            try:
                async with asyncio.timeout(self._reply_timeout_s):
                    reply = await connection.ask(kind, payload, is_urgent)
            except _Lost:
                deadline = deadline or self._deadline()
                self._report(role, "the speech process died; waiting for its return")
                continue
            except TimeoutError:
                raise self._report(role, f"no answer in {self._reply_timeout_s:g} s") from None
            if reply.header.kind is Kind.FAILED:
                raise self._failure(role, reply.header.reason)
            self._is_out = False
            return reply.payload
        raise self._failure(role, f"the speech process died {_ATTEMPTS} times over this request")

    async def _connected(self, role: Role, deadline: float) -> _Connection:
        """The open connection, or a new one as soon as somebody listens. Raises ProviderError at the deadline."""
        async with self._connecting:
            while not (self._connection and self._connection.is_open):
                try:
                    self._connection = await self._open()
                except (OSError, FrameError):
                    self._report(role, "the speech process is away; waiting for its return")
                    if asyncio.get_running_loop().time() > deadline:
                        raise self._failure(role, "the speech process did not come back") from None
                    await asyncio.sleep(0.05)
            return self._connection

    async def _open(self) -> _Connection:
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            async with asyncio.timeout(2.0):
                hello = await read_message(reader)
            if hello is None or hello.header.kind is not Kind.READY:
                raise FrameError("no greeting")
        except BaseException:
            writer.close()
            raise
        self._sample_rate, self._voice = hello.header.sample_rate, hello.header.voice
        return _Connection(reader, writer)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._return_timeout_s

    def _report(self, role: Role, reason: str) -> ProviderError:
        """Tell the session, once per outage."""
        failure = self._failure(role, reason)
        if not self._is_out:
            self._is_out = True
            logger.warning("speech provider failed", extra={"role": role, "reason": reason})
            if self.on_failure:
                self.on_failure(role, failure.reason)
        return failure

    def _failure(self, role: Role, reason: str) -> ProviderError:
        return ProviderError(role, _PROVIDERS.get(role, self._voice), reason)
