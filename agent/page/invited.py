"""The door for a person who was sent a link to a call (telephony/inviting.py): what the page's server gives for it.

Whoever has the link is let in: once, into this one call, and only while somebody waits for them.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from agent.config import Settings
from agent.servers.rooms import LiveKitRooms
from agent.servers.ticket import Invitation

MAX_LINK = 1024
log = logging.getLogger("parley.web")


class NotAdmitted(Exception):
    """Why not: an HTTP status, a word for the page, and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Invited:
    """`clock` gives seconds since 1970."""

    settings: Settings
    rooms: LiveKitRooms
    clock: Callable[[], float] = time.time

    async def admit(self, link: bytes) -> str:
        """A token for the call that the link is to. Raises NotAdmitted."""
        text = link[:MAX_LINK].decode(errors="replace")
        invitation = Invitation.opened(self.settings, text)
        if invitation is None:
            raise NotAdmitted(400, "bad_request", "the body must be what stands in the link behind the #")
        if invitation.until < self.clock():
            raise NotAdmitted(410, "too_late", "this link was for a caller who waits no longer")
        try:
            people = await self.rooms.callers(invitation.room)
        except OSError:
            raise NotAdmitted(502, "livekit_away", "the LiveKit server does not answer") from None
        if not people:
            raise NotAdmitted(410, "call_is_over", "nobody is in that call any more")
        if invitation.identity in people:
            raise NotAdmitted(409, "taken", "somebody has come by this link already")
        log.info("a person was let in", extra={"room": invitation.room})
        return invitation.token(self.settings)
