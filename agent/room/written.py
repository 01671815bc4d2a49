"""What the caller writes (`lk.chat`): one message after the other, no longer and no faster than can be read.

Whose messages count is decided by caller.py, what is done with them by the session.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc

from agent.profile.profile import Limits, Sentences

TOPIC = "lk.chat"
BURST = 5  # messages at once: some people write a sentence in four
CALM_S = 1.0  # a refusal is said when nothing more was refused for so long: nobody hears it in a flood
logger = logging.getLogger("parley.written")


@dataclass(slots=True)
class Pace:
    """A bucket of BURST messages that fills by `per_s` each second; who finds it empty makes it begin anew."""

    per_s: float
    left: float = BURST
    at: float | None = None

    def allows(self, now: float) -> bool:
        """Take one message out; False when there is none."""
        self.left = min(BURST, self.left + (0.0 if self.at is None else (now - self.at) * self.per_s))
        self.at = now
        if self.left < 1.0:
            self.left = 0.0
            return False
        self.left -= 1.0
        return True


class Written:
    """One per call. `take` gets each message that counts, `refuse` the sentence for those that do not."""

    def __init__(
        self,
        room: rtc.Room,
        limits: Limits,
        sentences: Sentences,
        *,
        counts: Callable[[str], bool],
        take: Callable[[str], None],
        refuse: Callable[[str], None],
    ) -> None:
        self._room = room
        self._longest = limits.max_message_chars
        self._sentences = sentences
        self._pace = Pace(limits.max_messages_per_s)
        self._counts, self._take, self._refuse = counts, take, refuse
        self._loop = asyncio.get_running_loop()
        self._telling: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        room.register_text_stream_handler(TOPIC, self._on_stream)

    async def aclose(self) -> None:
        """Read nothing more."""
        self._room.unregister_text_stream_handler(TOPIC)
        if self._telling is not None:
            self._telling.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        if self._pace.allows(self._loop.time()):
            task = asyncio.create_task(self._read(reader, identity), name="written")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        reader.close()
        if self._counts(identity):
            self._say_no(self._sentences.too_fast)

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = ""
        try:
            async for piece in reader:
                text += piece
                if len(text) > self._longest:
                    break
        except rtc.StreamError:  # the sender gave up: half a message is none
            return
        finally:
            reader.close()
        if not text.strip() or not self._counts(identity):
            return
        if len(text) > self._longest:
            self._say_no(self._sentences.too_long)
        else:
            self._take(text)

    def _say_no(self, sentence: str) -> None:
        if self._telling is not None:
            self._telling.cancel()
        else:
            logger.info("written messages are refused")
        self._telling = self._loop.call_later(CALM_S, self._tell, sentence)

    def _tell(self, sentence: str) -> None:
        self._telling = None
        self._refuse(sentence)
