"""OpenAI's Realtime API over WebSocket: one conversation a socket, with the server's VAD, items that are added, deleted
and truncated, and responses in sound with their transcript or as function calls."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from itertools import count

from aiohttp import web

from tests.rig.content import Heard, Wish
from tests.rig.ear import Ear, Sign
from tests.rig.items import Item, RefusedError, Told, told_of
from tests.rig.service import Service, paced

RATE = 24_000
LEAST_S = 0.1  # of sound that can be committed
HEARD_PER_S, SPOKEN_PER_S = 10, 20  # tokens of audio


class Conversation:
    """That of one socket."""

    def __init__(self, service: Service, socket: web.WebSocketResponse, events: list[Told]) -> None:
        self._service = service
        self._events = events
        self._socket = socket
        self._numbers = count(1)
        self.session: Told = {"id": "sess_rig", "type": "realtime", "tools": [], "instructions": ""}
        self.items: list[Item] = []
        self._buffer = b""
        self._ear: Ear | None = None
        self._speech = ""  # the id of the item that the open utterance will be
        self._response: asyncio.Task[None] | None = None
        self._hearing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Answer to what comes, until the client goes."""
        await self._tell("session.created", session=self.session)
        try:
            async for message in self._socket:
                event = json.loads(message.data)
                try:
                    await self._take(event)
                except RefusedError as error:
                    said = {"type": "invalid_request_error", "code": error.code, "message": str(error), "param": None}
                    await self._tell("error", error={**said, "event_id": event.get("event_id")})
        finally:
            for task in [*self._hearing, *([self._response] if self._response else [])]:
                task.cancel()

    async def _take(self, event: Told) -> None:
        kind = event["type"]
        if kind != "input_audio_buffer.append":
            self._events.append(event)
        handlers = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create,
            "conversation.item.delete": self._delete,
            "conversation.item.truncate": self._truncate,
            "response.create": self._respond,
            "response.cancel": self._cancel,
        }
        if kind not in handlers:
            raise RefusedError("invalid_value", f"Invalid value: {kind!r}.")
        await handlers[kind](event)

    async def _update(self, event: Told) -> None:
        asked = event["session"]
        if asked.get("type") != "realtime":
            raise RefusedError("missing_required_parameter", "Missing required parameter: 'session.type'.")
        audio = {name: self._audio(name) | part for name, part in asked.get("audio", {}).items()}
        self.session |= {**asked, "audio": {**self.session.get("audio", {}), **audio}}
        chosen = self._audio("input").get("turn_detection")
        if chosen and self._ear is None:
            silence_s = chosen.get("silence_duration_ms", 500) / 1000
            self._ear = Ear(RATE, silence_s, silence_s)
        await self._tell("session.updated", session=self.session)

    def _audio(self, name: str) -> Told:
        found: Told = self.session.get("audio", {}).get(name, {})
        return found

    async def _append(self, event: Told) -> None:
        sound = base64.b64decode(event["audio"], validate=True)
        if self._ear is None:
            self._buffer += sound
            return
        for sign in self._ear.hear(sound):
            await self._on_sign(sign, self._ear)

    async def _on_sign(self, sign: Sign, ear: Ear) -> None:
        """What the server's VAD makes of it: a turn is committed, and answered if the session wants that."""
        at_ms = int(ear.at_s * 1000)
        if sign is Sign.BEGAN:
            self._speech = self._new("item")
            await self._tell("input_audio_buffer.speech_started", audio_start_ms=at_ms, item_id=self._speech)
            if self._detection("interrupt_response"):
                await self._cancel({})
        elif sign is Sign.ENDED:
            await self._tell("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=self._speech)
            await self._committed(self._speech, ear.sound)
            if self._detection("create_response"):
                await self._respond({"response": {}})

    def _detection(self, name: str) -> bool:
        return bool(self._audio("input")["turn_detection"].get(name, True))

    async def _commit(self, _: Told) -> None:
        sound, self._buffer = self._buffer, b""
        if len(sound) < 2 * LEAST_S * RATE:
            raise RefusedError("input_audio_buffer_commit_empty", "Error committing: the buffer is too small.")
        await self._committed(self._new("item"), sound)

    async def _committed(self, item_id: str, sound: bytes) -> None:
        content = [{"type": "input_audio", "transcript": None}]
        told = {"id": item_id, "type": "message", "role": "user", "status": "completed", "content": content}
        await self._tell("input_audio_buffer.committed", item_id=item_id, previous_item_id=self._last)
        item = Item(told, sound=sound, seconds=len(sound) / 2 / RATE)
        await self._add(item, self._last)
        if self._audio("input").get("transcription"):
            task = asyncio.create_task(self._transcribe(item))
            self._hearing.add(task)
            task.add_done_callback(self._hearing.discard)

    async def _transcribe(self, item: Item) -> None:
        text = await self._understood(item)
        usage = {"type": "duration", "seconds": item.seconds}
        head = {"item_id": item.id, "content_index": 0}
        await self._tell("conversation.item.input_audio_transcription.completed", **head, transcript=text, usage=usage)

    async def _understood(self, item: Item) -> str:
        if item.sound and not item.text:
            item.text = await self._service.content.hear(item.sound, RATE)
        return item.text

    async def _clear(self, _: Told) -> None:
        self._buffer = b""
        await self._tell("input_audio_buffer.cleared")

    async def _create(self, event: Told) -> None:
        told = dict(event["item"])
        told.setdefault("id", self._new("item"))
        if any(item.id == told["id"] for item in self.items):
            raise RefusedError("item_create_duplicate_item_id", f"Error adding item: the id {told['id']} exists.")
        if told["type"] == "function_call_output" and not self._call(told["call_id"]):
            raise RefusedError("invalid_tool_call_id", f"Tool call ID '{told['call_id']}' not found in conversation.")
        text = " ".join(part.get("text") or "" for part in told.get("content", ()))
        previous = event.get("previous_item_id") or self._last
        await self._add(Item(told, text=text or str(told.get("output", ""))), None if previous == "root" else previous)

    def _call(self, call_id: str) -> bool:
        return any(item.told.get("call_id") == call_id for item in self.items)

    async def _delete(self, event: Told) -> None:
        self.items.remove(self._item(event["item_id"]))
        await self._tell("conversation.item.deleted", item_id=event["item_id"])

    async def _truncate(self, event: Told) -> None:
        item, end_ms = self._item(event["item_id"]), int(event["audio_end_ms"])
        if end_ms > item.seconds * 1000:
            raise RefusedError("invalid_value", f"Audio content of {item.seconds * 1000:.0f}ms is already shorter.")
        words = item.text.split()
        item.text = " ".join(words[: int(len(words) * end_ms / 1000 / item.seconds)])
        item.seconds = end_ms / 1000
        said = {"item_id": item.id, "content_index": 0, "audio_end_ms": end_ms}
        await self._tell("conversation.item.truncated", **said)

    async def _cancel(self, _: Told) -> None:
        if self._response is None or self._response.done():
            raise RefusedError("response_cancel_not_active", "Cancellation failed: no active response found")
        self._response.cancel()

    async def _respond(self, event: Told) -> None:
        if self._response and not self._response.done():
            raise RefusedError("conversation_already_has_active_response", "Conversation already has one in progress.")
        asked = event.get("response") or {}
        self._response = asyncio.create_task(self._responding(self._new("resp"), asked))

    async def _responding(self, response_id: str, asked: Told) -> None:
        response: Told = {"id": response_id, "object": "realtime.response", "output": [], "status_details": None}
        response |= {"metadata": asked.get("metadata"), "usage": None, "status": "in_progress"}
        await self._tell("response.created", response=response)
        used = 0.0
        try:
            answer = await self._service.think(await self._heard(asked))
            if isinstance(answer, Wish):
                await self._wishes(response_id, answer)
            else:
                async for seconds in self._speaks(response_id, answer):
                    used += seconds
            response["status"] = "completed"
        except asyncio.CancelledError:
            response |= {"status": "cancelled", "status_details": {"type": "cancelled", "reason": "client_cancelled"}}
        response["usage"] = self._usage(used)
        await self._tell("response.done", response=response)

    async def _heard(self, asked: Told) -> Heard:
        """What whoever thinks is told, the notes for this answer last of the instructions."""
        for item in self.items:
            await self._understood(item)
        instructions = str(asked.get("instructions") or self.session["instructions"])
        tools = [str(tool["name"]) for tool in asked.get("tools") or self.session["tools"]]
        return told_of(self.items, instructions, tools)

    async def _wishes(self, response_id: str, wish: Wish) -> None:
        call_id, item_id = self._new("call"), self._new("item")
        told = {"id": item_id, "type": "function_call", "status": "in_progress", "name": wish.tool, "call_id": call_id}
        told |= {"arguments": ""}
        await self._tell("response.output_item.added", response_id=response_id, output_index=0, item=told)
        await self._add(Item(told), self._last)
        head = {"response_id": response_id, "item_id": item_id, "output_index": 0, "call_id": call_id}
        await self._tell("response.function_call_arguments.delta", **head, delta=wish.arguments)
        await self._tell("response.function_call_arguments.done", **head, arguments=wish.arguments)
        told |= {"arguments": wish.arguments, "status": "completed"}
        await self._tell("response.output_item.done", response_id=response_id, output_index=0, item=told)

    async def _speaks(self, response_id: str, text: str) -> AsyncIterator[float]:
        """The words of it, and then its sound, as soon as it is made. Gives the seconds of each piece."""
        told: Told = {"id": self._new("item"), "type": "message", "role": "assistant", "content": []}
        told |= {"status": "in_progress"}
        item = Item(told)
        await self._tell("response.output_item.added", response_id=response_id, output_index=0, item=told)
        await self._add(item, self._last)
        head = {"response_id": response_id, "item_id": item.id, "output_index": 0, "content_index": 0}
        part = {"type": "audio", "transcript": ""}
        await self._tell("response.content_part.added", **head, part=part)
        for word in text.split():
            item.text += f"{word} "
            await self._tell("response.output_audio_transcript.delta", **head, delta=f"{word} ")
            await paced(0.002)
        await self._tell("response.output_audio_transcript.done", **head, transcript=text)
        async for piece in self._service.speaking(text, RATE):
            item.seconds += (seconds := len(piece) / 2 / RATE)
            await self._tell("response.output_audio.delta", **head, delta=base64.b64encode(piece).decode())
            yield seconds
            await paced()
        await self._tell("response.output_audio.done", **head)
        await self._tell("response.content_part.done", **head, part={**part, "transcript": text})
        told |= {"status": "completed", "content": [{"type": "output_audio", "transcript": text}]}
        await self._tell("response.output_item.done", response_id=response_id, output_index=0, item=told)

    def _usage(self, spoken_s: float) -> Told:
        heard = int(HEARD_PER_S * sum(item.seconds for item in self.items if item.sound))
        spoken, text = int(SPOKEN_PER_S * spoken_s), 100
        return {
            "input_tokens": text + heard,
            "output_tokens": spoken,
            "total_tokens": text + heard + spoken,
            "input_token_details": {"text_tokens": text, "audio_tokens": heard, "cached_tokens": 0},
            "output_token_details": {"text_tokens": 0, "audio_tokens": spoken},
        }

    @property
    def _last(self) -> str | None:
        return self.items[-1].id if self.items else None

    async def _add(self, item: Item, previous: str | None) -> None:
        place = self.items.index(self._item(previous)) + 1 if previous else 0
        self.items.insert(place, item)
        await self._tell("conversation.item.added", previous_item_id=previous, item=item.told)

    def _item(self, item_id: str) -> Item:
        for item in self.items:
            if item.id == item_id:
                return item
        raise RefusedError("item_not_found", f"Item with item_id {item_id!r} not found.")

    def _new(self, kind: str) -> str:
        return f"{kind}_rig{next(self._numbers)}"

    async def _tell(self, kind: str, **said: object) -> None:
        await self._service.tell(self._socket, {"type": kind, "event_id": self._new("event"), **said})


class Realtime:
    """The route, for OpenAI's service. `events` is all that clients have sent, but for sound; `conversations` the
    sockets there were."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.events: list[Told] = []
        self.conversations: list[Conversation] = []

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """One conversation, with the model that `?model=` names."""
        if refused := self._service.note(request, dict(request.query)):
            return refused
        socket = await self._service.socket(request)
        conversation = Conversation(self._service, socket, self.events)
        self.conversations.append(conversation)
        await conversation.run()
        return socket
