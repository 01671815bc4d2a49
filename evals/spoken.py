"""Spoken scenarios as calls: hibari says the caller's lines to a worker over a livekit-server, and what was called,
said and written is judged."""

import asyncio
import json
import wave
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from agent.events import EndReason
from agent.profile.profile import Profile
from agent.providers.chains import PIPELINE
from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import RATE, Caller, Samples
from evals.expecting import Made, Outcome, Played, failures, holds, lasting
from evals.playing import Stage
from evals.records import columns, snapshot
from evals.scenario import Script, load_scripts
from evals.servers import LiveKit, RunningWorker, end, running_livekit, running_speech, start_worker

VOICE = voices.Voice("heart", "hibari")
GREETING_WITHIN_S = 30.0
ANSWER_WITHIN_S = 12.0
QUIET_S = 1.0  # of the agent, before the caller goes on
ENDS_WITHIN_S = 10.0  # after a goodbye
TRIES = 3  # whoever is asked to say it again does so
EVENTS_S = 0.5
AGAIN = ("sentences.say_again", "sentences.not_understood")


@dataclass(frozen=True, slots=True)
class Conversation:
    """A scenario that was played: all that was not as written, and what of it outlasts the call (expecting.lasting).
    `is_by_pipeline` is of realtime mode: the pipeline answered at least once instead of the model."""

    name: str
    wrong: Sequence[str]
    lasting: Sequence[str]
    is_by_pipeline: bool = False


@dataclass(frozen=True, slots=True)
class Servers:
    """What conversations are played with: `speech` says the caller's lines; recordings go to `out`."""

    livekit: LiveKit
    speech: SpeechClient
    out: Path


@asynccontextmanager
async def serving(folder: Path, out: Path) -> AsyncIterator[Servers]:
    """livekit-server and a speech process, for as long as the block runs. Raises NotStarted and ProviderError."""
    with running_livekit(folder) as livekit:
        async with running_speech(folder) as speech:
            yield Servers(livekit, speech, out)


def scripts_of(profile: Profile, only: str) -> list[Script]:
    """The profile's spoken scenarios whose name holds `only`, the first wording of each. Raises ConfigError."""
    scripts = [s for s in load_scripts(profile, columns()) if s.scenario.spoken and only.lower() in s.name.lower()]
    return list({script.name: script for script in reversed(scripts)}.values())


async def play(
    scripts: Sequence[Script],
    profile: Profile,
    servers: Servers,
    folder: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
    mark: str = "",
) -> list[Conversation]:
    """These conversations, with a worker of its own that has databases seeded today and those variables; its files are
    in `folder`. `mark` is what output and recordings say of it."""
    if not scripts:
        return []
    print(f"\n{profile.name}{mark}: starting its worker", flush=True)
    worker = await asyncio.to_thread(_start, servers.livekit, folder, profile.name, variables)
    try:
        return [await _conversation(script, profile, worker, servers, mark) for script in scripts]
    finally:
        await asyncio.to_thread(end, worker.process)


def _start(livekit: LiveKit, folder: Path, profile: str, variables: Mapping[str, str]) -> RunningWorker:
    folder.mkdir(parents=True, exist_ok=True)
    own = {"PARLEY_PROFILE": profile, **variables}
    return start_worker(livekit, folder, **own)  # type: ignore[arg-type]  # they are the environment's


async def _conversation(
    script: Script, profile: Profile, worker: RunningWorker, servers: Servers, mark: str
) -> Conversation:
    """One call from the greeting to the end."""
    url = f"sqlite:///{worker.var / profile.name}.db"
    before = await asyncio.to_thread(snapshot, url)
    sounds = [await voices.spoken(servers.speech, VOICE, words) if words else None for words in script.words]
    print(f"\n{profile.name}/{script.name}{mark}", flush=True)
    async with worker.join() as caller:
        outcome = await _talk(caller, script, sounds, profile)
        _record(caller, servers.out / f"{profile.name}-{script.name}{mark}.wav".replace(": ", "-").replace(" ", "-"))
    outcome = replace(outcome, before=before, after=await asyncio.to_thread(snapshot, url))
    wrong = failures(script, outcome, profile)
    print("\n".join(f"  NOT AS WRITTEN: {reason}" for reason in wrong) or "  as written", flush=True)
    rescued = any((event["role"], event["by"]) == ("llm", PIPELINE) for event in caller.told("provider_replaced"))
    return Conversation(f"{profile.name}/{script.name}", wrong, lasting(script, outcome, profile), rescued)


async def _talk(caller: Caller, script: Script, sounds: Sequence[Samples | None], profile: Profile) -> Outcome:
    stage = Stage(caller)
    await stage.until_heard_out(0.0, QUIET_S, GREETING_WITHIN_S)
    _show(caller, 0.0)
    turns: list[Played] = []
    problems: tuple[str, ...] = ()
    for words, sound in zip(script.words, sounds, strict=True):
        if caller.is_disconnected.is_set():
            problems = (f"turn {len(turns) + 1}: the call had ended",)
            break
        for _ in range(TRIES):
            played = await _turn(stage, words, sound)
            if not any(holds(played.reply, sentence, profile) for sentence in AGAIN):
                break
        turns.append(played)
    ended = await _ended(caller) if script.scenario.ends else None
    return Outcome(turns=tuple(turns), ended=ended, problems=problems, flags=_flags(caller))


async def _turn(stage: Stage, words: str, sound: Samples | None) -> Played:
    """What the caller says next, or says nothing, and what comes of it."""
    since = stage.caller.now
    said_until = since if sound is None else await stage.caller.say(sound)
    await stage.until_heard_out(said_until, QUIET_S, ANSWER_WITHIN_S if sound is not None else GREETING_WITHIN_S)
    await asyncio.sleep(EVENTS_S)  # the turn's events are on their way
    _show(stage.caller, since, words)
    return _played(stage.caller, since, words)


def _played(caller: Caller, since: float, words: str) -> Played:
    reply = " ".join(str(event["text"]) for event in caller.told("agent_spoke", since))
    calls = [Made(str(e["tool"]), json.loads(str(e["arguments"]))) for e in caller.told("tool_called", since)]
    return Played(words, reply, tuple(calls))


def _flags(caller: Caller) -> frozenset[str]:
    return frozenset(str(event["flag"]) for event in caller.told("flag_raised"))


async def _ended(caller: Caller) -> EndReason | None:
    """Why the agent ended the call, if it does in time."""
    try:
        async with asyncio.timeout(ENDS_WITHIN_S):
            await caller.is_disconnected.wait()
    except TimeoutError:
        return None
    told = caller.told("call_ended")
    return EndReason(str(told[-1]["reason"])) if told else None


def _show(caller: Caller, since: float, words: str = "") -> None:
    """What was said and heard of a turn, for whoever reads along."""
    heard = " ".join(c.text for c in caller.captions if not c.is_agent and c.is_final and c.at > since)
    if words:
        print(f"  caller  {words}\n  heard   {heard}", flush=True)
    for event in caller.told("tool_called", since):
        print(f"  tool    {event['tool']} {event['arguments']}", flush=True)
    for line in [c.text for c in caller.captions if c.is_agent and c.is_final and c.at > since]:
        print(f"  agent   {line}", flush=True)


def _record(caller: Caller, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(caller.stereo().tobytes())
