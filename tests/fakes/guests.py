"""Guests: participants of every kind in a room of a real livekit-server, and the agent's own side of it."""

import contextlib
from collections.abc import AsyncIterator
from typing import Literal
from uuid import uuid4

from livekit import api, rtc

from evals.servers import LiveKit

GuestKind = Literal["standard", "sip", "agent", "egress"]


class Hall:
    """One room, into which guests come."""

    def __init__(self, server: LiveKit) -> None:
        self.server = server
        self.name = f"hall-{uuid4().hex[:8]}"

    @contextlib.asynccontextmanager
    async def guest(
        self,
        identity: str,
        kind: GuestKind = "standard",
        *,
        may_publish: bool = True,
        hidden: bool = False,
        has_microphone: bool = False,
        **attributes: str,
    ) -> AsyncIterator[rtc.Room]:
        """Somebody in the room for as long as the block runs; attributes have `_` for `.` in their names."""
        grants = api.VideoGrants(
            room_join=True, room=self.name, can_publish=may_publish, can_subscribe=True, can_publish_data=True,
            hidden=hidden, can_update_own_metadata=True,
        )  # fmt: skip
        token = api.AccessToken(self.server.key, self.server.secret).with_identity(identity).with_kind(kind)
        token.with_grants(grants).with_attributes({name.replace("_", "."): one for name, one in attributes.items()})
        room = rtc.Room()
        await room.connect(self.server.url, token.to_jwt())
        source = rtc.AudioSource(48_000, 1)
        try:
            if has_microphone:
                await publish(room, source)
            yield room
        finally:
            await room.disconnect()
            await source.aclose()


async def publish(room: rtc.Room, source: rtc.AudioSource) -> None:
    """Open a microphone."""
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await room.local_participant.publish_track(track, options)
