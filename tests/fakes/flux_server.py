"""Deepgram's Flux on loopback: /v2/listen over a real WebSocket, turns found in the sound, words known before.

It hears when somebody speaks and pauses, as Flux does, and tells the words that the test has given for that stretch.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from aiohttp import WSMsgType, web

from tests.fakes.loopback import listening

LOUD = 300.0  # of int16
BEGINS_S, EAGER_S, ENDS_S, TELLS_EVERY_S = 0.1, 0.25, 0.9, 0.25


@dataclass(slots=True)
class FluxServer:
    """`turns` are the caller's, each a sequence of what has been said of it at each of its pauses, the last all of it.
    `asked` are the queries and keys that came, `told` the events that went."""

    turns: Sequence[Sequence[str]]
    asked: list[tuple[dict[str, str], str]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    base_url: str = ""

    async def listen(self, request: web.Request) -> web.WebSocketResponse:
        """One caller's stream, until CloseStream."""
        self.asked.append((dict(request.query), request.headers.get("Authorization", "")))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "Connected", "request_id": "flux-1", "sequence_id": 0})
        ear = _Ear(self.turns, int(request.query["sample_rate"]))
        async for message in socket:
            if message.type is WSMsgType.TEXT and json.loads(message.data)["type"] == "CloseStream":
                break
            if message.type is WSMsgType.BINARY:
                for event, text in ear.hear(np.frombuffer(message.data, np.int16)):
                    self.told.append((event, text))
                    await socket.send_json(_turn_info(event, text, ear))
        await socket.close()
        return socket


@dataclass(slots=True)
class _Ear:
    """Where one stream stands: which turn, which of its pauses, and for how long it has been loud or silent."""

    turns: Sequence[Sequence[str]]
    rate: int
    turn: int = 0
    pause: int = 0
    at_s: float = 0.0
    loud_s: float = 0.0
    silent_s: float = 0.0
    is_open: bool = False
    is_eager: bool = False
    told_at_s: float = 0.0

    def hear(self, samples: np.ndarray) -> list[tuple[str, str]]:
        """The events of one chunk of int16 mono."""
        length_s = len(samples) / self.rate
        self.at_s += length_s
        is_loud = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) > LOUD
        self.loud_s = self.loud_s + length_s if is_loud else 0.0
        self.silent_s = 0.0 if is_loud else self.silent_s + length_s
        return self._events() if self.turn < len(self.turns) else []

    def _events(self) -> list[tuple[str, str]]:
        if not self.is_open:
            return self._begin() if self.loud_s >= BEGINS_S else []
        if self.is_eager and self.loud_s >= BEGINS_S:
            said = self._said(self.pause)
            self.is_eager, self.pause = False, min(self.pause + 1, len(self.turns[self.turn]) - 1)
            return [("TurnResumed", said)]
        if not self.is_eager and self.silent_s >= EAGER_S:
            self.is_eager = True
            return [("EagerEndOfTurn", self._said(self.pause))]
        if self.silent_s >= ENDS_S:
            return self._end()
        if self.loud_s and self.at_s - self.told_at_s >= TELLS_EVERY_S:
            self.told_at_s = self.at_s
            return [("Update", self._said(self.pause).split()[0])]
        return []

    def _begin(self) -> list[tuple[str, str]]:
        self.is_open, self.is_eager, self.pause, self.told_at_s = True, False, 0, self.at_s
        return [("StartOfTurn", self._said(0).split()[0])]

    def _end(self) -> list[tuple[str, str]]:
        said = self._said(-1)
        self.is_open, self.turn = False, self.turn + 1
        return [("EndOfTurn", said)]

    def _said(self, pause: int) -> str:
        return self.turns[self.turn][pause]


def _turn_info(event: str, text: str, ear: _Ear) -> dict[str, object]:
    return {
        "type": "TurnInfo",
        "request_id": "flux-1",
        "event": event,
        "turn_index": ear.turn,
        "audio_window_start": 0.0,
        "audio_window_end": ear.at_s,
        "transcript": text,
        "words": [{"word": word, "confidence": 0.99} for word in text.split()],
        "end_of_turn_confidence": 0.9 if event == "EndOfTurn" else 0.5,
    }


@asynccontextmanager
async def serving(server: FluxServer) -> AsyncIterator[FluxServer]:
    """Listen on a free port of loopback while the block runs."""
    app = web.Application()
    app.router.add_get("/v2/listen", server.listen)
    async with listening(app) as address:
        server.base_url = f"ws://{address}/v2/listen"
        yield server
