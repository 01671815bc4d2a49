"""Spoken calls with a tool, each with other providers' real plugins: on the rig, and with `-m keys` in the cloud.

On the rig the local models hear and speak behind the vendors' protocols, and a rule thinks: what it asks for is done by
our real tool, and said again in its words.
"""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from agent.config import ROOT
from agent.providers import catalog
from agent.providers.catalog import ROLES, Role
from agent.providers.local.local_models import Option
from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import Samples
from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ask, greeted, heard, kinds
from tests.rig.content import Heard, Models, Rules, Wish
from tests.rig.rig import KEYS, Rig, running

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(300)]

QUESTION, SUNDAY = "Where is order four five seven one?", "What are your opening hours on Sunday?"
RULES = Rules(
    [
        ("sunday|opening", "On Sunday we are open, too."),
        ("order|4571|four", Wish("lookup_order", '{"order_number": "4571", "email": ""}')),
    ]
)


def mind(heard: Heard) -> str | Wish:
    """Thinks by the rules, and says only the beginning of what a tool has answered."""
    answer = RULES(heard)
    return answer.partition(",")[0] if isinstance(answer, str) and heard.said[-1][0] == "tool" else answer


# Every provider of the catalog that is not local is in one of them. The three that our users named are the first.
LINE_UPS: Mapping[str, tuple[str, str, str]] = {
    "named": ("deepgram", "openai", "cartesia"),
    "others": ("deepgram-flux", "anthropic", "elevenlabs"),
    "mixed": ("cartesia", "anthropic", "deepgram"),
    "whole": ("openai", "openai", "openai"),
    "own": ("speaches", "ollama", "speaches"),
    "half": ("moonshine", "vllm", "hibari"),
}
PATIENT = {"answer_within_s": 20}  # a busy machine is slow, not wrong
PAID = [name for name in LINE_UPS if name not in {"own", "half"}]


def profiles_in(folder: Path, line_ups: Mapping[str, Mapping[Role, object]]) -> str:
    """The shop under each of these names, with these providers; its router sends everything to the LLM."""
    for name, providers in line_ups.items():
        shutil.copytree(ROOT / "profiles" / "shop", folder / name)
        path = folder / name / "profile.yaml"
        shop = yaml.safe_load(path.read_text())
        own = {"name": name, "providers": dict(providers), "router": {"enabled": False}, "limits": PATIENT}
        own["sentences"] = shop["sentences"] | {"greeting": "Hello there."}
        path.write_text(yaml.safe_dump(shop | own, sort_keys=False))
    return str(folder)


def on(rig: Rig, names: Sequence[str]) -> dict[Role, object]:
    """These providers, as a profile says them, reached on the rig."""
    options: dict[str, dict[str, Option]] = {"vllm": {"model": "my-model"}}
    return {
        role: name
        if catalog.entries(role)[name].is_local
        else rig.choice(role, name, **options.get(name, {})).model_dump()
        for role, name in zip(ROLES, names, strict=True)
    }


def test_every_provider_that_is_not_local_is_in_a_call() -> None:
    """A vendor that is added here is talked with."""
    known = {(role, name) for role in ROLES for name, entry in catalog.entries(role).items() if not entry.is_local}
    assert known <= {(role, name) for names in LINE_UPS.values() for role, name in zip(ROLES, names, strict=True)}


async def test_each_provider_holds_a_spoken_call_with_a_tool(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heard, looked up, and heard again at the caller's ear, with each of the line-ups. Whoever hears and speaks, the
    LLM is told the passage that answers. No key is logged."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    question, sunday = await voices.agents(speech, QUESTION), await voices.agents(speech, SUNDAY)
    async with running(Models(speech), mind) as rig:
        folder = profiles_in(tmp_path / "profiles", {name: on(rig, names) for name, names in LINE_UPS.items()})
        worker = await asyncio.to_thread(serve, livekit_server, tmp_path, folder)
        try:
            everybody = list(LINE_UPS)
            for pair in zip(everybody[::2], everybody[1::2], strict=True):  # two cores hear and speak for all
                await asyncio.gather(*(talks(worker, name, question, speech) for name in pair))
            async with worker.join(profile="named") as caller:
                await greeted(caller)
                assert "Sunday" in await ask(caller, sunday)
        finally:
            await asyncio.to_thread(end, worker.process)
    told = [text for text in map(str, notes_of(rig)) if "Passages that may answer" in text and "unday" in text]
    assert told and not [key for key in KEYS.values() if key in worker.logged()]
    assert '"livekit.plugins.elevenlabs"' in worker.logged()  # imported once, where job processes fork from
    for service in rig.services:
        assert {asked.key for asked in service.asked} <= {*KEYS.values(), "none", ""}


def notes_of(rig: Rig) -> list[object]:
    """What OpenAI's LLM was told last, besides what was said."""
    messages = rig.openai.asked[-1].body.get("messages", [])
    return [message["content"] for message in messages if message["role"] in {"system", "developer"}]


@pytest.mark.keys
@pytest.mark.parametrize("name", PAID)
async def test_the_cloud_holds_a_spoken_call_with_a_tool(
    livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient, cloud_keys: dict[str, str], name: str
) -> None:
    """The same, asked of the vendors themselves."""
    entries = [catalog.entries(role)[one] for role, one in zip(ROLES, LINE_UPS[name], strict=True)]
    if missing := {entry.key for entry in entries} - set(cloud_keys):
        pytest.skip(f"not set: {', '.join(sorted(missing))}")
    providers: dict[Role, object] = dict(zip(ROLES, LINE_UPS[name], strict=True))
    folder = profiles_in(tmp_path / "profiles", {name: providers})
    worker = await asyncio.to_thread(serve, livekit_server, tmp_path, folder)
    try:
        await talks(worker, name, await voices.agents(speech, QUESTION), speech)
    finally:
        await asyncio.to_thread(end, worker.process)


def serve(livekit: LiveKit, folder: Path, profiles: str) -> RunningWorker:
    """A worker that answers for every profile of that folder, the first for who names none."""
    names = [name for name in LINE_UPS if (Path(profiles) / name).is_dir()]
    return start_worker(
        livekit,
        folder,
        agent_name="vendors",
        PARLEY_PROFILES_DIR=profiles,
        PARLEY_PROFILE=names[0],
        PARLEY_PROFILES=",".join(names),
    )


async def talks(worker: RunningWorker, profile: str, question: Samples, speech: SpeechClient) -> None:
    """One call: the greeting, a question that needs the tool, and its answer as a person hears it. A busy machine tears
    holes into speech: whoever did not understand asks again, once."""
    async with worker.join(profile=profile) as caller:
        await greeted(caller)
        for _ in range(2):
            asked_at = caller.now
            answer = await ask(caller, question)
            await caller.until(lambda c: c.agent_state != "speaking", 30, "the end of the answer")
            understood = (await heard(caller, speech, asked_at)).lower()
            if "order" in understood:
                break
    called = kinds(caller, "tool_returned")
    assert {call["tool"] for call in called} == {"lookup_order"}, (profile, answer)
    assert "order" in answer.lower() and "order" in understood, (profile, answer, understood)
