"""Who is taken for the caller, among guests of every kind in a real room."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit import rtc

from agent.room.caller import Attendance, channel_of, number_of
from evals.servers import LiveKit
from tests.fakes.guests import Hall, publish

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(60)]
SOON_S = 15.0  # a busy machine is slow


class Agent:
    """The agent's side of a room: whom it takes for the caller, first and later."""

    def __init__(self, room: rtc.Room) -> None:
        self.later: list[str] = []
        self._room = room
        self.attendance = Attendance(room, lambda who: self.later.append(who.identity))

    async def caller(self, come_s: float = SOON_S, ring_s: float = SOON_S) -> str:
        """The identity of the first; empty when there is none."""
        found = await self.attendance.wait(come_s, ring_s)
        return found.identity if found else ""

    async def sees(self, identity: str) -> None:
        """Until the agent's side knows of a guest who has come."""
        async with asyncio.timeout(SOON_S):
            while identity not in self._room.remote_participants:  # noqa: ASYNC110  # the room's own mapping
                await asyncio.sleep(0.02)

    async def changed(self) -> list[str]:
        """Those who took a place later."""
        async with asyncio.timeout(SOON_S):
            while not self.later:  # noqa: ASYNC110  # a list that a callback fills
                await asyncio.sleep(0.02)
        return self.later


@pytest.fixture
def hall(livekit_server: LiveKit) -> Hall:
    """A room of the test's own."""
    return Hall(livekit_server)


@pytest.fixture
async def agent(hall: Hall) -> AsyncIterator[Agent]:
    """The agent, alone in the room at first."""
    async with hall.guest("agent", "agent") as room:
        yield Agent(room)


@pytest.mark.parametrize(
    ("kind", "may_publish"),
    [("standard", False), ("agent", True), ("egress", True)],
    ids=["listener", "agent", "recorder"],
)
async def test_who_only_listens_is_not_the_caller(hall: Hall, agent: Agent, kind: str, may_publish: bool) -> None:
    """They come first, and the agent waits for the one who may speak."""
    async with hall.guest("other", kind, may_publish=may_publish):  # type: ignore[arg-type]  # one of the kinds
        assert await agent.caller(come_s=0.7) == ""
        async with hall.guest("person"):
            assert await agent.caller() == "person"
    assert agent.later == []


async def test_a_hidden_observer_is_not_the_caller(hall: Hall, agent: Agent) -> None:
    """Supervisors may join unseen."""
    async with hall.guest("supervisor", hidden=True):
        assert await agent.caller(come_s=0.7) == ""


async def test_who_has_a_microphone_comes_before_who_was_there_first(hall: Hall) -> None:
    """When both are in the room as the agent comes."""
    async with hall.guest("watcher"), hall.guest("person", has_microphone=True), hall.guest("agent", "agent") as room:
        async with asyncio.timeout(SOON_S):
            while not any(who.track_publications for who in room.remote_participants.values()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert await Agent(room).caller() == "person"


async def test_a_voice_takes_the_place_of_one_who_never_had_any(hall: Hall, agent: Agent) -> None:
    """An observer with all rights looks like a caller, until somebody opens a microphone."""
    async with hall.guest("watcher"):
        assert await agent.caller() == "watcher"
        async with hall.guest("person") as person:
            source = rtc.AudioSource(48_000, 1)
            await publish(person, source)
            assert await agent.changed() == ["person"]
            await source.aclose()


async def test_written_words_make_a_caller_too(hall: Hall, agent: Agent) -> None:
    """Whoever writes while nobody has spoken or written."""
    async with hall.guest("watcher"):
        assert await agent.caller() == "watcher"
        async with hall.guest("writer"):
            await agent.sees("writer")
            assert agent.attendance.takes_words_of("writer")
            assert agent.later == ["writer"]
            assert not agent.attendance.takes_words_of("nobody")


@pytest.mark.parametrize("has_microphone", [True, False], ids=["open microphone", "has spoken"])
async def test_a_call_that_has_its_caller_keeps_it(hall: Hall, agent: Agent, has_microphone: bool) -> None:
    """Nobody takes a call over by writing into it, or by opening a microphone."""
    async with hall.guest("person", has_microphone=has_microphone):
        assert await agent.caller() == "person"
        if not has_microphone:
            agent.attendance.was_heard()
        async with hall.guest("late", has_microphone=True):
            await asyncio.sleep(0.5)
            assert not agent.attendance.takes_words_of("late")
    assert agent.later == []


@pytest.mark.parametrize("status", ["ringing", "dialing"])
async def test_a_telephone_is_waited_for_until_it_is_picked_up(hall: Hall, agent: Agent, status: str) -> None:
    """Nothing is said into a line that rings."""
    async with hall.guest("phone", "sip", sip_callStatus=status, sip_phoneNumber="+15550100") as phone:
        waiting = asyncio.create_task(agent.caller())
        await asyncio.sleep(0.7)
        assert not waiting.done()
        await phone.local_participant.set_attributes({"sip.callStatus": "active"})
        assert await waiting == "phone"
        found = agent.attendance.caller
        assert channel_of(found) == "phone" and found is not None and number_of(found) == "+15550100"


async def test_a_telephone_without_a_status_is_there(hall: Hall, agent: Agent) -> None:
    """Other gateways tell none."""
    async with hall.guest("phone", "sip"):
        assert await agent.caller() == "phone"


@pytest.mark.parametrize("ends_by", ["leaving", "status", "time"])
async def test_a_line_that_nobody_picks_up_is_no_call(hall: Hall, agent: Agent, ends_by: str) -> None:
    """Whoever was rung hangs up, is busy, or lets it ring."""
    async with hall.guest("phone", "sip", sip_callStatus="ringing") as phone:
        waiting = asyncio.create_task(agent.caller(ring_s=1.0 if ends_by == "time" else SOON_S))
        await asyncio.sleep(0.5)
        if ends_by == "status":
            await phone.local_participant.set_attributes({"sip.callStatus": "hangup"})
        elif ends_by == "leaving":
            await phone.disconnect()
        assert await waiting == ""
