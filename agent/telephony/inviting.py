"""Inviting: a person with a browser is brought into a call: the profile's webhook gets a link that admits to this one
call alone, for as long as a telephone would ring. Who comes too late is shown out."""

import asyncio
import json
import logging
import time
from contextlib import suppress

from livekit import rtc

from agent.call.line import Reached, Wish
from agent.config import Settings
from agent.sending import Unsent, Webhook
from agent.servers.ticket import Invitation
from agent.telephony.dialling import Dialling, was_brought_in

logger = logging.getLogger("parley.telephony")
TOPIC, PAGE = "parley.briefing", "colleague"
LOOK_EVERY_S = 0.1


class Inviting:
    """In one room. `hook` is None where the profile invites nobody. Nothing here raises, as with Dialling."""

    def __init__(self, settings: Settings, room: rtc.Room, dialling: Dialling, hook: Webhook | None) -> None:
        self._settings = settings
        self._room = room
        self._dialling = dialling
        self._hook = hook
        self._welcome: set[str] = set()
        self._showing_out: set[asyncio.Task[None]] = set()
        room.on("participant_connected", self._on_participant)

    @property
    def may_invite(self) -> bool:
        """Whether anybody would get the link."""
        return self._hook is not None

    async def invite(self, wish: Wish, identity: str, ring_s: float) -> Reached:
        """Send the link, and wait for whoever opens it and joins under that identity. JOINED means that they came."""
        assert self._hook is not None, "may_invite says whether"
        invitation = Invitation(self._room.name, identity, int(time.time() + ring_s))
        link = f"{self._settings.page}/{PAGE}#{invitation.sealed(self._settings)}"
        told = {"kind": "person_wanted", "department": wish.department, "link": link, "until": invitation.until}
        self._welcome.add(identity)
        try:
            async with asyncio.timeout(ring_s):
                await self._hook.post(f"{self._room.name} {identity}", json.dumps(told).encode())
                while identity not in self._room.remote_participants:  # noqa: ASYNC110  # rings for seconds
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            self._welcome.discard(identity)
            return Reached.NO_ANSWER
        except Unsent as error:
            self._welcome.discard(identity)
            logger.warning("the link for a person was not sent", extra={"reason": str(error)})
            return Reached.FAILED
        return Reached.JOINED

    async def tell(self, identity: str, title: str, wish: Wish) -> None:
        """Show them on their page what the call is about."""
        told = json.dumps({"title": title, "department": wish.department, "briefing": wish.briefing})
        with suppress(Exception):  # they are told by voice, too
            await self._room.local_participant.send_text(told, topic=TOPIC, destination_identities=[identity])

    def forget(self, identity: str) -> None:
        """They have not taken the call: their link is worth nothing any more."""
        self._welcome.discard(identity)

    async def aclose(self) -> None:
        """The call is over."""
        self._room.off("participant_connected", self._on_participant)
        await asyncio.gather(*self._showing_out, return_exceptions=True)

    def _on_participant(self, who: rtc.RemoteParticipant) -> None:
        is_by_link = who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD and was_brought_in(who)
        if is_by_link and who.identity not in self._welcome:
            task = asyncio.create_task(self._dialling.remove(who.identity), name="shown out")
            self._showing_out.add(task)
            task.add_done_callback(self._showing_out.discard)
