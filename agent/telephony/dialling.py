"""Dialling: what LiveKit's SIP service and server do to one room: dial somebody into it, send a caller elsewhere, keep
two people apart. Only numbers that deploy/sip allows are dialled."""

import asyncio
import logging
from collections.abc import Callable
from typing import Self

import aiohttp
from google.protobuf.duration_pb2 import Duration
from livekit import api, rtc

from agent.call.line import Reached
from agent.servers.ticket import COLLEAGUE, PART
from agent.telephony.provision import outbound_ids
from agent.telephony.trunks import Lines

logger = logging.getLogger("parley.telephony")
API_S = 5.0
LATE_S = 10.0  # after the ringing: an answer that takes longer to be told is none
_BUSY, _NO_ANSWER, _DECLINED = {486, 600}, {408, 480, 487}, {403, 603, 607}
_AWAY = (aiohttp.ClientError, TimeoutError, OSError)


class Dialling:
    """In one room. Nothing here raises: an attempt that fails has an outcome."""

    def __init__(self, server: Callable[[], api.LiveKitAPI], room: rtc.Room, lines: Lines) -> None:
        self._connect = server
        self._room = room
        self._lines = lines
        self._trunks: dict[str, str] = {}  # those of ours that the server has, with its ids

    @property
    def _server(self) -> api.LiveKitAPI:
        return self._connect()

    async def look(self) -> None:
        """Find out which of our trunks the server has: none where it carries no telephone calls."""
        if self._lines.outbound:
            try:
                async with asyncio.timeout(API_S):
                    self._trunks = await outbound_ids(self._server)
            except (api.TwirpError, *_AWAY):
                self._trunks = {}

    def may_dial(self, to: str) -> bool:
        """Whether it may be dialled, and can be."""
        return self._lines.trunk_for(to) in self._trunks

    async def dial(self, to: str, identity: str, ring_s: float) -> Reached:
        """Bring whoever answers there into the room, under that identity. JOINED means that somebody picked up."""
        asked = api.CreateSIPParticipantRequest(
            sip_trunk_id=self._trunks.get(self._lines.trunk_for(to), ""),
            sip_call_to=to,
            room_name=self._room.name,
            participant_identity=identity,
            participant_name=COLLEAGUE,
            participant_attributes={PART: COLLEAGUE},
            hide_phone_number=True,
            ringing_timeout=_lasting(ring_s),
            wait_until_answered=True,
        )
        try:
            await self._server.sip.create_sip_participant(asked, timeout=ring_s + LATE_S)
        except api.TwirpError as error:
            return self._told("dialled", error)
        except _AWAY:
            return Reached.NO_ANSWER
        return Reached.JOINED

    async def refer(self, caller: str, to: str, ring_s: float) -> Reached:
        """Ask the caller's own network to connect them there (SIP REFER), and wait for what becomes of it."""
        asked = api.TransferSIPParticipantRequest(
            participant_identity=caller,
            room_name=self._room.name,
            transfer_to=to if to.startswith("sip:") else f"tel:{to}",
            play_dialtone=True,
            ringing_timeout=_lasting(ring_s),
        )
        try:
            await self._server.sip.transfer_sip_participant(asked, timeout=ring_s + LATE_S)
        except api.TwirpError as error:
            return self._told("referred", error)
        except _AWAY:
            return Reached.NO_ANSWER
        return Reached.JOINED

    async def let_hear(self, listener: str, speaker: str, *, is_heard: bool) -> None:
        """Whether the one hears what the other says."""
        who = self._room.remote_participants.get(speaker)
        sids = [one.sid for one in who.track_publications.values()] if who else []
        if not sids or listener not in self._room.remote_participants:
            return
        asked = api.UpdateSubscriptionsRequest(
            room=self._room.name, identity=listener, track_sids=sids, subscribe=is_heard
        )
        await self._quietly(self._server.room.update_subscriptions(asked))

    async def remove(self, identity: str) -> None:
        """Hang up on somebody whom we have dialled."""
        if identity in self._room.remote_participants:
            who = api.RoomParticipantIdentity(room=self._room.name, identity=identity)
            await self._quietly(self._server.room.remove_participant(who))

    async def _quietly(self, asked: object) -> None:
        try:
            async with asyncio.timeout(API_S):
                await asked  # type: ignore[misc]  # each call of the API has an answer of its own
        except (api.TwirpError, *_AWAY) as error:
            logger.warning("the LiveKit server did not do it", extra={"error": type(error).__name__})

    def _told(self, what: str, error: api.TwirpError) -> Reached:
        status = error.sip_status_code if isinstance(error, api.SipCallError) else None
        logger.info("nobody came", extra={"kind": what, "reason": str(status or error.code)})
        if status in _BUSY:
            return Reached.BUSY
        if status in _NO_ANSWER or error.code in {"deadline_exceeded", "canceled", "unavailable"}:
            return Reached.NO_ANSWER
        return Reached.DECLINED if status in _DECLINED else Reached.FAILED


class Apart:
    """Keeps two people from hearing each other while the block runs, from the moment that one of them has a track."""

    def __init__(self, dialling: Dialling, room: rtc.Room, caller: str, colleague: str) -> None:
        self._dialling = dialling
        self._room = room
        self._pair = (caller, colleague)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._room.on("participant_connected", self._on_change)
        self._room.on("track_published", self._on_change)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._room.off("participant_connected", self._on_change)
        self._room.off("track_published", self._on_change)
        for task in self._tasks:  # the server may take its time over somebody who rings
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_change(self, *_: object) -> None:
        task = asyncio.create_task(self.part(), name="apart")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def part(self) -> None:
        """Once more: whoever joins may subscribe late."""
        one, other = self._pair
        await self._dialling.let_hear(one, other, is_heard=False)
        await self._dialling.let_hear(other, one, is_heard=False)


def was_brought_in(who: rtc.RemoteParticipant) -> bool:
    """True for somebody whom we have dialled, or invited, into a caller's room."""
    return who.attributes.get(PART) == COLLEAGUE


def _lasting(seconds: float) -> Duration:
    return Duration(seconds=int(seconds))
