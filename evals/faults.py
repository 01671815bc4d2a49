"""`python -m evals faults`: spoken calls while a provider fails in every way, at every stage; measured at the caller's
ear.

The worker's providers are Deepgram, OpenAI and Cartesia, served on loopback by tests/rig; behind them stand Anthropic
and ElevenLabs, and the local ones. With `--plain` the same calls are made with an AgentSession that has the same
providers in livekit's FallbackAdapters. The last line is JSON: calls, max_gap_ms, p95_gap_ms, words_lost (of the
caller's), turns_lost, sentences_lost and sentences_repeated (of the agent's), calls_lost, and the same under `plain`.

Calls that stand in the file of `--into` are not made again, and the table is of all that stand there: with `--minutes`
the whole can be measured a piece at a time.
"""

import argparse
import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import psutil
import yaml

from agent.config import ROOT
from agent.providers.breakers import breakers_file
from agent.providers.speech import SOCKET_VARIABLE, SpeechClient
from evals import voices
from evals.caller import RATE, Samples
from evals.fault_calls import Question, call
from evals.fault_outcomes import Case, Moment, Outcome, figures, keep, kept, line, table
from evals.onset import trimmed
from evals.servers import LiveKit, NotStarted, RunningWorker, end, running_livekit, running_speech, start_worker
from tests.rig.content import Heard, Models, Rules, Wish
from tests.rig.faults import Fault
from tests.rig.rig import KEYS, Rig, running

SOCKET = "s.sock"  # that of running_speech
ROLES = {"stt": "deepgram", "llm": "openai", "tts": "cartesia"}
SECONDS = {"llm": "anthropic", "tts": "elevenlabs"}  # who stands behind them, before the local ones
FAULTS = tuple(fault for fault in Fault if fault not in {Fault.CERTIFICATE, Fault.UNRESOLVED, Fault.WRONG_RATE})
LONGEST_S = 2.5
LATE_S = 6.0
ANSWER = (
    "You can return anything within thirty days, as long as it is unused and in its box. "
    "We pay the money back to the card that you have paid with."
)
TOLD_BY = (("return", "thirty", "unused", "box"), ("money", "back", "card", "paid"))


def mind(heard: Heard) -> str | Wish:
    """The answer, or the rest of one that broke off."""
    said = [(role, text.strip()) for role, text in heard.said if role in {"user", "assistant", "tool"}]
    if said and said[-1][0] == "assistant" and ANSWER.startswith(said[-1][1]):
        return ANSWER[len(said[-1][1]) :].strip()
    return Rules([("return", ANSWER)], "How can I help?")(heard)


async def questions(speech: SpeechClient) -> tuple[Question, Question]:
    """A short one, and one that is long enough for a fault in its middle."""
    short = "What is your return policy?"
    long = "Please tell me, what is your policy on a return of something that I bought?"
    return (
        Question(await voices.agents(speech, short), ("return", "policy"), TOLD_BY),
        Question(await voices.agents(speech, long), ("policy", "return", "bought"), TOLD_BY),
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
    chosen = {role: [*(_at(rig, role, name) for name in named(role)), "local"] for role in ROLES}
    sections = {"providers": chosen, "router": {"enabled": False}, "cache": {"enabled": False}}
    sentences = written["sentences"] | {"greeting": "Hello, this is Acme. How can I help?"}
    path.write_text(yaml.safe_dump(written | sections | {"sentences": sentences}, sort_keys=False))
    return profiles


def named(role: str) -> list[str]:
    """The vendors of that role, in their order."""
    return [vendors[role] for vendors in (ROLES, SECONDS) if role in vendors]


def _at(rig: Rig, role: str, name: str) -> dict[str, Any]:
    return {"name": name, "options": {"base_url": rig.url(role, name)}}  # type: ignore[arg-type]  # the three roles


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


async def measure(
    cases: Sequence[Case], on_outcome: Callable[[Outcome], None], *, is_plain: bool = False, within_s: float = inf
) -> None:
    """Each case in a call of its own, one after the other: the rig has one switch a vendor. None begins later than
    `within_s`, the start of the servers included."""
    until = time.monotonic() + within_s
    with tempfile.TemporaryDirectory(prefix="parley-") as name:
        folder = Path(name)
        async with contextlib.AsyncExitStack() as stack:
            speech = await stack.enter_async_context(_speech(folder, is_plain=is_plain))
            livekit = stack.enter_context(running_livekit(folder))
            rig = await stack.enter_async_context(running(Models(speech), mind))
            worker = await stack.enter_async_context(answering(livekit, folder, rig, is_plain=is_plain))
            asked = await questions(speech)
            for case in cases:
                if time.monotonic() > until:
                    return
                on_outcome(await _one(worker, rig, speech, case, asked))


async def _one(
    worker: RunningWorker, rig: Rig, speech: SpeechClient, case: Case, asked: tuple[Question, Question]
) -> Outcome:
    """Whoever is down is known to be down by the next call; here each call shall find it out."""
    await asyncio.to_thread(breakers_file(worker.var).unlink, missing_ok=True)
    service = rig.of(ROLES[case.role])
    if case.moment is Moment.START:
        await service.fail(case.fault, late_s=LATE_S)
    try:
        async with worker.join() as caller:
            return await call(caller, case, service, asked, partial(_heard, speech))
    except TimeoutError:
        return Outcome(case, [], turns_lost=2, is_lost=True)
    finally:
        await service.fail(None)


async def _heard(speech: SpeechClient, sound: Samples) -> str:
    """The words in what was heard, by Moonshine."""
    return await Models(speech).hear(trimmed(sound, RATE).tobytes(), RATE)


async def _run(cases: Sequence[Case], agent: str, into: Path | None, minutes: float) -> list[Outcome]:
    """Those of the file, and what can be added to them in the time."""
    there = kept(into, agent) if into else []
    done = {outcome.case for outcome in there}

    def on_outcome(outcome: Outcome) -> None:
        there.append(outcome)
        print(line(outcome), flush=True)
        if into:
            keep(into, agent, outcome)

    if missing := [case for case in cases if case not in done]:
        await measure(missing, on_outcome, is_plain=agent == "plain", within_s=60 * minutes)
    return [outcome for outcome in there if outcome.case in set(cases)]


def main() -> int:
    """Measure and print. 1 when a caller would notice."""
    parser = argparse.ArgumentParser(prog="python -m evals faults", description=__doc__)
    parser.add_argument("--fault", action="append", choices=[fault.value for fault in FAULTS], help="only these")
    parser.add_argument("--role", action="append", choices=ROLES, help="only these")
    parser.add_argument("--plain", action="store_true", help="the plain agent, too: it takes its time")
    parser.add_argument("--into", type=Path, metavar="FILE", help="keep each call there, and go on where it ends")
    parser.add_argument("--minutes", type=float, default=inf, metavar="N", help="begin no call later (of each agent)")
    arguments = parser.parse_args()
    cases = plan([Fault(name) for name in arguments.fault or FAULTS], arguments.role or list(ROLES))
    agents = ["parley", "plain"] if arguments.plain else ["parley"]
    outcomes = {agent: asyncio.run(_run(cases, agent, arguments.into, arguments.minutes)) for agent in agents}
    for agent, theirs in outcomes.items():
        print(f"\n{agent}\n{table(theirs)}")
    ours = figures(outcomes["parley"])
    print(json.dumps({**ours, "plain": figures(outcomes["plain"]) if arguments.plain else None}))
    is_fine = ours["max_gap_ms"] <= LONGEST_S * 1000 and not ours["words_lost"] and not ours["calls_lost"]
    return 0 if is_fine else 1
