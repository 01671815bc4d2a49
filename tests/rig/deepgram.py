"""Deepgram: /v1/listen (Nova), /v2/listen (Flux) and /v1/speak (Aura)."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web

from tests.rig.ear import Ear, Sign
from tests.rig.service import Service

NOVA_PAUSE_S, FLUX_EAGER_S, FLUX_END_S = 0.3, 0.3, 0.8


class Deepgram(Service):
    """Nova finds utterances by its endpointing, Flux turns; both by the level, with the words of whoever hears."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Of the three, Aura's in two ways."""
        router.add_get("/v1/listen", self._nova)
        router.add_get("/v2/listen", self._flux)
        router.add_get("/v1/speak", self._aura)
        router.add_post("/v1/speak", self._aura_whole)

    @property
    def nova_url(self) -> str:
        """The plugin's base_url for Nova."""
        return f"{self.address}/v1/listen"

    @property
    def flux_url(self) -> str:
        """The plugin's base_url for Flux."""
        return f"{self.address.replace('http', 'ws', 1)}/v2/listen"

    @property
    def aura_url(self) -> str:
        """The plugin's base_url for Aura."""
        return f"{self.address}/v1/speak"

    async def _nova(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if refused := self.note(request, {name: query.getall(name) for name in query}):
            return refused
        rate, pause_s = int(query["sample_rate"]), max(NOVA_PAUSE_S, float(query["endpointing"]) / 1000)
        end_s = max(pause_s, float(query.get("utterance_end_ms", "1000")) / 1000)
        socket, ear, done = await self.socket(request), Ear(rate, pause_s, end_s), 0
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                kind = json.loads(message.data)["type"]
                if kind == "CloseStream":
                    break
                if kind == "Finalize" and len(ear.sound) > done:
                    await self.tell(socket, await self._results(ear, ear.sound[done:], is_final=True))
                    done = len(ear.sound)
                continue
            for sign in ear.hear(_linear(message.data, query)):
                done = await self._nova_tells(socket, ear, sign, done)
        await socket.close()
        return socket

    async def _nova_tells(self, socket: web.WebSocketResponse, ear: Ear, sign: Sign, done: int) -> int:
        """What this sign makes it say; returns how much of the utterance's sound is final."""
        if sign is Sign.BEGAN:
            await self.tell(socket, {"type": "SpeechStarted", "channel": [0], "timestamp": ear.at_s})
            return 0
        if sign is Sign.GOES_ON:
            await self.tell(socket, await self._results(ear, ear.sound[done:], is_final=False))
        elif sign is Sign.PAUSED:
            await self.tell(socket, await self._results(ear, ear.sound[done:], is_final=True))
            return len(ear.sound)
        elif sign is Sign.ENDED:
            await self.tell(socket, {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": ear.at_s})
        return done

    async def _results(self, ear: Ear, sound: bytes, *, is_final: bool) -> Mapping[str, Any]:
        text = await self.content.hear(sound, ear.rate)
        alternative = {"transcript": text, "confidence": 0.99, "words": _words(text, ear.at_s)}
        return {
            "type": "Results",
            "channel_index": [0, 1],
            "duration": len(sound) / 2 / ear.rate,
            "start": ear.at_s - len(sound) / 2 / ear.rate,
            "is_final": is_final,
            "speech_final": is_final,
            "channel": {"alternatives": [alternative]},
            "metadata": {"request_id": "rig", "model_info": {"name": "rig"}},
        }

    async def _flux(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if refused := self.note(request, {name: query.getall(name) for name in query}):
            return refused
        socket, ear, turn, text = (
            await self.socket(request),
            Ear(int(query["sample_rate"]), FLUX_EAGER_S, FLUX_END_S),
            0,
            "",
        )
        await self.tell(socket, {"type": "Connected", "request_id": "rig", "sequence_id": 0})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                if json.loads(message.data)["type"] == "CloseStream":
                    break
                continue
            for sign in ear.hear(_linear(message.data, query)):
                if sign is not Sign.ENDED:
                    text = await self.content.hear(ear.sound, ear.rate)
                if text:
                    await self.tell(socket, _turn(EVENTS[sign], text, ear.at_s, turn))
                if sign is Sign.ENDED:
                    turn, text = turn + 1, ""
        await socket.close()
        return socket

    async def _aura(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        if refused := self.note(request, query):
            return refused
        socket, text = await self.socket(request), ""
        async for message in socket:
            said = json.loads(message.data)
            if said["type"] == "Speak":
                text += said["text"]
            elif said["type"] == "Flush":
                for piece in await self.spoken(text, int(query["sample_rate"])) if text.strip() else ():
                    if not socket.closed:
                        await socket.send_bytes(piece)
                text = ""
                await self.tell(socket, {"type": "Flushed", "sequence_id": 0})
            elif said["type"] == "Close":
                break
        await socket.close()
        return socket

    async def _aura_whole(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self.note(request, {**request.query, **body}):
            return refused
        pieces = await self.spoken(body["text"], int(request.query["sample_rate"]))
        return web.Response(body=b"".join(pieces), content_type="audio/pcm")


EVENTS = {
    Sign.BEGAN: "StartOfTurn",
    Sign.GOES_ON: "Update",
    Sign.PAUSED: "EagerEndOfTurn",
    Sign.RESUMED: "TurnResumed",
    Sign.ENDED: "EndOfTurn",
}


def _linear(data: bytes, query: Mapping[str, str]) -> bytes:
    """PCM16, of mu-law too: what a byte means is in ITU-T G.711."""
    if query["encoding"] != "mulaw":
        return data
    value = ~np.frombuffer(data, np.uint8).astype(np.int32) & 0xFF
    size = (((value & 0x0F) << 3) + 132 << (value >> 4 & 0x07)) - 132
    return np.where(value & 0x80, -size, size).astype(np.int16).tobytes()


def _words(text: str, end_s: float) -> list[dict[str, Any]]:
    """Each a fifth of a second long."""
    words = text.split()
    start_s = end_s - 0.2 * len(words)
    return [
        {
            "word": word.lower().strip(".,?!"),
            "punctuated_word": word,
            "start": max(0.0, start_s + 0.2 * place),
            "end": max(0.0, start_s + 0.2 * (place + 1)),
            "confidence": 0.99,
        }
        for place, word in enumerate(words)
    ]


def _turn(event: str, text: str, at_s: float, turn: int) -> dict[str, Any]:
    return {
        "type": "TurnInfo",
        "request_id": "rig",
        "sequence_id": 0,
        "event": event,
        "turn_index": turn,
        "audio_window_start": 0.0,
        "audio_window_end": at_s,
        "transcript": text,
        "words": [{"word": word, "confidence": 0.99} for word in text.split()],
        "end_of_turn_confidence": 0.9 if event == "EndOfTurn" else 0.5,
    }
