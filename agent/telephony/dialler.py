"""Dialler: one attempt of a call of ours over LiveKit SIP. An agent waits in the room before anything rings, so that
nobody picks up and hears silence; whether to call at all was decided before (rules/dialling.py).
"""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from typing import Self

import aiohttp
from google.protobuf.duration_pb2 import Duration
from livekit import api

from agent.config import Settings
from agent.memory.dialled import Attempt, Dial, Dialled
from agent.profile.profile import Profile
from agent.rules.dialling import NOBODY_RANG, Outcome, outcome_of
from agent.servers.dispatch import Dispatch
from agent.servers.rooms import LiveKitRooms
from agent.telephony.provision import outbound_ids
from agent.telephony.trunks import Lines

logger = logging.getLogger("parley.outbound")

AGENT_S, LOOK_S = 15.0, 0.25
WATCH_S = 1.0
LINE_S = 60.0  # over the longest call of the profile: then it is ended from here
API_S = 5.0
AGENT = api.ParticipantInfo.Kind.AGENT


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt, and whether anything rang at the other end."""

    outcome: Outcome
    has_rung: bool


class Dialler:
    """Of one profile, over the trunks of deploy/sip. Use as a context manager."""

    def __init__(self, settings: Settings, profile: Profile, dialled: Dialled, lines: Lines) -> None:
        self._settings = settings
        self._profile = profile
        self._outbound = profile.outbound
        self._dialled = dialled
        self._lines = lines

    async def __aenter__(self) -> Self:
        one = self._settings
        self._api = api.LiveKitAPI(one.livekit_url, one.livekit_api_key, one.livekit_api_secret)
        self._rooms = LiveKitRooms(one)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._rooms.aclose()
        await self._api.aclose()

    def may_dial(self, number: str) -> bool:
        """Whether a trunk of ours may dial it."""
        return bool(self._lines.trunk_for(number))

    async def attempt(self, dial: Dial, attempt_id: str) -> Result:
        """Ring, wait until the call is over, and say what came of it. Never raises for what LiveKit or the line do."""
        room = room_of(attempt_id)
        try:
            if not await self._agent_comes(room, attempt_id):
                return Result(Outcome.NO_AGENT, has_rung=False)
            outcome = await self._ring(dial, attempt_id, room)
            if outcome is not None:
                return Result(outcome, has_rung=outcome not in NOBODY_RANG)
            return Result(await self.until_over(attempt_id), has_rung=True)
        finally:
            await self._empty(room)

    async def is_running(self, attempt: Attempt) -> bool:
        """Whether a call that another process has begun goes on. Raises OSError."""
        return bool(await self._rooms.callers(room_of(attempt.id)))

    async def until_over(self, attempt_id: str) -> Outcome:
        """Wait for the end of a call that was answered: who it was, as the agent has told."""
        until = time.monotonic() + self._profile.limits.max_call_s + LINE_S
        while time.monotonic() < until:
            with contextlib.suppress(OSError):  # LiveKit is away for a moment: the call is not
                if not await self._rooms.callers(room_of(attempt_id)):
                    break
            await asyncio.sleep(WATCH_S)
        attempt = await asyncio.to_thread(self._dialled.attempt, attempt_id)
        if attempt is None or attempt.answered_by is None:
            return Outcome.ANSWERED
        if await asyncio.to_thread(self._dialled.has_opted_out, attempt.dial.number):
            return Outcome.OPTED_OUT
        return Outcome(attempt.answered_by)

    async def _agent_comes(self, room: str, attempt_id: str) -> bool:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(AGENT_S):
                await self._rooms.send(room, Dispatch(self._profile.name, attempt=attempt_id))
                while not await self._has_agent(room):  # noqa: ASYNC110  # LiveKit is asked, it tells nobody
                    await asyncio.sleep(LOOK_S)
                return True
        return False

    async def _has_agent(self, room: str) -> bool:
        try:
            found = await self._api.room.list_participants(api.ListParticipantsRequest(room=room))
        except (api.TwirpError, aiohttp.ClientError):
            return False
        return any(one.kind == AGENT for one in found.participants)

    async def _ring(self, dial: Dial, attempt_id: str, room: str) -> Outcome | None:
        """None once it is answered."""
        try:
            async with asyncio.timeout(API_S):
                trunk = (await outbound_ids(self._api)).get(self._lines.trunk_for(dial.number), "")
        except (api.TwirpError, aiohttp.ClientError, TimeoutError):
            trunk = ""
        if not trunk:
            logger.error("the LiveKit server has no such outbound trunk", extra={"reason": "not provisioned"})
            return Outcome.TRUNK_FAILED
        request = api.CreateSIPParticipantRequest(
            sip_trunk_id=trunk,
            sip_call_to=dial.number,
            room_name=room,
            participant_identity=f"phone-{attempt_id}",
            participant_name="",
            wait_until_answered=True,
            ringing_timeout=_duration(self._outbound.rings_s),
            max_call_duration=_duration(self._profile.limits.max_call_s + LINE_S),
        )
        try:
            await self._api.sip.create_sip_participant(request)
        except api.SipCallError as error:
            return outcome_of(error.sip_status_code)
        except api.TwirpError as error:
            is_silent = error.code in {"deadline_exceeded", "canceled"}
            return Outcome.NO_ANSWER if is_silent else Outcome.TRUNK_FAILED
        except (aiohttp.ClientError, TimeoutError):
            return Outcome.TRUNK_FAILED
        return None

    async def _empty(self, room: str) -> None:
        with contextlib.suppress(api.TwirpError, aiohttp.ClientError, TimeoutError):  # it closes by itself, later
            await asyncio.wait_for(self._api.room.delete_room(api.DeleteRoomRequest(room=room)), API_S)


def room_of(attempt_id: str) -> str:
    """The room of an attempt: found again by whoever takes it up."""
    return f"out-{attempt_id}"


def _duration(seconds: float) -> Duration:
    return Duration(seconds=int(seconds))
