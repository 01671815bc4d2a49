"""The bridge for Twilio's Media Streams: its webhooks, and whole calls over it with the real worker."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import aiohttp
import pytest

from agent.config import ROOT, Settings
from agent.errors import ConfigError
from agent.g711 import RATE, Samples
from agent.memory.store import Store, StoredCall
from agent.profile.profile import load_profile
from agent.providers.local.speech_client import SpeechClient
from agent.telephony.media_streams import BURST, BUSY, Bridge
from evals import voices
from evals.servers import RunningWorker
from tests.agent.calls import ANSWER_S
from tests.fakes.loopback import listening
from tests.fakes.twilio_phone import FORMAT, TwilioPhone

TOKEN, PUBLIC = "twilio-token", "https://voice.example.org"
AGAIN_S = 20.0  # the goodbye, and what a busy machine takes longer


def settings(**more: object) -> Settings:
    """Of a bridge, away from any LiveKit unless `more` says otherwise."""
    named = {"TWILIO_AUTH_TOKEN": TOKEN, "streams_url": PUBLIC, "LIVEKIT_URL": "ws://127.0.0.1:9", **more}
    return Settings.model_validate(named)


@contextlib.asynccontextmanager
async def bridge(**more: object) -> AsyncIterator[str]:
    """Where a bridge for the shop listens."""
    one = Bridge(settings(**more), load_profile("shop", ROOT / "profiles"))
    async with listening(one.app()) as address:
        yield f"http://{address}"


def verbs(twiml: str) -> list[str]:
    """What Twilio is told to do, in order."""
    return [one.tag for one in ET.fromstring(twiml)]  # noqa: S314  # our own server wrote it


@pytest.mark.parametrize(
    ("left_out", "named"), [("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN"), ("streams_url", "PARLEY_STREAMS_URL")]
)
def test_without_what_forgeries_are_told_by_it_does_not_start(left_out: str, named: str) -> None:
    """The sentence names the variable and where to find its value."""
    with pytest.raises(ConfigError, match=f"{named} is not set"):
        Bridge(settings(**{left_out: ""}), load_profile("shop", ROOT / "profiles"))


async def test_the_program_itself_says_what_is_missing_and_nothing_else() -> None:
    """One sentence, no traceback, no secret."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent.telephony.media_streams", cwd=ROOT, stderr=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin", "PARLEY_STREAMS_URL": PUBLIC},
    )  # fmt: skip
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert said.decode().startswith("parley: TWILIO_AUTH_TOKEN is not set") and said.count(b"\n") == 1


async def test_a_webhook_that_twilio_did_not_sign_is_refused() -> None:
    """By another token, or for another address; nothing of the call is begun."""
    async with bridge() as base:
        for phone in (TwilioPhone(base, PUBLIC, "other"), TwilioPhone(base, "https://other.example.org", TOKEN)):
            assert [(await phone.post(path))[0] for path in ("/voice", "/call-status")] == [403, 403]
        async with aiohttp.ClientSession() as http, http.post(f"{base}/voice", data={"CallSid": "CA1"}) as bare:
            assert bare.status == 403


async def test_a_call_is_answered_with_its_stream_and_the_way_on() -> None:
    """The stream is at the public address, and its ticket stands in no address that a log would keep."""
    async with bridge() as base:
        _, twiml = await TwilioPhone(base, PUBLIC, TOKEN).post("/voice?profile=shop")
    assert verbs(twiml) == ["Connect", "Redirect"]
    stream = ET.fromstring(twiml).find("Connect/Stream")  # noqa: S314
    assert stream is not None and stream.attrib["url"] == "wss://voice.example.org/stream"
    assert "https://voice.example.org/voice?profile=shop" in twiml


async def test_a_profile_that_is_not_served_and_a_flood_are_turned_away() -> None:
    """A number that rings again and again is busy; another one is not."""
    async with bridge() as base:
        assert verbs((await TwilioPhone(base, PUBLIC, TOKEN).post("/voice?profile=ghost"))[1]) == ["Hangup"]
        ringing = [await TwilioPhone(base, PUBLIC, TOKEN).post("/voice") for _ in range(BURST + 2)]
        assert [verbs(twiml)[0] for _, twiml in ringing] == ["Connect"] * BURST + ["Reject"] * 2
        other = TwilioPhone(base, PUBLIC, TOKEN, number="+442079460123")
        assert verbs((await other.post("/voice"))[1])[0] == "Connect"


@pytest.mark.parametrize("parameters", [{}, {"ticket": "e30.0"}], ids=["no ticket", "a ticket of nobody's"])
async def test_a_stream_that_nobody_announced_is_closed(parameters: dict[str, str]) -> None:
    """Whoever finds the address cannot be a caller; noise before it changes nothing."""
    start = {"streamSid": "MZ1", "callSid": "CA1", "customParameters": parameters, "mediaFormat": FORMAT}
    told = json.dumps({"event": "start", "start": start})
    async with bridge() as base, aiohttp.ClientSession() as http, http.ws_connect(f"{base}/stream") as socket:
        for line in ("", "{", '{"event": "media"}', told):
            await socket.send_str(line)
        answer = await asyncio.wait_for(socket.receive(), 10)
    assert (answer.type, answer.data) == (aiohttp.WSMsgType.CLOSE, 1008)


async def test_a_callers_ticket_is_no_good_for_another_call() -> None:
    """Of the same bridge."""
    async with bridge() as base:
        mine, other = TwilioPhone(base, PUBLIC, TOKEN), TwilioPhone(base, PUBLIC, TOKEN)
        _, twiml = await mine.post("/voice")
        await other.follow(twiml)
        await asyncio.wait_for(other.is_closed.wait(), 10)
        await other.drop()


async def test_without_livekit_the_caller_is_told_that_the_lines_are_busy() -> None:
    """And is not kept waiting: the stream closes, and Twilio asks how to go on."""
    async with bridge() as base:
        phone = TwilioPhone(base, PUBLIC, TOKEN)
        async with phone.calling():
            await asyncio.wait_for(phone.is_closed.wait(), 30)
        _, twiml = await phone.post("/voice")
    assert verbs(twiml) == ["Say", "Hangup"] and BUSY in twiml


# Whole calls


@contextlib.asynccontextmanager
async def line_to(worker: RunningWorker, **more: object) -> AsyncIterator[str]:
    """A bridge to that worker's server."""
    named = {"LIVEKIT_URL": worker.livekit.url, "agent_name": worker.agent_name, "capacity": 2, **more}
    async with bridge(**named) as base:
        yield base


async def said(speech: SpeechClient, text: str) -> Samples:
    """The sentence as it goes into a telephone."""
    return voices.resampled(await voices.agents(speech, text), 48_000, RATE)


async def understood(speech: SpeechClient, sound: Samples) -> str:
    """What a person at the telephone would have understood."""
    return (await speech.transcribe(voices.resampled(sound, RATE, 16_000).tobytes())).lower()


def speaks(since_s: float = 0.0, for_s: float = 0.3) -> Callable[[TwilioPhone], bool]:
    """Until the agent is heard."""
    return lambda phone: phone.loud_s(since_s) > for_s


def is_silent(for_s: float = 1.2) -> Callable[[TwilioPhone], bool]:
    """Until the agent has said what it had to say."""
    return lambda phone: phone.loud_s(phone.now - for_s) == 0.0


async def ended(worker: RunningWorker, since: datetime) -> StoredCall:
    """The record of the call that began last, once it is over."""
    store = Store(f"sqlite:///{worker.var / 'parley.db'}")
    try:
        async with asyncio.timeout(ANSWER_S):
            while True:
                calls = await asyncio.to_thread(store.recent, 5)
                if found := [
                    one for one in calls if one.started_at >= since and one.ended_at and one.channel == "phone"
                ]:
                    return found[0]
                await asyncio.sleep(0.1)
    finally:
        store.close()


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(180)
async def test_a_caller_at_twilio_is_greeted_answered_interrupts_and_hangs_up(
    worker: RunningWorker, speech: SpeechClient
) -> None:
    """All over G.711 and Twilio's messages: who comes this way is a telephone to the agent. The far end lets 0.6 s of
    sound pile up; what is queued there is thrown away when the caller breaks in."""
    since, question = datetime.now(UTC), await said(speech, "Where can I park?")
    more, returns = await said(speech, "Wait, stop please."), await said(speech, "What is your returns policy?")
    async with line_to(worker) as base:
        phone = TwilioPhone(base, PUBLIC, TOKEN, late_s=0.6)
        async with phone.calling():
            await phone.until(speaks(), ANSWER_S, "the greeting")
            await phone.until(is_silent(), ANSWER_S, "the greeting's end")
            greeting = await understood(speech, phone.sound())
            asked = phone.now
            await phone.say(question)
            await phone.until(speaks(asked), ANSWER_S, "an answer")
            await phone.until(is_silent(), ANSWER_S, "the answer's end")
            answer = await understood(speech, phone.sound(asked))
            asked = phone.now
            await phone.say(returns)
            await phone.until(speaks(asked, 0.6), ANSWER_S, "an answer that can be interrupted")
            await phone.say(more)
            await phone.until(lambda p: p.cleared_at, ANSWER_S, "a clear")
            cut = phone.cleared_at[0]
            await phone.until(lambda p: p.now > cut + 0.6, ANSWER_S, "the time after it")
            for broken in ("", "{", '{"event": "media", "media": {}}', "\x00" * 100):
                await phone.tell_text(broken)
            await phone.hang_up()
        call = await ended(worker, since)
    assert "automated" in greeting or "assistant" in greeting, greeting
    assert "park" in answer, answer
    assert phone.loud_s(cut + 0.1, cut + 0.5) < 0.2
    assert (call.channel, call.end_reason) == ("phone", "caller_left")


async def taken_leave(phone: TwilioPhone, goodbye: Samples) -> float:
    """When it was said that closed the line: on a busy machine the local ear misses a word, and it is said again."""
    for _ in range(3):
        asked = phone.now
        await phone.say(goodbye)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(phone.is_closed.wait(), AGAIN_S)
            return asked
    raise AssertionError("the line is still open after three goodbyes")


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(180)
async def test_a_dropped_stream_is_taken_up_and_the_last_words_are_heard(
    worker: RunningWorker, speech: SpeechClient
) -> None:
    """The socket dies without a word; Twilio asks and gets the same call again. The agent's goodbye is heard whole
    before the line closes, and then Twilio is told to hang up. A second caller finds the line busy meanwhile."""
    since, goodbye = datetime.now(UTC), await said(speech, "Goodbye.")
    async with line_to(worker, capacity=1) as base:
        phone = TwilioPhone(base, PUBLIC, TOKEN)
        async with phone.calling():
            await phone.until(speaks(), ANSWER_S, "the greeting")
            await phone.drop()
            _, twiml = await phone.post("/voice?profile=shop", CallStatus="in-progress")
            await phone.follow(twiml)
            other = TwilioPhone(base, PUBLIC, TOKEN, number="+442079460123")
            assert verbs((await other.post("/voice"))[1]) == ["Reject"]
            await phone.until(is_silent(), ANSWER_S, "the greeting's end")
            asked = await taken_leave(phone, goodbye)
            last = await understood(speech, phone.sound(asked))
            assert verbs((await phone.post("/voice?profile=shop"))[1]) == ["Hangup"]
        call = await ended(worker, since)
    assert "thank you for calling" in last and last.rstrip(". ").endswith("bye"), last
    assert (call.end_reason, call.connection_losses) == ("caller_goodbye", 0)


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(180)
async def test_keys_reach_the_agent_and_a_final_status_ends_the_call(worker: RunningWorker) -> None:
    """Keys are a turn of the caller's as they are over SIP; a call that Twilio says is completed ends at once, though
    no stop came."""
    since = datetime.now(UTC)
    async with line_to(worker) as base:
        phone = TwilioPhone(base, PUBLIC, TOKEN, number="anonymous")
        async with phone.calling():
            await phone.until(speaks(), ANSWER_S, "the greeting")
            await phone.until(is_silent(), ANSWER_S, "the greeting's end")
            asked = phone.now
            for key in "4571#":
                await phone.press(key)
            await phone.until(speaks(asked), ANSWER_S, "an answer to the keys")
            await phone.post("/call-status", CallStatus="in-progress")
            assert not phone.is_closed.is_set()
            await phone.post("/call-status", CallStatus="completed")
            await asyncio.wait_for(phone.is_closed.wait(), ANSWER_S)
        call = await ended(worker, since)
    assert (call.end_reason, call.turns) == ("caller_left", 1)
