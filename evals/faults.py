"""`python -m evals faults`: spoken calls while a provider fails in every way, at every stage; measured at the caller's
ear.

The worker's providers are Deepgram, OpenAI and Cartesia, served on loopback by tests/rig, with the local ones behind
them. With `--plain` the same calls are made with an AgentSession that has the same providers in livekit's
FallbackAdapters. The last line is JSON: calls, max_gap_ms, p95_gap_ms, words_lost (of the caller's), turns_lost,
calls_lost, and the same under `plain`.
"""

import argparse
import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import yaml

from agent.config import ROOT
from agent.observers.record import percentile
from agent.providers.breakers import breakers_file
from agent.providers.speech import SOCKET_VARIABLE, SpeechClient
from evals import voices
from evals.fault_calls import Case, Moment, Outcome, Question, call
from evals.servers import LiveKit, NotStarted, RunningWorker, end, running_livekit, running_speech, start_worker
from tests.rig.content import Models, Rules, Wish
from tests.rig.faults import Fault
from tests.rig.rig import KEYS, Rig, running

SOCKET = "s.sock"  # that of running_speech
ROLES = {"stt": "deepgram", "llm": "openai", "tts": "cartesia"}
FAULTS = tuple(fault for fault in Fault if fault not in {Fault.CERTIFICATE, Fault.UNRESOLVED, Fault.WRONG_RATE})
LONGEST_S = 2.5
LATE_S = 6.0
ANSWER = (
    "You can return anything within thirty days, as long as it is unused and in its box. "
    "We pay the money back to the card that you have paid with."
)
MIND = Rules([("return", ANSWER), ("order", Wish("lookup_order", '{"order_number": "1001"}'))], "How can I help?")


async def questions(speech: SpeechClient) -> tuple[Question, Question]:
    """One that the LLM answers, one that it has a tool for."""
    return (
        Question(await voices.agents(speech, "What is your return policy?"), ("return", "policy"), ("thirty days",)),
        Question(
            await voices.agents(speech, "Please tell me, what is your policy on a return of something that I bought?"),
            ("policy", "return", "bought"),
            ("thirty days",),
        ),
    )


def plan(faults: Sequence[Fault], roles: Sequence[str]) -> list[Case]:
    """Every fault at every stage and moment. Sound at a wrong rate is for voices only."""
    cases = [Case(role, fault, moment) for fault in faults for role in roles for moment in Moment]
    return [case for case in cases if case.fault is not Fault.WRONG_RATE or case.role == "tts"]


def profiles_of(folder: Path, rig: Rig) -> Path:
    """The shop with the three vendors first, and without what spares a large model its turns."""
    profiles = folder / "profiles"
    shutil.copytree(ROOT / "profiles", profiles)
    path = profiles / "shop" / "profile.yaml"
    written: dict[str, Any] = yaml.safe_load(path.read_text())
    chosen = {
        role: [{"name": name, "options": {"base_url": rig.choice(role, name).options["base_url"]}}, "local"]  # type: ignore[arg-type]  # the three roles
        for role, name in ROLES.items()
    }
    sections = {"providers": chosen, "router": {"enabled": False}, "cache": {"enabled": False}}
    sentences = written["sentences"] | {"greeting": "Hello, this is Acme. How can I help?"}
    path.write_text(yaml.safe_dump(written | sections | {"sentences": sentences}, sort_keys=False))
    return profiles


@asynccontextmanager
async def answering(livekit: LiveKit, folder: Path, rig: Rig, *, is_plain: bool) -> AsyncIterator[RunningWorker]:
    """Parley, or the plain agent, with the rig's providers."""
    own = folder / ("plain" if is_plain else "parley")
    own.mkdir()
    variables = KEYS | {"PARLEY_PROFILES_DIR": str(profiles_of(own, rig)), "PARLEY_PROFILE": "shop"}
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
        if "agent.providers.speech_process" in words:
            return words[words.index("--socket") + 1]
    raise NotStarted("the worker has no speech process")


async def measure(cases: Sequence[Case], *, is_plain: bool = False) -> list[Outcome]:
    """Each case in a call of its own, one after the other: the rig has one switch a vendor."""
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="parley-") as name:
        folder = Path(name)
        async with contextlib.AsyncExitStack() as stack:
            speech = await stack.enter_async_context(_speech(folder, is_plain=is_plain))
            livekit = stack.enter_context(running_livekit(folder))
            rig = await stack.enter_async_context(running(Models(speech), MIND))
            worker = await stack.enter_async_context(answering(livekit, folder, rig, is_plain=is_plain))
            asked = await questions(speech)
            for case in cases:
                outcomes.append(await _one(worker, rig, case, asked))
                print(told(outcomes[-1]), flush=True)
    return outcomes


async def _one(worker: RunningWorker, rig: Rig, case: Case, asked: tuple[Question, Question]) -> Outcome:
    """Whoever is down is known to be down by the next call; here each call shall find it out."""
    await asyncio.to_thread(breakers_file(worker.var).unlink, missing_ok=True)
    service = rig.of(ROLES[case.role])
    if case.moment is Moment.START:
        await service.fail(case.fault, late_s=LATE_S)
    try:
        async with worker.join() as caller:
            return await call(caller, case, service, asked)
    except TimeoutError:
        return Outcome(case, [], turns_lost=2, is_lost=True)
    finally:
        await service.fail(None)


def told(outcome: Outcome) -> str:
    """One line."""
    case = outcome.case
    lost = f"{outcome.words_lost} words, {outcome.turns_lost} turns lost" + (", CALL LOST" if outcome.is_lost else "")
    gaps = " ".join(f"{gap:5.2f}" for gap in outcome.gaps_s)
    return f"{case.role}  {case.fault.value:<22}{case.moment.value:<18}{gaps} s  {lost}"


def figures(outcomes: Sequence[Outcome]) -> Mapping[str, float]:
    """What the last line says."""
    gaps = [1000 * gap for outcome in outcomes for gap in outcome.gaps_s]
    return {
        "calls": len(outcomes),
        "max_gap_ms": round(max(gaps, default=0.0)),
        "p50_gap_ms": round(percentile(gaps, 50)) if gaps else 0,
        "p95_gap_ms": round(percentile(gaps, 95)) if gaps else 0,
        "words_lost": sum(outcome.words_lost for outcome in outcomes),
        "turns_lost": sum(outcome.turns_lost for outcome in outcomes),
        "calls_lost": sum(outcome.is_lost for outcome in outcomes),
    }


def main() -> int:
    """Measure and print. 1 when a caller would notice."""
    parser = argparse.ArgumentParser(prog="python -m evals faults", description=__doc__)
    parser.add_argument("--fault", action="append", choices=[fault.value for fault in FAULTS], help="only these")
    parser.add_argument("--role", action="append", choices=ROLES, help="only these")
    parser.add_argument("--plain", action="store_true", help="the plain agent, too: it takes its time")
    arguments = parser.parse_args()
    cases = plan([Fault(name) for name in arguments.fault or FAULTS], arguments.role or list(ROLES))
    ours = figures(asyncio.run(measure(cases)))
    plain = figures(asyncio.run(measure(cases, is_plain=True))) if arguments.plain else None
    print(json.dumps({**ours, "plain": plain}))
    is_fine = ours["max_gap_ms"] <= LONGEST_S * 1000 and not ours["words_lost"] and not ours["calls_lost"]
    return 0 if is_fine else 1
