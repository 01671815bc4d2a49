"""Orphan: a job whose worker has died. Its call cannot go on here, but whoever is on the line is told so, and is either
taken up by another job or hears a goodbye.

LiveKit cancels all that a job does in the moment its worker is gone, so this works without the session: sound that was
rendered before, and LiveKit's own API.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from livekit import api, rtc
from livekit.agents.types import ATTRIBUTE_TRANSCRIPTION_FINAL, TOPIC_TRANSCRIPTION

from agent.config import Settings
from agent.errors import StoreError
from agent.profile.profile import Sentences

HEIR_S = 8.0  # another job comes within this time, or none does
LOOK_S = 0.5
CAPTION_S = 0.5
DISMISSED = "the call ended in order"
logger = logging.getLogger("parley.orphan")


@dataclass(frozen=True, slots=True)
class Orphan:
    """What is left of a call in such a job. `say` plays a sentence, `bury` closes the call's record, blocking."""

    room: rtc.Room
    settings: Settings
    sentences: Sentences
    say: Callable[[str], Awaitable[None]]
    bury: Callable[[], None]

    async def when_left(self) -> None:
        """Wait to be cancelled: by `dismiss` when the call ends in order, by anything else when the worker is gone."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cancelled:
            if DISMISSED in cancelled.args:
                raise
            await self.act()

    async def act(self) -> None:
        """Tell the caller to hold the line; without an heir, say goodbye and hang up."""
        logger.error("the worker is gone; its call waits for another", extra={"room": self.room.name})
        settings = self.settings
        await self._tell(self.sentences.hold_the_line)
        async with api.LiveKitAPI(
            settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret
        ) as server:
            if await self._has_heir(server):
                return
            await self._tell(self.sentences.limit_goodbye)
            with contextlib.suppress(StoreError):
                await asyncio.to_thread(self.bury)
            with contextlib.suppress(api.TwirpError, OSError):
                await server.room.delete_room(api.DeleteRoomRequest(room=self.room.name))

    async def _tell(self, sentence: str) -> None:
        """By voice, and as a caption: a caller who writes may not listen."""
        with contextlib.suppress(
            rtc.participant.PublishTranscriptionError, rtc.ConnectError, RuntimeError, TimeoutError
        ):
            about = {ATTRIBUTE_TRANSCRIPTION_FINAL: "true"}
            send = self.room.local_participant.send_text(sentence, topic=TOPIC_TRANSCRIPTION, attributes=about)
            await asyncio.wait_for(send, CAPTION_S)
        await self.say(sentence)

    async def _has_heir(self, server: api.LiveKitAPI) -> bool:
        """Wait until another agent is in the room, which is then its to go on with."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEIR_S):
                while True:
                    with contextlib.suppress(api.TwirpError, OSError):
                        people = await server.room.list_participants(api.ListParticipantsRequest(room=self.room.name))
                        if any(self._is_heir(who) for who in people.participants):
                            return True
                    await asyncio.sleep(LOOK_S)
        return False

    def _is_heir(self, who: api.ParticipantInfo) -> bool:
        return who.kind == api.ParticipantInfo.Kind.AGENT and who.identity != self.room.local_participant.identity


def dismiss(task: asyncio.Task[None] | None) -> None:
    """The call ended in order: nobody is left behind."""
    if task is not None:
        task.cancel(DISMISSED)
