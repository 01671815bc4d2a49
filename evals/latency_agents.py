"""The agents that `evals latency` calls in turn, each a worker of its own: ours in each mode, and the plain one."""

import asyncio
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from pathlib import Path

from agent.config import ROOT, Settings
from agent.profile.profile import load_profile
from agent.providers.local.speech_client import SpeechClient
from evals.figures import AgentName
from evals.modes import ModeName, realtime_rig, rewrite
from evals.realtime_mind import RealtimeMind
from evals.servers import LiveKit, NotStarted, RunningWorker, end, start_worker
from tests.rig.content import Heard, Known, Mind
from tests.rig.rig import KEYS, running

ANSWER_WORDS = 6  # an answer ends with the sentence that reaches so many
REPLY = "Yes, I can do that for you."  # of an LLM that thinks of nothing
OF_MODE: dict[ModeName, AgentName] = {"pipeline": "ours", "realtime": "realtime"}

Variables = dict[AgentName, dict[str, str]]  # of each agent's worker, in the order in which they are called


def wanted(turns: int, plain_turns: int | None, modes: Sequence[ModeName]) -> dict[AgentName, int]:
    """How many turns of each agent, in the order in which they are called. Without modes it is ours and the plain
    agent; with modes the plain agent is called only if its turns are asked for."""
    ours: dict[AgentName, int] = {OF_MODE[mode]: turns for mode in modes} or {"ours": turns}
    has_plain = bool(plain_turns) or not modes
    return ours | ({"plain": plain_turns or turns} if has_plain else {})


@asynccontextmanager
async def surroundings(
    folder: Path, speech: SpeechClient, agents: Sequence[AgentName], *, has_llm: bool
) -> AsyncIterator[Variables]:
    """What the agents' workers need, for as long as the block runs, and the variables that tell them. With `has_llm` a
    mind that thinks in no time answers in both modes, on loopback behind the real plugin: what is left is ours."""
    profiles = short_answers(folder)
    variables = {"PARLEY_PROFILES_DIR": str(profiles)}
    async with AsyncExitStack() as stack:
        if has_llm:
            variables |= await stack.enter_async_context(_thinking(profiles))
        found: Variables = dict.fromkeys(agents, variables)
        if "realtime" in agents:
            own = folder / "realtime"
            shutil.copytree(profiles, own / "profiles")
            mind = _reply if has_llm else await _mind(profiles, speech)
            rig = await stack.enter_async_context(realtime_rig(own / "profiles", speech, mind))
            found["realtime"] = variables | rig
        yield found


def _reply(_: Heard) -> str:
    return REPLY


async def _mind(profiles: Path, speech: SpeechClient) -> Mind:
    """Who thinks for the profile that the workers serve first. Raises ConfigError and ProviderError."""
    return await RealtimeMind.of(load_profile(Settings.load().profile, profiles), speech)


@asynccontextmanager
async def _thinking(profiles: Path) -> AsyncIterator[dict[str, str]]:
    """An LLM that has its answer at once, named by the profiles; the variables by which it is reached."""
    async with running(Known(), _reply) as rig:
        mind = {"name": "openai", "options": {"base_url": rig.url("llm", "openai")}}
        chosen = {"stt": ["local"], "llm": [mind, "local"], "tts": ["local"]}
        rewrite(profiles, lambda written: written | {"providers": chosen})
        yield {"OPENAI_API_KEY": KEYS["OPENAI_API_KEY"]}


async def started(
    livekit: LiveKit, folder: Path, stack: ExitStack, variables: Variables
) -> dict[AgentName, RunningWorker]:
    """The workers; the stack ends them. A start that is given up is waited for: nothing may stay behind."""
    print(f"starting {len(variables)} workers", flush=True)
    given_up = threading.Event()
    starting = asyncio.create_task(asyncio.to_thread(_start, livekit, folder, stack, given_up.is_set, variables))
    try:
        await asyncio.wait([starting])  # unlike `await starting`, its cancellation is not the start's
    except asyncio.CancelledError:
        given_up.set()
        with suppress(NotStarted):
            await starting
        raise
    return starting.result()


def _start(
    livekit: LiveKit, folder: Path, stack: ExitStack, is_given_up: Callable[[], bool], variables: Variables
) -> dict[AgentName, RunningWorker]:
    found: dict[AgentName, RunningWorker] = {}
    for agent, own in variables.items():
        found[agent] = _worker(livekit, folder, agent, is_given_up, own)
        stack.callback(end, found[agent].process)
    return found


def _worker(
    livekit: LiveKit, folder: Path, agent: AgentName, is_given_up: Callable[[], bool], own: Mapping[str, str]
) -> RunningWorker:
    """Ours in realtime mode keeps its files apart: what a call finds out of its providers is for that mode's calls."""
    if agent == "plain":
        command = (sys.executable, "-m", "evals.plain_agent", "dev")
        return start_worker(livekit, folder, agent_name=agent, command=command, is_given_up=is_given_up, **own)
    place = folder / agent if agent == "realtime" else folder
    return start_worker(livekit, place, agent_name=agent, is_given_up=is_given_up, PARLEY_CAPACITY="20", **own)


def short_answers(folder: Path) -> Path:
    """The profiles with answers that end after their first sentence: what follows it says nothing of how soon it came,
    and takes two thirds of a run."""
    profiles = folder / "profiles"
    shutil.copytree(ROOT / "profiles", profiles)
    for path in profiles.glob("*/profile.yaml"):
        text = path.read_text(encoding="utf-8")
        limits = f"limits:\n  max_reply_words: {ANSWER_WORDS}\n"
        path.write_text(text.replace("limits:\n", limits) if "\nlimits:\n" in text else text + limits, encoding="utf-8")
    return profiles
