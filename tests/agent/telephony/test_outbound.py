"""Calls that we make, over real SIP to real telephones: what each of them heard, and what the record says of it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.memory.dialled import Dialled
from agent.profile.profile import load_profile
from agent.providers.local.speech_client import SpeechClient
from agent.telephony.call_list import CallList, Pace, Row, wanted
from agent.telephony.dialler import Dialler
from agent.telephony.trunks import load_lines
from evals.sipp import Answer
from evals.telephone import tone
from tests.agent.calls import ANSWER_S
from tests.agent.telephony.conftest import Office
from tests.agent.telephony.test_calls import spoken, understood

pytestmark = [
    pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp"),
    pytest.mark.timeout(300),
]
ABOUT = "a red bicycle"
_started: list[Process] = []


@pytest.fixture(autouse=True)
async def none_left() -> AsyncIterator[None]:
    """What a failed test did not wait for is ended: a process's pipes must not outlive the loop that reads them."""
    yield
    for process in _started:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    _started.clear()


async def calls(office: Office, *words: str) -> Process:
    """The program, as an operator starts it."""
    env = {
        **os.environ,
        "LIVEKIT_URL": office.servers.livekit.url,
        "PARLEY_AGENT_NAME": office.worker.agent_name,
        "PARLEY_VAR_DIR": str(office.worker.var),
        "PARLEY_PROFILES_DIR": str(office.settings.profiles_dir),
        "PARLEY_SIP_DIR": str(office.settings.sip_dir),
    }
    words = ("-m", "agent.telephony.call", *words, "--profile", "shop", "--purpose", "parcel")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, env=env, stdout=PIPE, stderr=PIPE)
    _started.append(process)
    return process


async def said(process: Process) -> str:
    """All that it said, once it has ended well."""
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, (out, err)
    return out.decode()


async def test_a_person_hears_who_calls_and_why_and_is_never_called_again_when_they_say_so(
    office: Office, speech: SpeechClient, tmp_path: Path
) -> None:
    """Nothing is said before they pick up; the disclosure comes first; "stop calling me" ends the call, and the next
    list has the number left out, in its report with the reason."""
    number, hello = "+15185550142", await spoken(speech, "Hello?")
    no_more = await spoken(speech, "Please stop calling me.")
    async with office.outside(Answer(rings_s=2.0)) as phone:
        calling = await calls(office, number, "--with", f"about={ABOUT}")
        await phone.up(120)
        await phone.say(hello)
        await phone.quiet(2.0, ANSWER_S)
        opening = await understood(phone, speech, 0.0)
        since = await phone.say(no_more)
        await phone.until(lambda: phone.is_over, ANSWER_S, "the end of the call")
        answer = await understood(phone, speech, since)
        told = await said(calling)
    assert "automated" in opening and "sunny" in opening and "bicycle" in opening, opening
    assert "off our list" in answer, answer
    assert f"{number}: opted_out" in told
    (tmp_path / "next.csv").write_text(f"number,about\n{number},{ABOUT}\n")
    report = tmp_path / "report.csv"
    told = await said(await calls(office, "--list", str(tmp_path / "next.csv"), "--report", str(report)))
    assert f"{number}: not called: opted out" in told
    assert f"{number},done,opted_out,0," in report.read_text()


async def test_a_voicemail_gets_its_message_after_the_beep(office: Office, speech: SpeechClient) -> None:
    """Not a word into the greeting; disclosure and message behind the beep, and then the line closes."""
    greeting = await spoken(
        speech, "Hi, this is Kim. I can't come to the phone right now, please leave a message after the tone."
    )
    async with office.outside() as phone:
        calling = await calls(office, "+15185550143", "--with", f"about={ABOUT}")
        await phone.up(120)
        began = phone.now
        await phone.say(greeting)
        await asyncio.sleep(0.8)
        beeped = await phone.say(tone(1000.0, 0.5))
        await phone.until(lambda: phone.is_over, ANSWER_S, "the end of the call")
        message = await understood(phone, speech, beeped)
        told = await said(calling)
    assert phone.loud_s(began, beeped) < 0.2
    assert "automated" in message and "call us back" in message, message
    assert "+15185550143: message_left" in told


async def test_a_screener_is_answered_and_the_person_behind_it_hears_everything(
    office: Office, speech: SpeechClient
) -> None:
    """One sentence for the machine; the opening for who comes."""
    screen = await spoken(speech, "Please state your name and the reason for your call.")
    hello = await spoken(speech, "Hello, this is Kim.")
    async with office.outside() as phone:
        calling = await calls(office, "+15185550144", "--with", f"about={ABOUT}")
        await phone.up(120)
        await phone.say(screen)
        await phone.quiet(2.5, ANSWER_S)
        introduced = await understood(phone, speech, 0.0)
        since = await phone.say(hello)
        await phone.until(lambda: phone.loud_s(since) > 3.0, ANSWER_S, "the opening")
        await phone.quiet(2.0, ANSWER_S)
        opening = await understood(phone, speech, since)
        phone.hang_up()
        told = await said(calling)
    assert "calling for sunny" in introduced and "person" not in introduced, introduced
    assert "not a person" in opening, opening
    assert "+15185550144: person" in told


async def test_a_menu_gets_the_key_that_it_names_and_the_person_behind_it_the_opening(
    office: Office, speech: SpeechClient
) -> None:
    """Nobody tells a machine what the call is about."""
    choices = "For opening hours, press one. For billing, press two. To speak to somebody, press three."
    menu = await spoken(speech, f"Thank you for calling. {choices}")
    hello = await spoken(speech, "Hello, Kim speaking.")
    async with office.outside() as phone:
        calling = await calls(office, "+15185550145", "--with", f"about={ABOUT}")
        await phone.up(120)
        since = await phone.say(menu)
        await phone.until(lambda: phone.line.keys_heard, ANSWER_S, "a key")
        assert phone.line.keys_heard == "3" and phone.loud_s(since) < 0.3
        since = await phone.say(hello)
        await phone.until(lambda: phone.loud_s(since) > 3.0, ANSWER_S, "the opening")
        await phone.quiet(2.0, ANSWER_S)
        opening = await understood(phone, speech, since)
        phone.hang_up()
        told = await said(calling)
    assert "not a person" in opening and "bicycle" in opening, opening
    assert "+15185550145: person" in told


async def test_a_fax_is_hung_up_on(office: Office) -> None:
    """By its tone, without a word."""
    async with office.outside() as phone:
        calling = await calls(office, "+15185550146", "--with", f"about={ABOUT}")
        await phone.up(120)
        await phone.say(tone(2100.0, 3.0))
        await phone.until(lambda: phone.is_over, ANSWER_S, "the end of the call")
        told = await said(calling)
        assert phone.loud_s(0.0) < 0.3
    assert "+15185550146: fax" in told


@pytest.mark.parametrize(
    ("number", "answer", "outcome", "again"),
    [
        ("+15185550150", Answer(486), "busy", timedelta(minutes=15)),
        ("+15185550151", Answer(0, rings_s=30.0), "no_answer", timedelta(hours=2)),
        ("+15185550152", Answer(603), "rejected", timedelta(days=1)),
        ("+15185550153", Answer(404), "invalid", None),
        ("+15185550154", Answer(503), "trunk_failed", timedelta(minutes=5)),
    ],
)
async def test_each_way_not_to_answer_has_its_outcome_and_its_retry(
    office: Office, number: str, answer: Answer, outcome: str, again: timedelta | None
) -> None:
    """Nobody hears a word, and nothing is left of the room."""
    profile = load_profile("shop", office.settings.profiles_dir)
    outbound = profile.outbound.model_copy(update={"rings_s": 30.0 if answer.status else 5.0})
    profile = profile.model_copy(update={"outbound": outbound})
    dialled = Dialled(f"sqlite:///{office.worker.var / 'parley.db'}")
    purpose = profile.outbound.purposes["parcel"]
    now = datetime.now(UTC)
    lines: list[str] = []
    dials = dialled.want(wanted("shop", "parcel", number, [Row(number, {"about": ABOUT})], now))
    one = CallList(
        dials[0].list, dialled, profile.outbound, purpose,
        pace=Pace(wait=timedelta(0), per_minute=600.0), clock=lambda: datetime.now(UTC), say=lines.append,
    )  # fmt: skip
    async with (
        office.outside(answer) as phone,
        Dialler(office.settings, profile, dialled, load_lines(office.settings.sip_dir)) as dialler,
    ):
        await one.run(dialler)
        assert phone.heard_since(0.0).any() == 0
    (dial,) = dialled.of(dials[0].list)
    dialled.close()
    assert dial.outcome == outcome, lines
    if again is None:
        assert dial.state == "done"
    else:
        assert timedelta(0) < dial.next_at - now - again < timedelta(seconds=60)
    assert dial.attempts == (outcome in {"busy", "no_answer", "rejected"})
