"""Answer: one response of a speech-to-speech model: its words, its sound and the tools that it asks for, as they
come."""

import asyncio
from collections.abc import AsyncIterable

from livekit import rtc
from livekit.agents import APIConnectionError, APIError, llm

Piece = str | llm.FunctionCall | APIError | None  # None is the end; an empty text says that sound has come


class Answer:
    """`generation` is what the plugin promises for it. `pieces` and `sound` end with None; an error comes in its place
    in `pieces`."""

    def __init__(self, generation: "asyncio.Future[llm.GenerationCreatedEvent]") -> None:
        self.text = ""
        self.messages: list[str] = []  # the ids of what it said
        self.pieces: asyncio.Queue[Piece] = asyncio.Queue()
        self.sound: asyncio.Queue[rtc.AudioFrame | None] = asyncio.Queue()
        self.sound_s = 0.0
        self.is_over = False
        self.failure: APIError | None = None
        self.has_begun = False
        self.has_words = False  # all of them; what is missing is sound
        generation.add_done_callback(lambda made: made.cancelled() or made.exception())  # also when nobody waits for it
        self._task = asyncio.create_task(self._read(generation), name="realtime answer")

    @property
    def letters(self) -> str:
        """What it has said so far, for comparison."""
        return letters(self.text)

    def fail(self, error: APIError) -> None:
        """The model has broken off; what has come stays."""
        if not self.is_over:
            self.failure = self.failure or error
            self._task.cancel()

    async def aclose(self) -> None:
        """Nobody waits for the rest."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self, generation: "asyncio.Future[llm.GenerationCreatedEvent]") -> None:
        try:
            made = await generation
            self.has_begun = True
            async with asyncio.TaskGroup() as reading:
                reading.create_task(self._messages(made.message_stream))
                reading.create_task(self._calls(made.function_stream))
        except llm.RealtimeError as error:
            self.failure = self.failure or APIConnectionError(f"realtime: {error.code or 'no answer'}")
        finally:
            self.is_over = True
            if self.failure and not self.has_words:
                self.pieces.put_nowait(self.failure)
            self.pieces.put_nowait(None)
            self.sound.put_nowait(None)

    async def _messages(self, messages: AsyncIterable[llm.MessageGeneration]) -> None:
        async for message in messages:
            self.messages.append(message.message_id)
            async with asyncio.TaskGroup() as reading:
                reading.create_task(self._words(message.text_stream))
                reading.create_task(self._sounds(message.audio_stream))

    async def _words(self, words: AsyncIterable[str]) -> None:
        async for piece in words:
            self.text += piece
            self.pieces.put_nowait(piece)

    async def _sounds(self, frames: AsyncIterable[rtc.AudioFrame]) -> None:
        async for frame in frames:
            self.sound_s += frame.duration
            self.sound.put_nowait(frame)
            self.pieces.put_nowait("")

    async def _calls(self, calls: AsyncIterable[llm.FunctionCall]) -> None:
        async for call in calls:
            self.pieces.put_nowait(call)


def letters(text: str) -> str:
    """Letters and digits alone: spaces and marks differ between what a model says and what is made of it."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
