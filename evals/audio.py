"""`python -m evals audio`: the scenarios marked `spoken`, said aloud by hibari to a real worker on a real
livekit-server, and judged like those by text: what was called, what was said, what the database holds."""

import argparse
import asyncio
import json
import sys
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agent.config import Settings
from agent.errors import ConfigError
from agent.events import EndReason
from agent.profile import Profile, load_profile
from agent.providers.speech import SpeechClient
from evals import voices
from evals.caller import RATE, Caller, Samples
from evals.expecting import Made, Outcome, Played, failures, holds
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


async def converse(profiles: Sequence[Profile], only: str, out: Path) -> list[tuple[Script, list[str]]]:
    """Every spoken scenario, one after the other; each with what was wrong. Raises ConfigError and NotStarted."""
    with tempfile.TemporaryDirectory(prefix="parley-audio-") as name:
        folder = Path(name)
        with running_livekit(folder) as livekit:
            async with running_speech(folder) as client:
                judged: list[tuple[Script, list[str]]] = []
                for profile in profiles:
                    judged += await _profile(profile, only, livekit, client, folder / profile.name, out)
                return judged


async def _profile(
    profile: Profile, only: str, livekit: LiveKit, client: SpeechClient, folder: Path, out: Path
) -> list[tuple[Script, list[str]]]:
    """Its conversations, with a worker of its own that has databases seeded today."""
    scripts = [s for s in load_scripts(profile, columns()) if s.scenario.spoken and only.lower() in s.name.lower()]
    chosen = {script.name: script for script in reversed(scripts)}  # the first wording of each
    if not chosen:
        return []
    print(f"\n{profile.name}: starting its worker", flush=True)
    worker = await asyncio.to_thread(_start, livekit, folder, profile.name)
    try:
        return [(script, await _conversation(script, profile, worker, client, out)) for script in chosen.values()]
    finally:
        await asyncio.to_thread(end, worker.process)


def _start(livekit: LiveKit, folder: Path, profile: str) -> RunningWorker:
    folder.mkdir()
    return start_worker(livekit, folder, PARLEY_PROFILE=profile)


async def _conversation(
    script: Script, profile: Profile, worker: RunningWorker, client: SpeechClient, out: Path
) -> list[str]:
    """One call from the greeting to the end; gives what was wrong."""
    url = f"sqlite:///{worker.var / profile.name}.db"
    before = await asyncio.to_thread(snapshot, url)
    sounds = [await voices.spoken(client, VOICE, words) if words else None for words in script.words]
    print(f"\n{profile.name}/{script.name}", flush=True)
    async with worker.join() as caller:
        outcome = await _talk(caller, script, sounds, profile)
        _record(caller, out / f"{profile.name}-{script.name}.wav".replace(": ", "-").replace(" ", "-"))
    outcome = replace(outcome, before=before, after=await asyncio.to_thread(snapshot, url))
    wrong = failures(script, outcome, profile)
    print("\n".join(f"  NOT AS WRITTEN: {reason}" for reason in wrong) or "  as written", flush=True)
    return wrong


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


def main() -> int:
    """0 when every conversation came true, 1 when not, 2 when a file is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="append", help="only this one; may be given several times")
    parser.add_argument("--only", default="", help="those whose file or name holds this")
    parser.add_argument("--out", type=Path, help="where recordings go (default: evals/audio in PARLEY_VAR_DIR)")
    chosen = parser.parse_args()
    try:
        settings = Settings.load()
        names = chosen.profile or sorted(path.parent.name for path in settings.profiles_dir.glob("*/profile.yaml"))
        profiles = [load_profile(name, settings.profiles_dir) for name in names]
        out = chosen.out or settings.var_dir / "evals" / "audio"
        judged = asyncio.run(converse(profiles, chosen.only, out))
    except ConfigError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    passed = sum(not wrong for _, wrong in judged)
    print(f"\nrecordings, caller left and agent right: {out}")
    print(json.dumps({"conversations": len(judged), "passed": passed}))
    return 0 if judged and passed == len(judged) else 1
