"""A person takes the call over: who heard what, by the tones and the sound in each telephone's RTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agent.providers.local.speech_client import SpeechClient
from evals.records import columns, snapshot
from evals.sipp import OBEYS, Answer, Refer
from evals.telephone import Telephone, tone
from tests.agent.calls import ANSWER_S
from tests.agent.telephony.conftest import COLD, SHOP, Office
from tests.agent.telephony.test_calls import GONE_S, all_gone, last_call, spoken, understood

pytestmark = [
    pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp"),
    pytest.mark.timeout(180),
]
NUMBER = "+15550100199"
CALLERS, DESKS = 880.0, 440.0  # what each telephone sends, to be told apart


@asynccontextmanager
async def asking(office: Office, to: str = SHOP, refer: Refer = OBEYS, number: str = "") -> AsyncIterator[Telephone]:
    """A caller who has pressed 0 and hears that they are put through."""
    async with office.call(to, refer=refer, number=number) as phone:
        await phone.up()
        await phone.until(lambda: phone.loud_s(0) > 0.4, ANSWER_S, "the greeting")
        await phone.press("0#")
        yield phone


async def picked_up(desk: Telephone) -> None:
    """The desk's line is open, and we are heard there."""
    await desk.up(ANSWER_S)
    opened = desk.now
    await desk.until(lambda: desk.loud_s(opened) > 0.5, ANSWER_S, "the briefing")


async def hear_each_other(caller: Telephone, desk: Telephone) -> bool:
    """Whether a tone of each comes through to the other."""
    since = (caller.now, desk.now)
    await asyncio.gather(caller.say(tone(CALLERS, 1.5)), desk.say(tone(DESKS, 1.5)))
    await asyncio.sleep(0.6)
    return caller.tone_s(DESKS, since[0]) > 0.5 and desk.tone_s(CALLERS, since[1]) > 0.5


@pytest.mark.parametrize("by", ["key", "voice"])
async def test_who_accepts_is_connected_and_was_kept_apart_until_then(
    by: str, office: Office, speech: SpeechClient
) -> None:
    """Music for the caller, a briefing for the person, neither hears the other; after a yes both do, and when one hangs
    up the other's line closes."""
    yes = await spoken(speech, "Yes, put them through please.")
    async with office.desk() as desk, asking(office) as caller:
        await desk.up(ANSWER_S)
        opened = (caller.now, desk.now)
        await asyncio.gather(caller.say(tone(CALLERS, 2.0)), desk.say(tone(DESKS, 1.0)))
        await desk.until(lambda: desk.loud_s(opened[1]) > 1.0, ANSWER_S, "the briefing")
        assert caller.loud_s(opened[0]) > 1.5, "no music"
        assert caller.tone_s(DESKS, opened[0]) < 0.1 and desk.tone_s(CALLERS, opened[1]) < 0.1
        briefed = desk.now
        if by == "voice":
            await desk.quiet(1.0, ANSWER_S, opened[1])
            words = await understood(desk, speech, opened[1])
            assert "caller" in words and "person" in words, words
            briefed = await desk.say(yes)
        else:
            await desk.press("1")
        await desk.until(lambda: desk.loud_s(briefed + 0.5) > 0.5, ANSWER_S, "the word to both")
        await desk.quiet(0.8, ANSWER_S, briefed + 0.5)
        assert await hear_each_other(caller, desk)
        (desk if by == "key" else caller).hang_up()
        other = caller if by == "key" else desk
        assert await asyncio.wait_for(other.dialog.ended(), GONE_S) == 0
    await all_gone(office)
    assert last_call(office) == ("phone", "transferred")


async def test_who_asks_first_is_answered_and_who_hangs_up_meanwhile_is_followed_by_the_next(
    office: Office, speech: SpeechClient
) -> None:
    """A question is no yes: it is answered, and the choice told again. Whoever puts the receiver down has declined."""
    question = await spoken(speech, "Sorry, who is this?")
    async with office.desk(0) as first, office.desk(1) as second, asking(office) as caller:
        await picked_up(first)
        await first.quiet(1.0, ANSWER_S)
        asked = await first.say(question)
        await first.quiet(1.0, ANSWER_S, asked)
        again = await understood(first, speech, asked)
        assert "press" in again and "yes" in again, again
        assert not caller.is_over and caller.tone_s(DESKS, 0) < 0.1
        first.hang_up()
        await picked_up(second)
        await second.press("1")
        told = second.now
        await second.quiet(0.8, ANSWER_S, told + 0.5)
        assert await hear_each_other(caller, second)
    await all_gone(office)
    assert last_call(office) == ("phone", "transferred")


async def test_who_declines_is_followed_by_the_next_and_a_machine_by_nobody(
    office: Office, speech: SpeechClient
) -> None:
    """The first presses 2, the second is a recording: the caller hears so, is asked what else, and is called back."""
    machine = await spoken(speech, "You have reached the mailbox of Maria. Please leave a message after the tone.")
    async with office.desk(0) as first, office.desk(1) as second, asking(office, number=NUMBER) as caller:
        await picked_up(first)
        await first.press("2")
        assert await asyncio.wait_for(first.dialog.ended(), ANSWER_S) == 0
        await second.up(ANSWER_S)
        await second.say(machine)
        assert await asyncio.wait_for(second.dialog.ended(), ANSWER_S) == 0
        since = caller.now
        await caller.quiet(1.5, ANSWER_S, since + 1.0)
        words = await understood(caller, speech, since)
        assert "reach" in words and "call you back" in words, words
        assert await still_answers(caller, speech)
    await all_gone(office)
    columns()
    rows = snapshot(f"sqlite:///{office.worker.var / 'shop.db'}", ["follow_ups"])["follow_ups"]
    assert (rows[-1]["kind"], rows[-1]["number"]) == ("callback", NUMBER)


async def still_answers(caller: Telephone, speech: SpeechClient) -> bool:
    """The conversation goes on."""
    since = await caller.say(await spoken(speech, "What is your return policy?"))
    await caller.until(lambda: caller.loud_s(since + 0.3) > 1.0, ANSWER_S, "an answer")
    return True


async def test_busy_and_unanswered_desks_bring_the_caller_back(office: Office, speech: SpeechClient) -> None:
    """Nothing is heard at either; the caller is told, and goes on."""
    async with office.desk(0, Answer(486)), office.desk(1, Answer(0, rings_s=30)) as ringing, asking(office) as caller:
        await ringing.until(lambda: ringing.dialog.received("CANCEL"), ANSWER_S, "the end of the ringing")
        since = caller.now
        await caller.quiet(1.5, ANSWER_S, since + 1.0)
        words = await understood(caller, speech, since)
        assert "reach" in words and "answer" in words, words
    await all_gone(office)


@pytest.mark.parametrize("state", ["ringing", "briefing"])
async def test_the_caller_who_hangs_up_ends_it_for_everybody(state: str, office: Office) -> None:
    """While the desk rings, it stops; while the person is told, their line closes."""
    answer = Answer(0, rings_s=30) if state == "ringing" else Answer()
    async with office.desk(0, answer) as desk, asking(office) as caller:
        if state == "briefing":
            await picked_up(desk)
        else:
            await desk.until(lambda: desk.dialog.received("INVITE"), ANSWER_S, "the ringing")
        caller.hang_up()
        assert await asyncio.wait_for(desk.dialog.ended(), GONE_S) == 0
    await all_gone(office)
    assert last_call(office) == ("phone", "caller_left")


async def test_a_cold_transfer_is_announced_and_the_line_goes_where_it_should(
    office: Office, speech: SpeechClient
) -> None:
    """The sentence is heard before the REFER comes, with the right number in it; then our side is over."""
    async with asking(office, COLD, Refer(200, after_s=0.5)) as caller:
        await caller.until(lambda: caller.dialog.received("REFER"), ANSWER_S, "a REFER")
        words = await understood(caller, speech, 0)
        assert "hold the line" in words, words
        assert "tel:+15550100101" in caller.dialog.received("REFER")[0]
        assert await asyncio.wait_for(caller.dialog.ended(), ANSWER_S) == 0
    await all_gone(office)
    assert last_call(office) == ("phone", "transferred")


@pytest.mark.parametrize(
    "refer", [Refer(is_accepted=False), Refer(486), Refer(408, after_s=3.0)], ids=["refused", "busy", "unanswered"]
)
async def test_a_cold_transfer_that_fails_brings_the_caller_back(
    refer: Refer, office: Office, speech: SpeechClient
) -> None:
    """Whether the network refuses or nobody answers there: both numbers are tried, and then the caller chooses."""
    async with asking(office, COLD, refer) as caller:
        await caller.until(lambda: len(caller.dialog.received("REFER")) == 2, ANSWER_S, "both numbers")
        since = caller.now
        # until the agent is told what became of the second, and has said so
        await caller.quiet(1.5, ANSWER_S, since + refer.after_s + 0.5)
        words = await understood(caller, speech, since)
        assert "reach" in words, words
        assert await still_answers(caller, speech)
    await all_gone(office)
