"""Who is let in by a link to a call, on a real livekit-server."""

import pytest

from agent.config import Settings
from agent.page.invited import Invited, NotAdmitted
from agent.servers.rooms import LiveKitRooms
from agent.servers.ticket import Invitation
from evals.caller import Caller, token
from evals.servers import LiveKit

pytestmark = pytest.mark.needs("livekit-server")
NOW = 1_800_000_000
ROOM = "call-invited"


def invitation(room: str = ROOM, identity: str = "colleague-1", until: int = NOW + 20) -> Invitation:
    """One that is good, but for what is given."""
    return Invitation(room, identity, until)


async def refusal(door: Invited, body: bytes) -> tuple[int, str]:
    """Status and code of a link that lets nobody in."""
    with pytest.raises(NotAdmitted) as refused:
        await door.admit(body)
    return refused.value.status, refused.value.code


async def test_a_link_lets_one_person_into_a_call_that_goes_on(livekit_server: LiveKit) -> None:
    """Once, in time, and only where somebody waits."""
    settings = Settings.model_validate({"LIVEKIT_URL": livekit_server.url})
    async with LiveKitRooms(settings) as rooms:
        door = Invited(settings, rooms, clock=lambda: float(NOW))
        good = invitation().sealed(settings).encode()
        assert await refusal(door, good) == (410, "call_is_over"), "nobody has called yet"
        jwt = token(livekit_server.key, livekit_server.secret, ROOM, "caller", "nobody")
        async with Caller.join(livekit_server.url, jwt) as caller:
            theirs = await door.admit(good)
            assert await refusal(door, invitation(until=NOW - 1).sealed(settings).encode()) == (410, "too_late")
            assert await refusal(door, good[:-2]) == (400, "bad_request")
            assert await refusal(door, b"\xff" * 2000) == (400, "bad_request")
            async with Caller.join(livekit_server.url, theirs) as person:
                assert person.room.name == ROOM
                await caller.until(lambda c: "colleague-1" in c.room.remote_participants, 10, "the person")
                assert await refusal(door, good) == (409, "taken")


async def test_a_server_that_is_away_is_said() -> None:
    """And nobody is let in on a guess."""
    settings = Settings.model_validate({"LIVEKIT_URL": "ws://127.0.0.1:9"})
    async with LiveKitRooms(settings) as rooms:
        door = Invited(settings, rooms, clock=lambda: float(NOW))
        assert await refusal(door, invitation().sealed(settings).encode()) == (502, "livekit_away")
