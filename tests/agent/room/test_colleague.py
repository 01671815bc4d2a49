"""Two agents of ours in one real room: one of them stays, whoever it is, and the dead do not count."""

import asyncio
import sys

import pytest
from livekit import api, rtc

from agent.config import ROOT
from agent.room.colleague import NEW_S, answer_for, look_around
from evals.servers import LiveKit
from tests.fakes.guests import Hall

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(60)]
NAME = "parley"
GHOST = """
import asyncio, sys
from livekit import rtc
async def main():
    room = rtc.Room()
    await room.connect(sys.argv[1], sys.argv[2])
    await asyncio.sleep(1)
    print("in", flush=True)
    await asyncio.sleep(100)
asyncio.run(main())
"""


@pytest.fixture
def hall(livekit_server: LiveKit) -> Hall:
    """A room of the test's own."""
    return Hall(livekit_server)


async def test_of_two_that_live_the_second_goes(hall: Hall) -> None:
    """The first never does, however often it looks."""
    async with hall.guest("one", "agent", lk_agent_name=NAME) as first:
        answer_for(first)
        await asyncio.sleep(0.05)
        async with hall.guest("two", "agent", lk_agent_name=NAME) as second:
            answer_for(second)
            await seen(first, 1)
            assert await look_around(second, NAME) == (True, [])
            assert await look_around(first, NAME) == (False, [])


async def test_of_several_that_come_at_once_exactly_one_stays(hall: Hall) -> None:
    """Even those of the same millisecond agree on whom."""
    guests = [hall.guest(f"agent-{n}", "agent", lk_agent_name=NAME) for n in range(4)]
    rooms = await asyncio.gather(*(guest.__aenter__() for guest in guests))
    for room in rooms:
        answer_for(room)
        await seen(room, 3)
    looks = await asyncio.gather(*(look_around(room, NAME) for room in rooms))
    assert [is_second for is_second, _ in looks].count(False) == 1
    await asyncio.gather(*(guest.__aexit__(None, None, None) for guest in guests))


@pytest.mark.parametrize(("kind", "name"), [("agent", "other"), ("agent", ""), ("standard", NAME)])
async def test_others_are_no_colleagues(hall: Hall, kind: str, name: str) -> None:
    """Another deployment's agent, one without a name, or a caller who calls itself one of us."""
    async with hall.guest("one", kind, lk_agent_name=name) as first:  # type: ignore[arg-type]  # one of the kinds
        answer_for(first)
        async with hall.guest("two", "agent", lk_agent_name=NAME) as second:
            assert await look_around(second, NAME) == (False, [])


async def test_one_that_has_not_learnt_to_answer_yet_lives(hall: Hall) -> None:
    """It has only just come."""
    async with hall.guest("one", "agent", lk_agent_name=NAME):
        await asyncio.sleep(0.05)
        async with hall.guest("two", "agent", lk_agent_name=NAME) as second:
            assert await look_around(second, NAME) == (True, [])


async def test_a_new_one_that_is_missed_has_to_answer(hall: Hall) -> None:
    """Its worker sent us in its place: that it has only just come is no sign of life, an answer is."""
    async with hall.guest("one", "agent", lk_agent_name=NAME) as first:
        await asyncio.sleep(0.05)
        async with hall.guest("two", "agent", lk_agent_name=NAME) as second:
            await seen(second, 1)
            answer_for(first)
            assert await look_around(second, NAME, missed="one") == (True, [])


@pytest.mark.parametrize("age_s", [0.0, NEW_S])
async def test_one_whose_process_was_killed_is_dead(hall: Hall, age_s: float) -> None:
    """The server keeps it in the room for a while; who asks it gets no answer."""
    token = api.AccessToken(hall.server.key, hall.server.secret).with_identity("ghost").with_kind("agent")
    token.with_grants(api.VideoGrants(room_join=True, room=hall.name)).with_attributes({"lk.agent.name": NAME})
    ghost = await asyncio.create_subprocess_exec(
        sys.executable, "-c", GHOST, hall.server.url, token.to_jwt(), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert ghost.stdout is not None and (await ghost.stdout.readline()).strip() == b"in"
    await asyncio.sleep(age_s)
    ghost.kill()
    await ghost.wait()
    async with hall.guest("two", "agent", lk_agent_name=NAME) as second:
        await seen(second, 1)
        assert await look_around(second, NAME, missed="" if age_s else "ghost") == (False, ["ghost"])


async def seen(room: rtc.Room, count: int) -> None:
    """So many others are in the room."""
    async with asyncio.timeout(15):
        while len(room.remote_participants) < count:  # noqa: ASYNC110  # the room's own list
            await asyncio.sleep(0.02)
