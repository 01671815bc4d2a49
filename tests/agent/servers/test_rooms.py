"""What is asked of a real livekit-server about its rooms."""

import asyncio
from pathlib import Path

import pytest
from livekit import api

from agent.config import Settings
from agent.servers.dispatch import Dispatch
from agent.servers.rooms import LiveKitRooms, end_room
from evals.phone_servers import running_phone_servers
from evals.servers import LiveKit, free_port
from tests.fakes.guests import Hall

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(60)]


def settings_of(url: str, secret: str) -> Settings:
    """Those of a worker on that server."""
    return Settings.model_validate({"LIVEKIT_URL": url, "LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": secret})


async def test_people_are_told_from_agents_and_a_room_from_none(livekit_server: LiveKit) -> None:
    """A call whose caller has left is told from one that is gone."""
    hall = Hall(livekit_server)
    async with LiveKitRooms(settings_of(livekit_server.url, livekit_server.secret)) as rooms:
        assert await rooms.callers(hall.name) is None
        async with hall.guest("agent", "agent"):
            assert await rooms.callers(hall.name) == set()
            async with hall.guest("person"), hall.guest("phone", "sip"):
                assert await rooms.callers(hall.name) == {"person", "phone"}


async def test_a_dispatch_without_a_worker_is_no_error(livekit_server: LiveKit) -> None:
    """Nobody is there to take it; whoever wants an agent asks again."""
    hall = Hall(livekit_server)
    async with LiveKitRooms(settings_of(livekit_server.url, livekit_server.secret)) as rooms, hall.guest("person"):
        await rooms.send(hall.name, Dispatch("shop", "person"))


async def test_who_is_shown_out_is_gone_and_may_have_left_before(livekit_server: LiveKit) -> None:
    """What a dead job left in the room."""
    hall = Hall(livekit_server)
    async with LiveKitRooms(settings_of(livekit_server.url, livekit_server.secret)) as rooms, hall.guest("person"):
        async with hall.guest("agent", "agent"):
            await rooms.show_out(hall.name, "agent")
            await rooms.show_out(hall.name, "agent")
        assert await rooms.callers(hall.name) == {"person"}


@pytest.mark.parametrize("wrong", ["nobody there", "another secret"])
async def test_a_server_that_is_away_or_says_no_is_an_oserror(livekit_server: LiveKit, wrong: str) -> None:
    """Whoever asks goes on without an answer."""
    url = f"ws://127.0.0.1:{free_port()}" if wrong == "nobody there" else livekit_server.url
    async with LiveKitRooms(settings_of(url, secret="another")) as rooms:
        with pytest.raises(OSError):  # noqa: PT011  # its words are LiveKit's or the system's
            await rooms.callers("room")
        with pytest.raises(OSError):  # noqa: PT011
            await rooms.send("room", Dispatch())
        with pytest.raises(OSError):  # noqa: PT011
            await rooms.show_out("room", "agent")


@pytest.mark.needs("livekit-sip", "redis-server")
async def test_a_room_is_ended_once_the_servers_redis_is_back(tmp_path: Path) -> None:
    """While it is away nobody can be hung up on; one that keeps what it knows lets us do it afterwards. A room that is
    gone is ended."""
    with running_phone_servers(tmp_path) as servers:
        one = servers.livekit
        async with (
            Hall(one).guest("phone", "sip") as phone,
            api.LiveKitAPI(one.url.replace("ws", "http", 1), one.key, one.secret) as server,
        ):
            name = phone.name
            servers.redis_program.kill()
            assert not await end_room(server, name)
            await asyncio.to_thread(servers.redis_program.start)
            async with asyncio.timeout(10):
                while not await end_room(server, name):  # noqa: ASYNC110  # another process's connection
                    await asyncio.sleep(0.2)
                while phone.isconnected():  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            assert await end_room(server, name)
