"""Spoken calls with a tool, each with other providers' real plugins: on the rig, and with `-m keys` in the cloud.

On the rig the local models hear and speak behind the vendors' protocols, and a rule thinks: what it asks for is done by
our real tool, and said again in its words.
"""

import asyncio
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import yaml

from agent.config import ROOT
from agent.providers import catalog
from agent.providers.catalog import ROLES, Role
from agent.providers.speech import SpeechClient
from evals import voices
from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ask, greeted, heard, kinds
from tests.rig.content import Models, Rules, Wish
from tests.rig.rig import KEYS, Rig, running

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(240)]

QUESTION = "Where is order four five seven one?"
MIND = Rules([(r"order|4571|four", Wish("lookup_order", '{"order_number": "4571", "email": ""}'))])
# Every provider of the catalog that is not local is in one of them. The three that our users named are the first.
LINE_UPS: Mapping[str, tuple[str, str, str]] = {
    "named": ("deepgram", "openai", "cartesia"),
    "others": ("deepgram-flux", "anthropic", "elevenlabs"),
    "mixed": ("cartesia", "ollama", "deepgram"),
    "whole": ("openai", "vllm", "openai"),
    "own": ("speaches", "openai", "speaches"),
}


def profiles_in(folder: Path, line_ups: Mapping[str, Mapping[Role, object]]) -> str:
    """The shop under each of these names, with these providers; its router sends everything to the LLM."""
    for name, providers in line_ups.items():
        shutil.copytree(ROOT / "profiles" / "shop", folder / name)
        path = folder / name / "profile.yaml"
        own = {"name": name, "providers": dict(providers), "router": {"enabled": False}}
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | own, sort_keys=False))
    return str(folder)


def on(rig: Rig, names: Sequence[str]) -> dict[Role, object]:
    """These providers, as a profile says them, reached on the rig."""
    options = {"vllm": {"model": "my-model"}}
    chosen = {role: rig.choice(role, name, **options.get(name, {})) for role, name in zip(ROLES, names, strict=True)}
    return {role: choice.model_dump() for role, choice in chosen.items()}


def test_every_provider_that_is_not_local_is_in_a_call() -> None:
    """A vendor that is added here is talked with."""
    known = {(role, name) for role in ROLES for name, entry in catalog.entries(role).items() if not entry.is_local}
    assert known == {(role, name) for names in LINE_UPS.values() for role, name in zip(ROLES, names, strict=True)}


async def test_each_provider_holds_a_spoken_call_with_a_tool(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient
) -> None:
    """Heard, looked up, and heard again at the caller's ear, with each of the line-ups."""
    question = await voices.agents(speech, QUESTION)
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(running(Models(speech), MIND))
        folder = profiles_in(tmp_path / "profiles", {name: on(rig, names) for name, names in LINE_UPS.items()})
        worker = await asyncio.to_thread(serve, livekit_server, tmp_path, folder, KEYS)
        stack.callback(end, worker.process)
        for name in LINE_UPS:
            await talks(worker, name, question, speech)
        assert not [key for key in KEYS.values() if key in worker.logged()]
    for service in rig.services:
        assert {asked.key for asked in service.asked if asked.key} <= {*KEYS.values(), "none"}


async def test_knowledge_reaches_a_large_model_whoever_hears_and_speaks(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient
) -> None:
    """No local STT or TTS runs, and yet the model is told the passage that answers; a key that is rotated in
    mid-call leaves that call alone, and the next one has it."""
    question = await voices.agents(speech, "What are your opening hours on Sunday?")
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(running(Models(speech), Rules(otherwise="We are open on Sunday.")))
        folder = profiles_in(tmp_path / "profiles", {"named": on(rig, LINE_UPS["named"])})
        worker = await asyncio.to_thread(serve, livekit_server, tmp_path, folder, KEYS)
        stack.callback(end, worker.process)
        async with worker.join() as caller:
            await greeted(caller)
            await ask(caller, question)
    asked = rig.openai.asked[0].body
    told = [message["content"] for message in asked["messages"] if message["role"] in {"system", "developer"}]
    assert [text for text in told if "Passages that may answer" in str(text) and "unday" in str(text)]


@pytest.fixture
def cloud(livekit_server: LiveKit, tmp_path: Path, cloud_keys: dict[str, str]) -> Iterator[tuple[RunningWorker, str]]:
    """A worker whose shop is `auto`, with the keys of whoever runs the tests, and which line-up that is."""
    if not cloud_keys:
        pytest.skip("no key of a provider is set")
    providers = dict.fromkeys(ROLES, "auto")
    worker = serve(livekit_server, tmp_path, profiles_in(tmp_path / "profiles", {"named": providers}), cloud_keys)
    yield worker, "named"
    end(worker.process)


@pytest.mark.keys
async def test_the_cloud_holds_a_spoken_call_with_a_tool(
    cloud: tuple[RunningWorker, str], speech: SpeechClient
) -> None:
    """The same, asked of the vendors themselves."""
    worker, name = cloud
    await talks(worker, name, await voices.agents(speech, QUESTION), speech)


def serve(livekit: LiveKit, folder: Path, profiles: str, keys: Mapping[str, str]) -> RunningWorker:
    """A worker that answers for every profile of that folder, the first for who names none."""
    names = [name for name in LINE_UPS if (Path(profiles) / name).is_dir()]
    return start_worker(
        livekit,
        folder,
        agent_name="vendors",
        PARLEY_PROFILES_DIR=profiles,
        PARLEY_PROFILE=names[0],
        PARLEY_PROFILES=",".join(names),
        **keys,
    )


async def talks(worker: RunningWorker, profile: str, question: voices.Samples, speech: SpeechClient) -> None:
    """One call: the greeting, a question that needs the tool, and its answer as a person hears it."""
    async with worker.join(profile=profile) as caller:
        await greeted(caller)
        asked_at = caller.now
        answer = await ask(caller, question)
        await caller.until(lambda c: c.agent_state != "speaking", 30, "the end of the answer")
        understood = (await heard(caller, speech, asked_at)).lower()
    called = kinds(caller, "tool_returned")
    assert [call["tool"] for call in called] == ["lookup_order"], (profile, answer)
    assert "order" in answer.lower() and "order" in understood, (profile, answer, understood)
