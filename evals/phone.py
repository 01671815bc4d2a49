"""`python -m evals phone`: voice to voice at a telephone's ear, from its RTP, and at a browser's in the same run.

The telephone is sipp with a socket of ours, the way to the agent is real: livekit-sip, Redis, livekit-server, G.711.
The last line is JSON.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from agent.config import Settings
from agent.providers.speech import SpeechClient
from agent.telephony.provision import provision
from agent.telephony.trunks import InboundTrunk, Lines
from evals import voices
from evals.asking import ANSWER_WITHIN_S, GREETING_WITHIN_S, QUIET_S, TURNS_A_CALL, one_call
from evals.caller import RATE, Samples
from evals.figures import SETS, SetName, percentile
from evals.gaps import LEAD_S, LOOKED_AT_S, Gap, gap
from evals.latency import short_answers
from evals.onset import onset_s
from evals.phone_servers import PhoneServers, running_phone_servers
from evals.questions import Speech, declared, strangers
from evals.rtp import RATE as PHONE_RATE
from evals.servers import RunningWorker, end, running_speech, start_worker
from evals.telephone import Telephone, calling

NUMBER, AGENT = "+15550100100", "phoned"
ASKED: tuple[SetName, ...] = ("strangers", "declared")


@dataclass(slots=True)
class Figures:
    """What one set came to, in milliseconds; `lost` are turns that do not count, by why."""

    phone: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)


async def measure(turns: int, sets: Sequence[SetName]) -> dict[SetName, Figures]:
    """Start what is needed, ask, and end it all. Raises NotStarted."""
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name, ExitStack() as stack:
        folder = Path(name)
        servers = stack.enter_context(running_phone_servers(folder))
        async with running_speech(folder) as client:
            worker = await asyncio.to_thread(
                start_worker,
                servers.livekit,
                folder,
                agent_name=AGENT,
                PARLEY_PROFILES_DIR=str(short_answers(folder)),
            )
            stack.callback(end, worker.process)
            await _open_line(servers)
            return {asked: await _set(asked, turns, servers, worker, client) for asked in sets}


async def _open_line(servers: PhoneServers) -> None:
    """One number, for telephones of this machine."""
    settings = Settings.model_validate({"LIVEKIT_URL": servers.livekit.url, "agent_name": AGENT})
    here = InboundTrunk(numbers=(NUMBER,), allowed_addresses=("127.0.0.1",))
    await provision(settings, Lines(inbound={"here": here}, numbers={NUMBER: settings.profile}))


async def _set(
    asked: SetName, turns: int, servers: PhoneServers, worker: RunningWorker, client: SpeechClient
) -> Figures:
    """By telephone and by browser in turn, until there are enough turns by telephone or as many calls as should do."""
    chosen = strangers() if asked == "strangers" else declared
    by_phone, by_browser = Speech(client, chosen, is_phone=True), Speech(client, chosen, is_phone=False)
    found, calls = Figures(), 0
    while len(found.phone) < turns and calls < 2 * turns / TURNS_A_CALL + 1:
        for questions in (by_phone, by_browser):
            await questions.render(calls * TURNS_A_CALL, TURNS_A_CALL)
        for one in await _telephone_call(servers, calls, by_phone):
            if one.ms is None:
                found.lost[one.verdict] += 1
            else:
                found.phone.append(one.ms)
        judge = await one_call(worker, "ours", asked, calls, by_browser, is_phone=False)
        found.browser += [turn.ms for turn in judge() if turn.ms is not None]
        calls += 1
        print(f"{SETS[asked]}: {len(found.phone)} of {turns} turns by telephone, {_p50(found.phone)} ms", flush=True)
    return found


async def _telephone_call(servers: PhoneServers, call: int, questions: Speech) -> list[Gap]:
    """The questions of one call, or those until the agent hangs up."""
    found: list[Gap] = []
    async with calling(servers, NUMBER) as phone:
        await phone.up()
        await _until_quiet(phone, phone.now, GREETING_WITHIN_S)
        for number in range(call * TURNS_A_CALL, (call + 1) * TURNS_A_CALL):
            if phone.is_over:
                break
            sound = questions[questions.asked(number)]
            began = phone.now
            ended = await phone.say(voices.resampled(sound.samples, RATE, PHONE_RATE))
            until = await _until_quiet(phone, ended - sound.rest_s, ANSWER_WITHIN_S)
            since = max(0.0, began - LEAD_S)
            said = _wide(phone.line.sent.rendered(ended + QUIET_S / 2, since))
            heard = _wide(phone.line.rendered(since, min(until, ended + LOOKED_AT_S)))
            found.append(gap(said, heard, sound.tail_s))
    return found


async def _until_quiet(phone: Telephone, since: float, within_s: float) -> float:
    """Until the agent has spoken and been silent for QUIET_S, or has said nothing for so long; the moment of it."""
    has_spoken = False
    while phone.now - since < LOOKED_AT_S + GREETING_WITHIN_S:
        await asyncio.sleep(0.05)
        lately = phone.heard_since(max(since, phone.now - QUIET_S - 0.3))  # a sentence's own pause is no end
        is_loud = onset_s(lately, PHONE_RATE) is not None
        has_spoken |= is_loud
        if phone.is_over or (has_spoken and not is_loud) or (not has_spoken and phone.now - since > within_s):
            break
    return phone.now


def _wide(samples: Samples) -> Samples:
    return voices.resampled(samples, PHONE_RATE, RATE)


def _p50(values: Sequence[float]) -> float | None:
    return round(percentile(values, 50)) if values else None


def _p95(values: Sequence[float]) -> float | None:
    return round(percentile(values, 95)) if values else None


def report(found: dict[SetName, Figures]) -> None:
    """A line for each set, and the JSON of all of them together with each apart."""
    every = Figures()
    apart: dict[str, object] = {}
    for asked, one in found.items():
        every.phone += one.phone
        every.browser += one.browser
        every.lost += one.lost
        apart[asked] = {"p50_ms": _p50(one.phone), "p95_ms": _p95(one.phone), "n": len(one.phone)}
        print(f"{SETS[asked]}: telephone {apart[asked]}, browser p50 {_p50(one.browser)} ms, lost {dict(one.lost)}")
    figures = {
        "p50_ms": _p50(every.phone),
        "p95_ms": _p95(every.phone),
        "n": len(every.phone),
        "browser_p50_ms": _p50(every.browser),
        "browser_n": len(every.browser),
        "lost": dict(every.lost),
        "sets": apart,
    }
    print(json.dumps(figures))


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--turns", type=int, default=16, metavar="N", help="turns of each set by telephone (default 16)"
    )
    parser.add_argument("--only", action="append", choices=ASKED, help="this set alone")
    chosen = parser.parse_args()
    sets: list[SetName] = [asked for asked in ASKED if asked in (chosen.only or ASKED)]
    report(asyncio.run(measure(chosen.turns, sets)))
    return 0
