"""Calls of a real worker in rooms where more happens than one caller and one agent."""

import asyncio

import pytest
from livekit import rtc

from agent.config import Settings
from agent.providers.local.speech_client import SpeechClient
from agent.servers.dispatch import Dispatch
from agent.servers.rooms import LiveKitRooms
from evals import voices
from evals.caller import Caller, token
from evals.servers import RunningWorker
from tests.agent.calls import ANSWER_S, ask, greeted, kinds, spoken
from tests.fakes.calls import shop
from tests.fakes.guests import Hall, publish

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(150)]


def agents_in(caller: Caller) -> int:
    """How many agents the caller sees."""
    people = caller.room.remote_participants.values()
    return sum(who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT for who in people)


def rooms_of(worker: RunningWorker) -> LiveKitRooms:
    """The worker's server, asked with its own settings."""
    server = worker.livekit
    named = {"LIVEKIT_URL": server.url, "LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret}
    return LiveKitRooms(Settings.model_validate({**named, "agent_name": worker.agent_name}))


def join(worker: RunningWorker, hall: Hall, identity: str = "caller", kind: str = "standard") -> str:
    """A caller's token for that room, with the worker's dispatch."""
    server = worker.livekit
    return token(server.key, server.secret, hall.name, identity, worker.agent_name, kind)  # type: ignore[arg-type]


async def test_of_two_dispatches_one_agent_answers_once(worker: RunningWorker) -> None:
    """The second leaves again and the call goes on: one greeting, each answer once."""
    async with worker.join() as caller, rooms_of(worker) as rooms:
        await rooms.send(caller.room.name, Dispatch())
        await greeted(caller)
        await rooms.send(caller.room.name, Dispatch())  # one at the same moment, and one into a call that runs
        await asyncio.sleep(4)
        await caller.write("What is your return policy?")
        await caller.until(lambda c: len(spoken(c)) > 1, ANSWER_S, "an answer")
        await asyncio.sleep(1)
        assert agents_in(caller) == 1
        greeting = shop().sentences.greeting
        assert [text == greeting for text in spoken(caller)] == [True, False], caller.transcript()
        assert not kinds(caller, "call_ended")


async def test_who_only_listens_does_not_make_the_agent_deaf(worker: RunningWorker, speech: SpeechClient) -> None:
    """Somebody joins to listen, then the caller comes, is greeted and understood."""
    hall = Hall(worker.livekit)
    async with hall.guest("listener", may_publish=False), rooms_of(worker) as rooms:
        await rooms.send(hall.name, Dispatch())
        await asyncio.sleep(1)
        async with Caller.join(worker.livekit.url, join(worker, hall)) as caller:
            await understood(caller, speech)


async def understood(caller: Caller, speech: SpeechClient) -> None:
    """Greeted, and answered what was asked."""
    await greeted(caller)
    answer = await ask(caller, await voices.agents(speech, "What is your return policy?"))
    assert "return" in answer, caller.transcript()


async def test_an_open_microphone_that_nobody_uses_does_not_make_the_agent_deaf(
    worker: RunningWorker, speech: SpeechClient
) -> None:
    """It was there first and is greeted; then somebody else speaks."""
    hall = Hall(worker.livekit)
    async with Caller.join(worker.livekit.url, join(worker, hall, "watcher")) as watcher:
        await greeted(watcher)
        async with Caller.join(worker.livekit.url, join(worker, hall)) as caller:
            await asyncio.sleep(1)
            await caller.say(await voices.agents(speech, "What is your return policy?"))
            await watcher.until(lambda c: len(spoken(c)) > 1, ANSWER_S, "an answer")
            assert "return" in spoken(watcher)[-1], watcher.transcript()


async def test_nothing_is_said_into_a_line_that_rings(worker: RunningWorker) -> None:
    """The agent is there before the telephone is picked up, and speaks when it is."""
    hall = Hall(worker.livekit)
    async with (
        hall.guest("phone", "sip", sip_callStatus="ringing", sip_phoneNumber="+15550100") as phone,
        Caller.join(worker.livekit.url, join(worker, hall, "listener")) as line,
        rooms_of(worker) as rooms,
    ):
        await rooms.send(hall.name, Dispatch())
        await line.until(agents_in, ANSWER_S, "the agent")
        await asyncio.sleep(2)
        assert not line.captions and not kinds(line, "call_joined")
        source = rtc.AudioSource(48_000, 1)
        await publish(phone, source)
        await phone.local_participant.set_attributes({"sip.callStatus": "active"})
        await line.until(lambda c: c.captions, ANSWER_S, "the greeting")
        await source.aclose()


async def test_who_hangs_up_while_it_rings_leaves_no_call(worker: RunningWorker) -> None:
    """The agent goes without a word."""
    hall = Hall(worker.livekit)
    async with hall.guest("watcher", may_publish=False) as watcher:
        async with hall.guest("phone", "sip", sip_callStatus="ringing"), rooms_of(worker) as rooms:
            await rooms.send(hall.name, Dispatch())
            async with asyncio.timeout(ANSWER_S):
                while len(watcher.remote_participants) < 2:  # noqa: ASYNC110  # the room's own list
                    await asyncio.sleep(0.05)
        async with asyncio.timeout(15):
            while watcher.isconnected() and watcher.remote_participants:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_who_leaves_before_the_agent_has_come_frees_the_place_at_once(worker: RunningWorker) -> None:
    """Whom the dispatch was made for is not waited for when they are not there any more."""
    hall = Hall(worker.livekit)
    async with hall.guest("watcher", may_publish=False) as watcher, rooms_of(worker) as rooms:
        await rooms.send(hall.name, Dispatch("shop", "caller-who-left"))
        async with asyncio.timeout(ANSWER_S):
            while not watcher.remote_participants:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        async with asyncio.timeout(12):
            while watcher.isconnected() and watcher.remote_participants:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_a_flood_of_messages_costs_a_sentence(worker: RunningWorker) -> None:
    """Hundreds of messages and a megabyte; then the caller writes like a person, and is answered."""
    async with worker.join() as caller:
        await greeted(caller)
        await asyncio.gather(*(caller.write("What is your return policy?") for _ in range(300)))
        await caller.until(lambda c: shop().sentences.too_fast in spoken(c), ANSWER_S, "a refusal")
        assert len(kinds(caller, "caller_spoke")) < 20
        await caller.write("x" * 1_000_000)
        await caller.until(lambda c: shop().sentences.too_long in spoken(c), ANSWER_S, "another refusal")
        before = len(spoken(caller))
        await caller.write("What are your opening hours?")
        await caller.until(lambda c: len(spoken(c)) > before, ANSWER_S, "an answer")
        assert "open" in spoken(caller)[-1].lower(), caller.transcript()
