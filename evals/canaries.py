"""`python -m evals canaries --voice heart --voice slt`: sixty private values said aloud in real calls, and keyed, and
then searched for in everything that was written: files, databases, logs, spans, metrics, webhooks and exports.

What the agent misheard is searched for, too: a card's number with a digit lost is still somebody's. The last line is
JSON, and ends with 1 where anything was found.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from agent.config import ROOT
from agent.errors import StoreError
from agent.memory.ledger import Ledger
from agent.providers.local.phrases import SUFFIX as PHRASE
from agent.providers.local.speech_client import SpeechClient
from agent.redaction.figures import digits_of
from agent.rules import readback
from agent.speaking.pronounce import spoken
from agent.understanding.reading.words import words
from evals import voices
from evals.asking import GREETING_WITHIN_S, until_quiet
from evals.caller import Caller, Samples
from evals.collector import Collector, running_collector
from evals.latency_agents import short_answers
from evals.observers import never
from evals.private_values import CANARIES, LONG, Canary, found_in
from evals.servers import NotStarted, RunningWorker, end, free_port, running_livekit, running_speech, start_worker

ANSWER_WITHIN_S = 20.0
ENDED_WITHIN_S = 60.0
KEY, SECRET = "a" * 32, "CANARY_WEBHOOK_SECRET"
LEAST_DIGITS = 4
ALIKE = 60  # of 100: so much of a word is left in what was heard instead
AROUND = 100  # characters before and behind what was found
KEYED_KINDS = ("card", "phone", "social security", "national id", "account", "secret")


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: of which value it is, what was said, and what the agent took it for."""

    canary: Canary
    text: str
    heard: str

    @property
    def is_misheard(self) -> bool:
        """Whether any of the value's forms that was in the words is not in what was heard."""
        return bool(found_in(self.text, [self.canary])) and not found_in(self.heard, [self.canary])

    @property
    def misheard(self) -> tuple[str, ...]:
        """What stands for the value in what was heard: its digits, or the words that are like its own."""
        digits = digits_of(self.heard)
        if len(digits_of(self.text)) >= LEAST_DIGITS:
            return (digits,) if len(digits) >= LEAST_DIGITS else ()
        value = [word for form in self.canary.hidden for word in words(form) if len(word) > 3]
        return tuple(
            word for word in words(self.heard) if len(word) > 3 and any(fuzz.ratio(word, one) >= ALIKE for one in value)
        )


def aloud(text: str) -> str:
    """As it is said: by the rules that our own voice has, and digits that these leave, one by one."""
    return re.sub(r"\d+", lambda match: f" {readback.code(match[0])} ", spoken(text)).strip()


async def call(
    worker: RunningWorker, canaries: Sequence[Canary], sounds: dict[str, Samples], until: float
) -> list[Said]:
    """One call, in which these are said until then, and those of digits are keyed; and what the agent heard."""
    said: list[Said] = []
    async with worker.join() as caller:
        await until_quiet(caller, since=0.0, within_s=GREETING_WITHIN_S)
        for canary in canaries:
            if time.monotonic() > until:
                break
            for text in canary.said:
                began = caller.now
                ended = await caller.say(sounds[text])
                await until_quiet(caller, since=ended, within_s=ANSWER_WITHIN_S)
                said.append(Said(canary, text, _heard(caller, began)))
        for canary in dict.fromkeys(one.canary for one in said):
            if canary.kind in KEYED_KINDS:
                await _key(caller, re.sub(r"\D", "", canary.hidden[0]))
        await asyncio.sleep(3)
    return said


def _heard(caller: Caller, since: float) -> str:
    return " ".join(c.text for c in caller.captions if not c.is_agent and c.is_final and c.at > since)


async def _key(caller: Caller, digits: str) -> None:
    for digit in digits:
        await caller.room.local_participant.publish_dtmf(code=int(digit), digit=digit)
        await asyncio.sleep(0.1)
    await caller.room.local_participant.publish_dtmf(code=11, digit="#")
    await asyncio.sleep(1.0)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for: which values, for how many minutes, by how many callers at once."""

    canaries: Sequence[Canary]
    minutes: float
    callers: int


async def measure(chosen: Sequence[voices.Voice], options: Options) -> dict[str, object]:
    """These values by each voice, in calls of their own, for so long; and what was found. Raises NotStarted."""
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name, ExitStack() as stack:
        folder = Path(name)
        livekit = stack.enter_context(running_livekit(folder))
        collector = stack.enter_context(running_collector(folder))
        async with running_speech(folder) as client:
            port = free_port()
            environment = {
                "PARLEY_PROFILES_DIR": str(_profiles(folder, collector)),
                "PARLEY_LOG_LEVEL": "DEBUG",
                "PARLEY_AUDIT_KEY": KEY,
                "PARLEY_METRICS_PORT": str(port),
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                SECRET: "s" * 32,
            }
            worker = await asyncio.to_thread(
                lambda: start_worker(livekit, folder, agent_name="heard", is_given_up=never, **environment)
            )
            stack.callback(end, worker.process)
            said = [one for voice in chosen for one in await _voice(worker, client, voice, options)]
            await asyncio.to_thread(_ended, worker, options.callers * len(chosen))
            page = await asyncio.to_thread(_page, port)
        end(worker.process)  # with it the last spans
        return report(said, {"metrics": page, **_written(folder, worker, collector)})


async def _voice(worker: RunningWorker, client: SpeechClient, voice: voices.Voice, options: Options) -> list[Said]:
    """Its calls, at once, each with its share of the values."""
    sounds = {
        text: await voices.spoken(client, voice, aloud(text)) for canary in options.canaries for text in canary.said
    }
    until, callers = time.monotonic() + 60 * options.minutes, options.callers
    calls = (call(worker, options.canaries[each::callers], sounds, until) for each in range(callers))
    said = [one for each in await asyncio.gather(*calls) for one in each]
    print(f"{voice.name}: {len(said)} turns, {sum(one.is_misheard for one in said)} of them misheard", flush=True)
    return said


def _profiles(folder: Path, collector: Collector) -> Path:
    """Ours, with a webhook that wants every value that a tool takes."""
    profiles = short_answers(folder)
    path = profiles / "shop" / "profile.yaml"
    wanted = {"values": ["name", "number", "order_number", "email"], "webhook": f"{collector.url}/results"}
    own = yaml.safe_load(path.read_text()) | {"results": {**wanted, "secret_variable": SECRET}}
    path.write_text(yaml.safe_dump(own, sort_keys=False))
    return profiles


def _ended(worker: RunningWorker, calls: int) -> None:
    """Until each call's last record is in the audit log. Raises NotStarted."""
    log, until = Ledger(f"sqlite:///{worker.var / 'parley.db'}", KEY), time.monotonic() + ENDED_WITHIN_S
    ended = 0
    while ended < calls:
        if time.monotonic() > until:
            raise NotStarted(f"{calls - ended} calls had not ended after {ENDED_WITHIN_S:g} s")
        time.sleep(0.5)
        with suppress(StoreError):  # somebody writes
            ended = [link.kind for link in log.all()].count("CALL_END")
    log.close()


def _page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:  # our own server
        return str(answer.read().decode())


def _written(folder: Path, worker: RunningWorker, collector: Collector) -> dict[str, str]:
    """Every text that anybody could look into, by its name. The sound of the profile's phrases is left out: in samples
    any four figures stand by chance."""
    own = {"collected"}  # told apart below
    files = {
        str(path.relative_to(folder)): path.read_bytes().decode(errors="ignore")
        for path in folder.rglob("*")
        if path.is_file() and path.name not in own and path.suffix != PHRASE and "profiles" not in path.parts
    }
    audit = {
        f"audit {' '.join(words)}": _command("agent.observers.audit", worker, *words)
        for words in (("verify",), ("export",), ("export", "--for", "training"))
    }
    calls = {str(json.loads(line)["call_id"]) for line in audit["audit export"].splitlines() if '"call_id"' in line}
    held = {f"held {each}": _command("agent.held", worker, each) for each in calls}
    return {**files, **audit, **held, "collector": collector.raw.decode(errors="ignore")}


def _command(module: str, worker: RunningWorker, *arguments: str) -> str:
    environment = {**os.environ, "PARLEY_VAR_DIR": str(worker.var), "PARLEY_AUDIT_KEY": KEY}
    run = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout


def report(said: Sequence[Said], told: dict[str, str]) -> dict[str, object]:
    """What was found where, printed line by line, and the figures."""
    found = [f"{name}: {value}{around(value, text)}" for name, text in told.items() for value in found_in(text)]
    misheard = [one for one in said if one.is_misheard]
    transcript = told["audit export"]
    left = [line for one in misheard for line in _left(one, transcript, told)]
    for line in (*found, *left):
        print(f"found in {line}")
    records = transcript.count('"caller_spoke"') + transcript.count('\\"caller_spoke\\"')
    return {
        "turns": len(said),
        "heard": sum(bool(one.heard) for one in said),
        "in_the_audit_log": records,
        "misheard": len(misheard),
        "values": len({one.canary for one in said}),
        "kinds": len({one.canary.kind for one in said}),
        "keyed": len({one.canary for one in said if one.canary.kind in KEYED_KINDS}),
        "places": len(told),
        "found": len(found),
        "misheard_found": len(left),
        "is_whole": told["audit verify"].startswith("whole: "),
    }


def around(finding: str, text: str) -> str:
    """What stands about a value that was found, on one line; nothing where it stands in words."""
    value = finding.partition(": ")[2]
    parts = [re.escape(value)] if re.search(r"[^\W\d_]", value) else [*re.sub(r"\D", "", value)]
    found = re.search(r"[\s,/.()+-]{0,3}".join(parts), text, re.IGNORECASE)
    return f" in {text[max(0, found.start() - AROUND) : found.end() + AROUND]!r}" if found else ""


def _left(one: Said, transcript: str, told: dict[str, str]) -> Iterator[str]:
    """Where what was heard instead of the value stands: short digits and words are looked for where words are kept."""
    for value in one.misheard:
        as_canary = Canary(one.canary.kind, (one.heard,), (value,))
        places = told if value.isdecimal() and len(value) >= LONG else {"audit export": transcript}
        for name, text in places.items():
            if found_in(text, [as_canary]):
                yield f"{name}: {value}, for {one.text!r} heard as {one.heard!r}"


def main() -> int:
    """Say, key and look."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    known = {voice.name: voice for voice in voices.present()}
    parser.add_argument(
        "--voice", action="append", choices=known, help="who says it; may be given several times (default: heart)"
    )
    parser.add_argument("--minutes", type=float, default=20.0, help="how long values are begun (default 20)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="begin with that value (default 0)")
    parser.add_argument("--callers", type=int, default=3, metavar="N", help="calls at once (default 3)")
    chosen = parser.parse_args()
    options = Options(CANARIES[chosen.first :], chosen.minutes, chosen.callers)
    speakers = [known[name] for name in chosen.voice or ["heart"]]
    figures = asyncio.run(measure(speakers, options))
    print(json.dumps(figures))
    return 1 if figures["found"] or figures["misheard_found"] else 0
