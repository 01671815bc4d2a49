"""SpeechServer answers what framing.Kind lists on a Unix socket; models run in threads, never on its loop."""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.providers.local.framing import FrameError, Header, Kind, Message, encode, read_message
from agent.providers.local.model_queue import Lane, LaneFull
from agent.providers.local.models.minilm import MiniLM
from agent.providers.local.models.moonshine import Moonshine
from agent.providers.local.models.smart_turn import SmartTurn
from agent.providers.local.models.voice import Voice
from agent.providers.local.phrases import Phrases

logger = logging.getLogger("parley.speech")

CACHED_SENTENCES = 4096  # 384 floats each: 6 MB
_SLICE = 8  # sentences per turn at the model, so that a whole knowledge does not hold up one caller's sentence


@dataclass(frozen=True, slots=True)
class Models:
    """The models, loaded. `hear` and `speak` are None where no profile hears or speaks with them, `over` where its
    wheel is not installed."""

    hear: Moonshine | None
    speak: Voice | None
    mean: MiniLM
    over: SmartTurn | None = None


class SpeechServer:
    """Serves every call of the machine. One lane per model, so that none waits for another's queue."""

    def __init__(
        self, models: Models, *, phrases: Phrases | None = None, stt_threads: int = 1, tts_threads: int = 2
    ) -> None:
        self._models = models
        self._phrases = phrases or Phrases(None, voice="")
        # a first clause must not wait for somebody's second, nor a final for a partial
        self._hear = Lane("stt", stt_threads, reserved=stt_threads - 1)
        self._speak = Lane("tts", tts_threads, reserved=tts_threads - 1)
        self._mean = Lane("embed", 1)
        self._over = Lane("turn", 1)
        self._lanes = (self._hear, self._speak, self._mean, self._over)
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._connections: set[asyncio.Task[None]] = set()

    async def serve(self, socket: Path) -> asyncio.AbstractServer:
        """Listen on `socket`, which must not exist."""
        return await asyncio.start_unix_server(self._on_connection, socket)

    async def aclose(self) -> None:
        """Drop every connection and what it waits for."""
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        for lane in self._lanes:
            lane.close()

    def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._talk(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers: dict[int, asyncio.Task[None]] = {}
        try:
            writer.write(encode(_ready(self._models.speak)))
            await self._read(reader, writer, answers)
        except FrameError as error:
            logger.warning("speech connection dropped", extra={"reason": str(error)})
        finally:
            unheard = tuple(answers.values())
            for answer in unheard:
                answer.cancel()
            await asyncio.gather(*unheard, return_exceptions=True)
            writer.close()

    async def _read(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: dict[int, asyncio.Task[None]]
    ) -> None:
        while (message := await read_message(reader)) is not None:
            request = message.header.request
            if message.header.kind is Kind.CANCEL:
                if request in answers:
                    answers[request].cancel()
                continue
            if request in answers:
                raise FrameError("request number in use")
            answers[request] = asyncio.create_task(self._answer(message, writer))
            answers[request].add_done_callback(partial(_forget, answers, request))

    async def _answer(self, message: Message, writer: asyncio.StreamWriter) -> None:
        request = message.header.request
        try:
            reply = encode(Header(kind=Kind.DONE, request=request), await self._ask(message))
        except LaneFull:
            reply = encode(Header(kind=Kind.FAILED, request=request, reason="too many requests wait"))
        except Exception as error:  # noqa: BLE001  # a model's fault is its caller's answer, not the end of the process
            logger.warning("speech request failed", extra={"kind": message.header.kind, "error": type(error).__name__})
            reply = encode(Header(kind=Kind.FAILED, request=request, reason=type(error).__name__))
        if not writer.is_closing():
            writer.write(reply)

    async def _ask(self, message: Message) -> bytes:
        payload, rank = message.payload, 0 if message.header.is_urgent else 1
        match message.header.kind:
            case Kind.TRANSCRIBE if hear := self._models.hear:
                return (await self._hear.run(lambda: hear.transcribe(payload), rank=rank)).encode()
            case Kind.IS_OVER if over := self._models.over:
                probability = await self._over.run(lambda: over.probability(payload), rank=rank)
                return np.float32(probability).tobytes()
            case Kind.SYNTHESIZE if voice := self._models.speak:
                return await self._say(voice, payload.decode(), rank)
            case Kind.KEEP if voice := self._models.speak:
                await self._keep(voice, payload.decode(), rank)
                return b""
            case Kind.PING:
                await self._breathe()
                return b""
            case Kind.EMBED:
                return (await self._embed(_texts(payload))).tobytes()
            case kind:
                raise FrameError(f"{kind} is no request")

    async def _breathe(self) -> None:
        """Return when each lane has taken a turn, before all others: a model that hangs has none to give."""
        await asyncio.gather(*(lane.run(lambda: None, rank=-1) for lane in self._lanes))

    async def _say(self, voice: Voice, clause: str, rank: int) -> bytes:
        kept = self._phrases.find(clause)
        return await self._speak.run(lambda: voice.speak(clause), rank=rank) if kept is None else kept

    async def _keep(self, voice: Voice, clause: str, rank: int) -> None:
        """Only what a client names is kept: an answer may hold what is nobody else's."""
        await asyncio.to_thread(self._phrases.keep(clause, await self._say(voice, clause, rank)))

    async def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        for start in range(0, len(new), _SLICE):
            part = new[start : start + _SLICE]
            rows = await self._mean.run(partial(self._models.mean.embed, part), rank=int(len(new) > _SLICE))
            found.update(zip(part, rows, strict=True))
        for text, row in found.items():
            self._remember(text, row)
        return np.stack([found[text] for text in texts]) if texts else self._models.mean.embed([])

    def _remember(self, text: str, row: NDArray[np.float32]) -> None:
        self._known[text] = row
        self._known.move_to_end(text)
        if len(self._known) > CACHED_SENTENCES:
            self._known.popitem(last=False)


def _ready(voice: Voice | None) -> Header:
    if voice is None:
        return Header(kind=Kind.READY)
    return Header(kind=Kind.READY, sample_rate=voice.sample_rate, voice=voice.name)


def _forget(answers: dict[int, asyncio.Task[None]], request: int, _answered: asyncio.Task[None]) -> None:
    answers.pop(request, None)


def _texts(payload: bytes) -> list[str]:
    texts = json.loads(payload)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise FrameError("embed takes a list of texts")
    return texts
