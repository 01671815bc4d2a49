"""What `evals faults` plays on: livekit-server, the rig, a worker, ours or the plain one, with its providers there."""

import asyncio
import contextlib
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import yaml

from agent.config import ROOT
from agent.providers.chain.llm import GO_ON
from agent.providers.local.speech_client import SOCKET_VARIABLE, SpeechClient
from evals import voices
from evals.caller import RATE, Samples
from evals.fault_calls import Question
from evals.modes import KEY_VARIABLE, in_realtime
from evals.onset import trimmed
from evals.servers import LiveKit, NotStarted, RunningWorker, end, running_livekit, running_speech, start_worker
from tests.rig.content import Heard, Models, Rules, Wish
from tests.rig.rig import KEYS, Rig, running

SOCKET = "s.sock"  # that of running_speech
ROLES = {"stt": "deepgram", "llm": "openai", "tts": "cartesia"}
SECONDS = {"llm": "anthropic", "tts": "elevenlabs"}  # who stands behind them, before the local ones
REALTIME = "realtime"  # one model hears, thinks and speaks; behind it stands a pipeline that is not its vendor's
PLAYED = ROLES | {REALTIME: "openai"}
ANSWER = (
    "You can return anything within thirty days, as long as it is unused and in its box. "
    "We pay the money back to the card that you have paid with."
)
HOURS = "We are open from nine to five."
TOLD_BY = (("return", "thirty", "unused", "box"), ("money", "back", "card", "paid"))


def mind(heard: Heard) -> str | Wish:
    """The answer, or the rest of one that broke off."""
    said = [
        (role, text.strip())
        for role, text in heard.said
        if role in {"user", "assistant", "tool"} and GO_ON not in text  # which Anthropic's plugin sends as the caller's
    ]
    if said and said[-1][0] == "assistant" and ANSWER.startswith(said[-1][1]):
        return ANSWER[len(said[-1][1]) :].strip()
    return Rules([("return", ANSWER), ("hours", HOURS)], "How can I help?")(heard)


@dataclass(frozen=True, slots=True)
class Stage:
    """All that calls are made with; `speech` speaks for the caller and hears what was answered."""

    worker: RunningWorker
    rig: Rig
    speech: SpeechClient
    asked: tuple[Question, Question]

    async def hear(self, sound: Samples) -> str:
        """The words in what the caller heard, by Moonshine."""
        return await Models(self.speech).hear(trimmed(sound, RATE).tobytes(), RATE)


@asynccontextmanager
async def set_up(*, is_plain: bool = False, is_realtime: bool = False) -> AsyncIterator[Stage]:
    """Everything, for as long as the block runs; `is_realtime` has a worker in realtime mode. Raises NotStarted."""
    with tempfile.TemporaryDirectory(prefix="parley-") as name:
        folder = Path(name)
        async with contextlib.AsyncExitStack() as stack:
            speech = await stack.enter_async_context(_speech(folder, is_plain=is_plain))
            livekit = stack.enter_context(running_livekit(folder))
            models = Models(speech)
            rig = await stack.enter_async_context(running(models, mind))
            made = answering(livekit, folder, rig, is_plain=is_plain, is_realtime=is_realtime)
            worker = await stack.enter_async_context(made)
            for sentence in (HOURS, *re.split(r"(?<=\.) ", ANSWER)):
                await models.speak(sentence, RATE)
            yield Stage(worker, rig, speech, await questions(speech))


async def questions(speech: SpeechClient) -> tuple[Question, Question]:
    """A short one, and one that is long enough for a fault in its middle."""
    short = "What are your opening hours?"
    long = "Please tell me, what is your policy on a return of something that I bought?"
    return (
        Question(await voices.agents(speech, short), ("opening", "hours"), (("open", "nine", "five"),)),
        Question(await voices.agents(speech, long), ("policy", "return", "bought"), TOLD_BY),
    )


def profiles_of(folder: Path, rig: Rig, *, is_realtime: bool = False) -> Path:
    """The shop with the three vendors first, and without what spares a large model its turns; in realtime mode with the
    pipeline behind, in which another vendor thinks."""
    profiles = folder / "profiles"
    shutil.copytree(ROOT / "profiles", profiles)
    path = profiles / "shop" / "profile.yaml"
    written: dict[str, Any] = yaml.safe_load(path.read_text())
    failing = {PLAYED[REALTIME]} if is_realtime else set()
    vendors = {role: [name for name in named(role) if name not in failing] for role in ROLES}
    chosen = {role: [*(_at(rig, role, name) for name in names), "local"] for role, names in vendors.items()}
    sections = {"providers": chosen, "router": {"enabled": False}, "cache": {"enabled": False}}
    sentences = written["sentences"] | {"greeting": "Hello, this is Acme. How can I help?"}
    profile = written | sections | {"sentences": sentences}
    profile = in_realtime(profile, rig) if is_realtime else profile
    path.write_text(yaml.safe_dump(profile, sort_keys=False))
    return profiles


def named(role: str) -> list[str]:
    """The vendors of that role, in their order."""
    return [vendors[role] for vendors in (ROLES, SECONDS) if role in vendors]


def minds() -> list[str]:
    """Those that think for money."""
    return named("llm")


def _at(rig: Rig, role: str, name: str) -> dict[str, Any]:
    return {"name": name, "options": {"base_url": rig.url(role, name)}}  # type: ignore[arg-type]  # the three roles


@asynccontextmanager
async def answering(
    livekit: LiveKit, folder: Path, rig: Rig, *, is_plain: bool, is_realtime: bool = False
) -> AsyncIterator[RunningWorker]:
    """Parley, or the plain agent, with the rig's providers."""
    own = folder / ("plain" if is_plain else "parley")
    own.mkdir()
    profiles = profiles_of(own, rig, is_realtime=is_realtime)
    variables = KEYS | {"PARLEY_PROFILES_DIR": str(profiles), "PARLEY_PROFILE": "shop"}
    variables |= {KEY_VARIABLE: KEYS["OPENAI_API_KEY"]} if is_realtime else {}
    command = [sys.executable, "agent.py", "dev", "--no-reload"]
    if is_plain:
        command = [sys.executable, "-m", "evals.plain_agent", "dev"]
        variables |= {SOCKET_VARIABLE: str(folder / SOCKET)}
    name = "plain" if is_plain else "parley"
    start = partial(start_worker, livekit, own, agent_name=name, command=command, **variables)  # type: ignore[arg-type]
    worker = await asyncio.to_thread(start)
    try:
        if not is_plain:
            (folder / SOCKET).symlink_to(_socket_of(worker))
        yield worker
    finally:
        await asyncio.to_thread(end, worker.process)


@asynccontextmanager
async def _speech(folder: Path, *, is_plain: bool) -> AsyncIterator[SpeechClient]:
    """Who speaks for the caller and behind the rig: the worker's own speech process, once it is there; the plain agent
    has none."""
    if is_plain:
        async with running_speech(folder) as speech:
            yield speech
        return
    client = SpeechClient(folder / SOCKET, return_timeout_s=60.0)
    yield client
    await client.aclose()


def _socket_of(worker: RunningWorker) -> str:
    """Of its speech process."""
    for child in psutil.Process(worker.process.pid).children(recursive=True):
        words = child.cmdline()
        if "agent.providers.local.speech_process" in words:
            return words[words.index("--socket") + 1]
    raise NotStarted("the worker has no speech process")
