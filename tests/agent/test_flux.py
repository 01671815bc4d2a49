"""Whole calls whose STT is Deepgram's Flux: the real plugin, a server of its protocol on loopback, our turn-taking."""

import asyncio
from pathlib import Path

import pytest

from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.mixing import with_pause
from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ask, greeted, kinds, profiles_with, spoken
from tests.fakes.flux_server import FluxServer, serving

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(180)]

PARK = "Where can I park?"
SUNDAY = "I'd like to know when you are open on Sunday."
BEGUN = "I'd like to know when"


def with_flux(livekit: LiveKit, folder: Path, flux: FluxServer) -> RunningWorker:
    """A worker whose shop hears through that server."""
    stt = {"name": "deepgram-flux", "options": {"base_url": flux.base_url}}
    profiles = profiles_with(folder, providers={"stt": stt})
    return start_worker(livekit, folder, agent_name="flux", PARLEY_PROFILES_DIR=profiles)


async def test_answers_are_prepared_at_the_eager_end_and_a_wrong_guess_is_never_heard(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient
) -> None:
    """A plain question is answered out of what was prepared; a pause in mid-sentence begins an answer that nobody
    hears, and the whole sentence is one turn."""
    park = await voices.agents(speech, PARK)
    sunday = with_pause(await voices.agents(speech, SUNDAY), await voices.agents(speech, BEGUN), 0.6)
    async with serving(FluxServer([(PARK,), (BEGUN, SUNDAY)])) as flux:
        worker = await asyncio.to_thread(with_flux, livekit_server, tmp_path, flux)
        try:
            async with worker.join() as caller:
                await greeted(caller)
                parking, opening = await ask(caller, park), await ask(caller, sunday)
                captions = [caption.text for caption in caller.captions if caption.is_final and not caption.is_agent]
                prepared = kinds(caller, "turn_ended")
                answers = spoken(caller)
        finally:
            await asyncio.to_thread(end, worker.process)
    assert ("park" in parking, "Sunday" in opening) == (True, True)
    assert captions == [PARK, SUNDAY]
    assert len(answers) == 3  # with the greeting
    assert all(turn["was_prepared"] for turn in prepared)
    assert ("EagerEndOfTurn", BEGUN) in flux.told
    assert [text for event, text in flux.told if event == "EndOfTurn"] == [PARK, SUNDAY]
    (query, key) = flux.asked[0]
    assert (query["model"], query["eager_eot_threshold"], key) == ("flux-general-en", "0.5", "Token none")
