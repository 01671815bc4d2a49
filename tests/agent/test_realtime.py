"""A spoken call in realtime mode: OpenAI's real plugin and its protocol on the rig, and the pipeline when that dies."""

import asyncio
from pathlib import Path

import pytest

from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.records import columns, snapshot
from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ask, greeted, heard, kinds, profiles_with
from tests.rig.content import Models, Rules, Wish
from tests.rig.faults import Fault
from tests.rig.rig import KEYS, Rig, running

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(300)]

ORDER = Wish("lookup_order", '{"order_number": "4573", "email": ""}')
RETURN = Wish("start_return", '{"order_number": "4573", "postal_code": "80203"}')
MIND = Rules([("where|order", ORDER), ("send|back|return|yes", RETURN)], "How can I help?")
SAID = ("Where is order four five seven three?", "I want to send it back.", "Yes, please.")


def serve(livekit: LiveKit, folder: Path, rig: Rig) -> RunningWorker:
    """A worker whose shop answers speech with speech; behind that stands what needs no key."""
    profiles = profiles_with(
        folder, mode="realtime", providers={"realtime": rig.choice("realtime", "openai").model_dump()}
    )
    return start_worker(livekit, folder, agent_name="realtime", PARLEY_PROFILES_DIR=profiles, PARLEY_PROFILE="shop")


async def test_a_call_in_realtime_goes_on_as_a_pipeline_when_the_socket_dies(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool is asked and its answer heard in the model's sound; what changes something is read back and done once
    after the yes; then the socket dies, and the local mind answers in the same call, and knows its history."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    where, back, yes = [await voices.agents(speech, text) for text in SAID]
    async with running(Models(speech), MIND) as rig:
        worker = await asyncio.to_thread(serve, livekit_server, tmp_path, rig)
        try:
            async with worker.join() as caller:
                await greeted(caller)
                asked_at = caller.now
                assert "order 4573" in (await ask(caller, where)).lower(), caller.transcript()
                await caller.until(lambda c: c.agent_state != "speaking", 30, "the end of the answer")
                assert "order" in (await heard(caller, speech, asked_at)).lower()
                shop = f"sqlite:///{worker.var}/shop.db"
                assert "order_returns" in columns()
                before = await asyncio.to_thread(snapshot, shop)
                assert "Shall I start a return" in await ask(caller, back), caller.transcript()
                assert before == await asyncio.to_thread(snapshot, shop)
                await ask(caller, yes)
                assert [event["outcome"] for event in kinds(caller, "tool_returned")] == ["ok", "asked", "ok"]
                after = await asyncio.to_thread(snapshot, shop)
                assert [row["order_number"] for row in after["order_returns"]] == ["4573"]
                await rig.openai.fail(Fault.RESET)
                assert "order 4573" in (await ask(caller, where)).lower(), caller.transcript()
                replaced = [(event["provider"], event["by"]) for event in kinds(caller, "provider_replaced")]
                assert replaced == [("openai/gpt-realtime", "pipeline")]
        finally:
            await asyncio.to_thread(end, worker.process)
    committed = [event for event in rig.openai.realtime.events if event["type"] == "input_audio_buffer.commit"]
    assert len(committed) == 3 and KEYS["OPENAI_API_KEY"] not in worker.logged()
