"""Calls by telephone: real SIP, real RTP, and what the telephone's ear received."""

import asyncio

import pytest
from livekit import api
from sqlalchemy import select

from agent.memory.database import make_engine
from agent.memory.store import calls
from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import Samples
from evals.rtp import RATE
from evals.telephone import Telephone, calling
from tests.agent.calls import ANSWER_S
from tests.agent.telephony.conftest import PASSWORD, SHOP, USERNAME, Office
from tests.fakes.calls import shop

pytestmark = [
    pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp"),
    pytest.mark.timeout(180),
]
GONE_S = 6.0
MURMUR = voices.MURMURS["mm-hm"]["hibari"]


async def spoken(speech: SpeechClient, text: str) -> Samples:
    """A sentence as a telephone sends it."""
    return voices.resampled(await voices.agents(speech, text), 48_000, RATE)


async def understood(phone: Telephone, speech: SpeechClient, since: float) -> str:
    """What a person at the telephone would have understood."""
    sound = voices.resampled(phone.heard_since(since), RATE, 16_000)
    return (await speech.transcribe(sound.tobytes())).lower()


async def rooms(office: Office) -> list[str]:
    """The rooms that are open."""
    url = office.servers.livekit.url.replace("ws", "http", 1)
    async with api.LiveKitAPI(url, "devkey", "secret") as server:
        return [room.name for room in (await server.room.list_rooms(api.ListRoomsRequest())).rooms]


async def all_gone(office: Office) -> None:
    """No room, so no call, is left on our side."""
    async with asyncio.timeout(GONE_S):
        while await rooms(office):  # noqa: ASYNC110  # another process's rooms
            await asyncio.sleep(0.2)


def last_call(office: Office) -> tuple[str, str]:
    """Channel and end of the newest record."""
    engine = make_engine(f"sqlite:///{office.worker.var / 'parley.db'}")
    with engine.connect() as connection:
        row = connection.execute(
            select(calls.c.channel, calls.c.end_reason).order_by(calls.c.started_at.desc())
        ).first()
    engine.dispose()
    assert row is not None
    return row.channel, row.end_reason


async def test_a_caller_is_answered_understood_from_the_first_second_and_heard_to_the_end(
    office: Office, speech: SpeechClient
) -> None:
    """Who talks as soon as the line is open is heard whole; the star says the answer again; the goodbye is heard before
    the BYE comes; nothing is left of the call on either side, and its ids are in the log."""
    question = await spoken(speech, "Where is my order number four five seven one?")
    goodbye = await spoken(speech, "That's all, goodbye.")
    async with office.call() as phone:
        await phone.up()
        since = await phone.say(question)
        await phone.quiet(2.0, ANSWER_S, since)
        answer = await understood(phone, speech, since)
        assert "ship" in answer or "deliver" in answer, answer
        since = phone.now
        await phone.press("*")
        await phone.quiet(2.0, ANSWER_S, since)
        again = await understood(phone, speech, since)
        assert "ship" in again or "deliver" in again, (answer, again)
        since = await phone.say(goodbye)
        assert await asyncio.wait_for(phone.dialog.ended(), ANSWER_S) == 0
        assert phone.dialog.received("BYE")
        words = (await understood(phone, speech, since)).split()
        assert len(words) >= 4 and "thank" in words[0], words
    await all_gone(office)
    assert last_call(office) == ("phone", "caller_goodbye")
    assert '"sip_call": "SCL_' in office.worker.logged()


async def test_keys_are_heard_while_the_agent_talks_and_doubled_ones_do_nothing(
    office: Office, speech: SpeechClient
) -> None:
    """A key stops the greeting; digits that came in pairs are asked for again, and then looked up once."""
    question = await spoken(speech, "Where is my order?")
    async with office.call() as phone:
        await phone.up()
        await phone.until(lambda: phone.loud_s(0) > 0.6, ANSWER_S, "the greeting")
        await phone.press("1*")
        stopped = phone.now
        await asyncio.sleep(1.0)
        assert phone.loud_s(stopped + 0.3, stopped + 1.0) < 0.15, "the greeting went on"
        since = await phone.say(question)
        await phone.quiet(1.5, ANSWER_S, since)
        since = phone.now
        await phone.press("44557711#")
        await phone.quiet(1.5, ANSWER_S, since)
        assert "twice" in (await understood(phone, speech, since))
        since = phone.now
        await phone.press("4571#")
        await phone.quiet(2.0, ANSWER_S, since)
        answer = await understood(phone, speech, since)
        assert "ship" in answer or "deliver" in answer, answer
    await all_gone(office)
    assert last_call(office) == ("phone", "caller_left")


async def test_a_question_stops_the_agent_and_a_murmur_does_not(office: Office, speech: SpeechClient) -> None:
    """Both are said while it talks: behind the murmur the answer goes on, and what is answered then is the question."""
    long, murmur = await spoken(speech, "What is your return policy?"), await spoken(speech, MURMUR)
    question = await spoken(speech, "Where can I park?")
    async with office.call() as phone:
        await phone.up()
        await phone.quiet(1.0, ANSWER_S)
        since = await phone.say(long)
        await phone.until(lambda: phone.loud_s(since) > 0.8, ANSWER_S, "an answer")
        murmured = await phone.say(murmur)
        await phone.until(lambda: phone.loud_s(murmured + 0.2) > 0.6, 2.0, "the answer to go on")
        stopped = await phone.say(question)
        await phone.quiet(1.5, ANSWER_S, stopped)
        answer = await understood(phone, speech, stopped)
        assert "park" in answer, answer
    await all_gone(office)


async def test_who_is_cut_off_and_rings_again_can_go_on(office: Office, speech: SpeechClient) -> None:
    """The second call says so behind the greeting, and the number that the first one asked for is enough."""
    question = await spoken(speech, "Where is my order?")
    number = "+15550100177"
    async with office.call(number=number) as phone:
        await phone.up()
        since = await phone.say(question)
        await phone.quiet(1.0, ANSWER_S, since)
        phone.hang_up()
        await asyncio.wait_for(phone.dialog.ended(), GONE_S)
    await all_gone(office)
    await asyncio.sleep(1.0)
    async with office.call(number=number) as phone:
        await phone.up()
        await phone.quiet(1.5, ANSWER_S)
        assert "cut off" in await understood(phone, speech, 0)
        since = phone.now
        await phone.press("4571#")
        await phone.quiet(1.5, ANSWER_S, since)
        answer = await understood(phone, speech, since)
        assert "ship" in answer or "deliver" in answer, answer
    await all_gone(office)


async def test_a_line_on_hold_is_not_asked_whether_somebody_is_there(office: Office) -> None:
    """No packet comes from it, for longer than a silent caller is waited for; then it is there again."""
    async with office.call() as phone:
        await phone.up()
        await phone.quiet(1.0, ANSWER_S)
        phone.hold()
        since = phone.now
        await asyncio.sleep(shop().limits.idle_prompt_s + 3.0)
        assert phone.loud_s(since) < 0.1
        phone.resume()
        await phone.press("*")
        await phone.until(lambda: phone.loud_s(since) > 0.5, ANSWER_S, "the greeting once more")
    await all_gone(office)


@pytest.mark.parametrize("after_s", [0.3, 4.0])
async def test_a_caller_who_hangs_up_leaves_nothing_behind(office: Office, after_s: float) -> None:
    """In the greeting and behind it: the BYE ends room, job and record."""
    async with office.call() as phone:
        await phone.up()
        await asyncio.sleep(after_s)
        phone.hang_up()
        assert await asyncio.wait_for(phone.dialog.ended(), GONE_S) == 0
    await all_gone(office)
    await asyncio.sleep(1.0)
    assert last_call(office) == ("phone", "caller_left")


@pytest.mark.parametrize(
    ("to", "username", "password"), [(SHOP, USERNAME, "wrong"), (SHOP, "", ""), ("+15550100999", USERNAME, PASSWORD)]
)
async def test_who_is_not_admitted_hears_nothing(office: Office, to: str, username: str, password: str) -> None:
    """A wrong password, none, a number that is not ours: no room, no agent."""
    async with calling(office.servers, to, username=username, password=password) as phone:
        await asyncio.sleep(2.0)
        assert phone.dialog.remote is None and not phone.loud_s(0)
    assert not await rooms(office)
