"""Wire: one call's connection to a speech-to-speech model. The caller's sound goes in; what the model answers comes
out, as often as it is asked. It never answers by itself: who is asked, and about what, the call decides as in a
pipeline.

A wire that has died is opened anew by the next question, and learns the history in words.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine, Sequence
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIError, APIStatusError, llm, stt
from livekit.agents.types import NOT_GIVEN, NotGivenOr

from agent.providers.realtime.answer import Answer
from agent.providers.realtime.history import History

logger = logging.getLogger("parley.realtime")

BEFORE_S = 0.8  # of the sound before the caller's speech is noticed
PROBE = "Say OK."
CLOSE_S = 2.0  # for a connection that does not answer, either
_SIGN = "openai_server_event_received"  # whatever comes from the server
_ALL_WORDS = "response.output_audio_transcript.done"
Hearing = Callable[[str, object], None]  # the plugin's event by its name; "lost" with the error


class Wire:
    """One per call. `has_turns`: the server says when the caller's turn is over, else `follow` does. `on_metrics` hears
    what answers have used."""

    def __init__(self, model: llm.RealtimeModel, *, has_turns: bool, on_metrics: Callable[[Any], None]) -> None:
        self.model = model
        self.has_turns = has_turns
        self.hearing: Hearing | None = None  # who makes turns of what the server says
        self._on_metrics = on_metrics
        self._session: llm.RealtimeSession[Any] | None = None
        self._history = History()
        self._answer: Answer | None = None
        self._speaking: Answer | None = None  # whose sound has been taken
        self._before: deque[rtc.AudioFrame] = deque()
        self._is_spoken_to = False
        self._has_sound = False  # of a turn that was not asked about yet
        self._asked_at = self._last_heard = 0.0  # when anything came from the server
        self._instructions = ""
        self._tools: list[str] | None = None
        self._syncing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> llm.RealtimeSession[Any]:
        """Connect, unless that was done; nobody waits for it."""
        if self._session is None:
            session = self._session = self.model.session()
            self._history, self._instructions, self._tools = History(), "", None
            self._has_sound = False
            session.on("error", lambda error: self._on_error(session, error))
            session.on("metrics_collected", self._on_metrics)
            session.on("remote_item_added", self._on_item)
            session.on(_SIGN, self._on_sign)
            for name in ("input_speech_started", "input_speech_stopped", "input_audio_transcription_completed"):
                session.on(name, lambda event, name=name: self._hear_of(name, event))
        return self._session

    def hear(self, frame: rtc.AudioFrame) -> None:
        """The caller's sound. Where our own turn-taking ends turns, the model gets that of turns alone."""
        if self.has_turns:
            return
        self._before.append(frame)
        while sum(kept.duration for kept in self._before) > BEFORE_S:
            self._before.popleft()
        if self._is_spoken_to and self._session:
            self._session.push_audio(frame)

    async def follow(self, events: AsyncIterable[stt.SpeechEvent]) -> AsyncGenerator[stt.SpeechEvent, None]:
        """The same events; the model hears what lies between the beginning and the end of a turn."""
        async for event in events:
            if not self.has_turns:
                self._on_turn(event.type)
            yield event

    def push(self, frame: rtc.AudioFrame) -> None:
        """All of the caller's sound, for a server that ends turns."""
        self.open().push_audio(frame)

    async def ask(
        self, chat_ctx: llm.ChatContext, tools: Sequence[llm.Tool], tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN
    ) -> Answer:
        """The answer to this history, which begins with the instructions; other notes of the system are for this answer
        alone. Raises APIError when it can be known at once that none will come."""
        if self.has_turns and self.hearing is None:
            raise APIConnectionError("realtime: somebody else hears the caller")
        session = self.open()
        head, notes = _for_the_model(chat_ctx)
        await self._instruct(session, head, tools)
        self._send_turn(session, chat_ctx.items)
        for answer, item in self._history.learn(chat_ctx.items):
            _truncate(session, answer, item)
        await self._sync(session, chat_ctx.items)
        self._asked_at = asyncio.get_running_loop().time()
        answer = Answer(session.generate_reply(instructions=notes or NOT_GIVEN, tool_choice=tool_choice))
        self._answer = answer
        self._history.answered(answer)
        return answer

    def called(self, call: llm.FunctionCall) -> None:
        """An answer has asked for a tool: its outcome will be told under this id."""
        self._history.called(call)

    def take(self, text: str) -> Answer | None:
        """The answer that begins with this text, whose sound nobody has yet; None when these are no words of it."""
        answer = self._answer
        if answer is None or answer is self._speaking or not answer.letters.startswith(text):
            return None
        self._speaking = answer
        return answer

    def is_saying(self, text: str) -> bool:
        """True for words of the answer whose sound was taken, and goes on."""
        return self._speaking is not None and text in self._speaking.letters

    def spoken(self, answer: Answer) -> None:
        """All of its sound has been fetched, or will not come."""
        if self._speaking is answer:
            self._speaking = None
            self._answer = None if self._answer is answer else self._answer

    def leave(self, answer: Answer) -> None:
        """Nobody waits for the rest of its words. One that has said nothing at all, on a wire from which nothing comes,
        tells that the wire is dead."""
        if answer.is_over:
            return
        if answer is not self._speaking:
            self._history.left(answer)
            self._answer = None if self._answer is answer else self._answer
        if not answer.has_begun and self._last_heard < self._asked_at:
            self.drop(APIConnectionError("realtime: nothing comes"))
        elif self._session:
            self._session.interrupt()
        self._spawn(answer.aclose())

    def drop(self, error: APIError) -> None:
        """It does not work any more. The next question opens it anew."""
        session, self._session = self._session, None
        if session is None:
            return
        self._syncing = None  # what it waits for does not come; it gives up by itself
        if self._answer:
            self._answer.fail(error)
        self._hear_of("lost", error)
        self._spawn(_closed(session))

    async def works(self) -> bool:
        """Whether it answers; tried on a connection of its own, so that the call's history keeps nothing of it."""
        session = self.model.session()
        try:
            answer = Answer(session.generate_reply(instructions=PROBE))
            while isinstance(piece := await answer.pieces.get(), str) and not piece.strip():
                pass
            await answer.aclose()
            if is_fine := isinstance(piece, str):
                self.open()
            return is_fine
        finally:
            await _closed(session)

    async def aclose(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        if self._answer:
            await self._answer.aclose()
        if session:
            await _closed(session)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSE_S)
            for task in late:
                task.cancel()
        await self.model.aclose()

    async def _instruct(self, session: llm.RealtimeSession[Any], text: str, tools: Sequence[llm.Tool]) -> None:
        if text != self._instructions:
            self._instructions = text
            await session.update_instructions(text)
        names = [tool.id for tool in tools]
        if names != self._tools:
            self._tools = names
            await session.update_tools(list(tools))

    def _send_turn(self, session: llm.RealtimeSession[Any], items: Sequence[llm.ChatItem]) -> None:
        last = items[-1] if items else None
        is_turn = isinstance(last, llm.ChatMessage) and last.role == "user"
        if is_turn and self._has_sound and last is not None:
            self._has_sound = self._is_spoken_to = False
            self._history.await_sound(last)
            session.commit_audio()

    async def _sync(self, session: llm.RealtimeSession[Any], items: Sequence[llm.ChatItem]) -> None:
        """Send what differs. The connection keeps the order, so the question need not wait for it to be confirmed."""
        if self._syncing:
            await asyncio.gather(self._syncing, return_exceptions=True)
        history = self._history.told(items, session.chat_ctx)
        self._syncing = self._spawn(self._synced(session, history))
        await asyncio.sleep(0)  # until it has sent all

    async def _synced(self, session: llm.RealtimeSession[Any], history: llm.ChatContext) -> None:
        try:
            await session.update_chat_ctx(history)
        except llm.RealtimeError as error:
            if session is self._session:
                self.drop(APIConnectionError(f"realtime: {error}"))

    def _on_turn(self, event: stt.SpeechEventType) -> None:
        if event is stt.SpeechEventType.START_OF_SPEECH and self._session:
            if self._has_sound:  # a turn that nobody asked about
                self._session.clear_audio()
            self._is_spoken_to = self._has_sound = True
            for frame in self._before:
                self._session.push_audio(frame)
        elif event is stt.SpeechEventType.END_OF_SPEECH:
            self._is_spoken_to = False

    def _on_sign(self, event: dict[str, Any]) -> None:
        self._last_heard = asyncio.get_running_loop().time()
        if self._answer and event.get("type") == _ALL_WORDS:
            self._answer.has_words = True

    def _on_item(self, event: llm.RemoteItemAddedEvent) -> None:
        item = event.item
        if isinstance(item, llm.ChatMessage) and item.role == "user" and not item.text_content:
            self._history.heard(item.id)

    def _hear_of(self, name: str, event: object) -> None:
        if self.hearing:
            self.hearing(name, event)

    def _on_error(self, session: object, told: llm.RealtimeModelError) -> None:
        """One that the connection outlives ends the answer when it is about that, and is no more than a note else."""
        error = told.error if isinstance(told.error, APIError) else APIConnectionError(type(told.error).__name__)
        if session is not self._session:
            return
        if not told.recoverable:
            self.drop(_with_status(error))
        elif self._answer and "response failed" in error.message:
            self._answer.fail(error)
        else:
            logger.debug("realtime model complains", extra={"error": type(error).__name__})

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="realtime wire")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _for_the_model(chat_ctx: llm.ChatContext) -> tuple[str, str]:
    """The instructions, and the notes for this answer."""
    said = [
        item.text_content or ""
        for item in chat_ctx.items
        if isinstance(item, llm.ChatMessage) and item.role in {"system", "developer"}
    ]
    return (said[0], "\n\n".join(said[1:])) if said else ("", "")


def _truncate(session: llm.RealtimeSession[Any], answer: Answer, item: llm.ChatMessage) -> None:
    """The model shall remember what was heard, and no more."""
    began, ended = item.metrics.get("started_speaking_at"), item.metrics.get("stopped_speaking_at")
    heard_s = min(answer.sound_s, ended - began) if began and ended else answer.sound_s
    for message in answer.messages[:1]:
        session.truncate(message_id=message, modalities=["audio"], audio_end_ms=int(heard_s * 1000))


def _with_status(error: APIError) -> APIError:
    """A refusal of the connection says why only in what it came from."""
    status = getattr(error.__cause__, "status", None)
    return APIStatusError("realtime: refused", status_code=status) if isinstance(status, int) else error


async def _closed(session: llm.RealtimeSession[Any]) -> None:
    with contextlib.suppress(Exception):  # it may have died of anything
        await asyncio.wait_for(session.aclose(), CLOSE_S)
