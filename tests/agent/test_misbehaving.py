"""A large model may do what it likes: no caller hears its notation, waits in silence, or has something done unasked."""

import asyncio
from collections import defaultdict
from pathlib import Path

import pytest

from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import Caller, Samples
from evals.misbehaving import SILENCE_S, Report, Verdict, measure
from evals.onset import onset_s
from evals.servers import LiveKit, end, start_worker
from tests.agent.calls import greeted, profiles_with, spoken
from tests.fakes.calls import shop
from tests.fakes.loopback import listening
from tests.fakes.misbehaving_server import Behaviour, MisbehavingServer
from tests.fakes.misbehaviours import MISBEHAVIOURS, WRITES, fails, hangs

WAYS = [way.name for way in MISBEHAVIOURS]


@pytest.fixture(scope="module")
def report() -> Report:
    """Each way in a call of its own, several at once."""
    return asyncio.run(measure())


@pytest.fixture
def verdict(report: Report, way: str) -> Verdict:
    """Of one way."""
    return next(one for one in report.verdicts if one.way.name == way)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("way", WAYS)
def test_no_silence_is_long(verdict: Verdict) -> None:
    """Before the answer and in it, in each turn."""
    assert verdict.silence_s <= SILENCE_S, verdict


@pytest.mark.timeout(240)
@pytest.mark.parametrize("way", WAYS)
def test_no_word_is_spoken_that_was_not_meant_for_ears(verdict: Verdict) -> None:
    """Nor captioned, nor remembered."""
    assert not verdict.leaked, verdict


@pytest.mark.timeout(240)
@pytest.mark.parametrize("way", WAYS)
def test_what_can_be_said_is_said(verdict: Verdict) -> None:
    """The sentence beside the notation, what a tool found out, the apology, the goodbye."""
    assert not verdict.missed, verdict


@pytest.mark.timeout(240)
def test_nothing_is_written_that_nobody_asked_for(report: Report) -> None:
    """Not a row of the shop is another one afterwards."""
    assert report.writes == 0


@pytest.mark.timeout(120)
def test_nothing_is_written_before_the_callers_yes() -> None:
    """The model knows number and postal code, asks nobody and goes ahead."""
    assert asyncio.run(measure(WRITES)).writes == 0


@pytest.mark.needs("livekit-server")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("behaviour", [hangs, fails(500)], ids=["hangs", "fails"])
async def test_a_caller_in_a_room_hears_an_apology_each_time(
    behaviour: Behaviour, livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient
) -> None:
    """At the caller's own ear, from the last spoken word to the apology; the third one is the goodbye."""
    question = await voices.agents(speech, "Where is my order number four five seven one?")
    server = MisbehavingServer(behaviours=defaultdict(lambda: behaviour))
    async with listening(server.application()) as address:
        llm = {"name": "openai", "options": {"base_url": f"http://{address}/v1", "model": "fake"}}
        profiles = profiles_with(tmp_path, providers={"llm": llm}, router={"enabled": False})
        worker = await asyncio.to_thread(
            start_worker, livekit_server, tmp_path, agent_name="misled", PARLEY_PROFILES_DIR=profiles
        )
        try:
            async with worker.join() as caller:
                await greeted(caller)
                sentences = shop().sentences
                for expected in (sentences.apology, sentences.apology, sentences.out_of_order):
                    assert await silence_s(caller, question) <= SILENCE_S, caller.transcript()
                    assert spoken(caller)[-1].endswith(expected), caller.transcript()
                await asyncio.wait_for(caller.is_disconnected.wait(), 20)
        finally:
            await asyncio.to_thread(end, worker.process)


async def silence_s(caller: Caller, question: Samples) -> float:
    """Say it; how long nothing is heard then, in seconds."""
    before = len(spoken(caller))
    ended_at = await caller.say(question)
    await caller.until(lambda c: len(spoken(c)) > before, 30, "an answer")
    onset = onset_s(caller.agent_spoke_since(ended_at), 48_000)
    assert onset is not None, caller.transcript()
    return onset
