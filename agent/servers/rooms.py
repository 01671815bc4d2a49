"""Rooms: what the worker and the page's server ask of the LiveKit server: who is in a room, and for an agent there."""

import asyncio
from typing import Self

import aiohttp
from livekit import api

from agent.config import Settings
from agent.servers.dispatch import Dispatch

PATIENCE_S = 3.0
_PEOPLE = frozenset(
    {api.ParticipantInfo.Kind.STANDARD, api.ParticipantInfo.Kind.SIP, api.ParticipantInfo.Kind.CONNECTOR}
)


async def end_room(server: api.LiveKitAPI, room: str) -> bool:
    """Let the room go with everybody in it. False when the server could not do it now: it is away, or its Redis is."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await server.room.delete_room(api.DeleteRoomRequest(room=room))
    except api.TwirpError as error:
        return bool(error.code == "not_found")
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
    return True


class LiveKitRooms:
    """The server of the settings. Every method raises OSError when it is away or says no."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api: api.LiveKitAPI | None = None

    async def __aenter__(self) -> Self:
        self._connected()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the server."""
        if self._api is not None:
            await self._api.aclose()
            self._api = None

    async def callers(self, room: str) -> set[str] | None:
        """Identities of the people in the room; None when there is no such room, or nobody at all in it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await self._connected().room.list_participants(api.ListParticipantsRequest(room=room))
        except api.TwirpError as error:
            if error.code == "not_found":
                return None
            raise OSError(f"LiveKit says {error.code}") from None
        except aiohttp.ClientError as error:
            raise OSError(f"LiveKit does not answer ({type(error).__name__})") from None
        people = {one.identity for one in found.participants if one.kind in _PEOPLE}
        return people if found.participants else None

    async def show_out(self, room: str, identity: str) -> None:
        """Take a participant out of the room; one who has left already is no error."""
        who = api.RoomParticipantIdentity(room=room, identity=identity)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._connected().room.remove_participant(who)
        except api.TwirpError as error:
            if error.code != "not_found":
                raise OSError(f"LiveKit says {error.code}") from None
        except aiohttp.ClientError as error:
            raise OSError(f"LiveKit does not answer ({type(error).__name__})") from None

    async def send(self, room: str, dispatch: Dispatch) -> None:
        """Ask for an agent of ours there."""
        wanted = api.CreateAgentDispatchRequest(
            agent_name=self._settings.agent_name, room=room, metadata=dispatch.metadata
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._connected().agent_dispatch.create_dispatch(wanted)
        except api.TwirpError as error:
            raise OSError(f"LiveKit says {error.code}") from None
        except aiohttp.ClientError as error:
            raise OSError(f"LiveKit does not answer ({type(error).__name__})") from None

    def _connected(self) -> api.LiveKitAPI:
        if self._api is None:
            one = self._settings
            self._api = api.LiveKitAPI(one.livekit_url, one.livekit_api_key, one.livekit_api_secret)
        return self._api
