"""`python -m evals faults`: spoken calls while a provider fails in every way, at every stage; measured at the caller's
ear.

The worker's providers are Deepgram, OpenAI and Cartesia, served on loopback by tests/rig; behind them stand Anthropic
and ElevenLabs, and the local ones. The role `realtime` is OpenAI's realtime model with a pipeline behind it, in which
Anthropic thinks. With `--plain` the same calls but those are made with an AgentSession that has the same providers in
livekit's FallbackAdapters. The last line is JSON: calls, max_gap_ms, p95_gap_ms, words_lost (of the caller's),
turns_lost, sentences_lost and sentences_repeated (of the agent's), calls_lost, and the same under `plain`.

Calls that stand in the file of `--into` are not made again, and the table is of all that stand there: with `--minutes`
the whole can be measured a piece at a time.

With `--errors` and `--stalls` it makes `--calls` calls while the first LLM answers that share of its requests with 500,
and stops in the middle of that share of its answers, and as many while it is well.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path

from agent.providers.breakers import breakers_file
from evals import shaky
from evals.fault_calls import call
from evals.fault_outcomes import Case, Moment, Outcome, figures, keep, kept, line, table
from evals.fault_stage import PLAYED, REALTIME, ROLES, Stage, set_up
from tests.rig.faults import Fault

FAULTS = tuple(fault for fault in Fault if fault not in {Fault.CERTIFICATE, Fault.UNRESOLVED, Fault.WRONG_RATE})
LONGEST_S = 2.5
LATE_S = 6.0


def plan(faults: Sequence[Fault], roles: Sequence[str]) -> list[Case]:
    """Every fault at every stage and moment. Sound at a wrong rate is for voices only."""
    cases = [Case(role, fault, moment) for fault in faults for role in roles for moment in Moment]
    return [case for case in cases if case.fault is not Fault.WRONG_RATE or case.role == "tts"]


async def measure(
    cases: Sequence[Case], on_outcome: Callable[[Outcome], None], *, is_plain: bool = False, within_s: float = inf
) -> None:
    """Each case in a call of its own, one after the other: the rig has one switch a vendor. None begins later than
    `within_s`, the start of the servers included."""
    until = time.monotonic() + within_s
    for is_realtime in (False, True):
        played = [case for case in cases if (case.role == REALTIME) is is_realtime]
        if not played or time.monotonic() > until:
            continue
        async with set_up(is_plain=is_plain, is_realtime=is_realtime) as stage:
            for case in played:
                if time.monotonic() > until:
                    return
                on_outcome(await _one(stage, case))


async def _one(stage: Stage, case: Case) -> Outcome:
    """Whoever is down is known to be down by the next call; here each call shall find it out."""
    await asyncio.to_thread(breakers_file(stage.worker.var).unlink, missing_ok=True)
    service = stage.rig.of(PLAYED[case.role])
    if case.moment is Moment.START:
        await service.fail(case.fault, late_s=LATE_S)
    try:
        async with stage.worker.join() as caller:
            return await call(caller, case, service, stage.asked, stage.hear)
    except TimeoutError:
        return Outcome(case, [], turns_lost=2, is_lost=True)
    finally:
        await service.fail(None)


async def _run(cases: Sequence[Case], agent: str, into: Path | None, minutes: float) -> list[Outcome]:
    """Those of the file, and what can be added to them in the time."""
    there = kept(into, agent) if into else []
    done = {outcome.case for outcome in there}

    def on_outcome(outcome: Outcome) -> None:
        there.append(outcome)
        print(line(outcome), flush=True)
        if into:
            keep(into, agent, outcome)

    missing = [case for case in cases if case not in done]
    if missing and minutes > 0:
        await measure(missing, on_outcome, is_plain=agent == "plain", within_s=60 * minutes)
    return [outcome for outcome in there if outcome.case in set(cases)]


def main() -> int:
    """Measure and print. 1 when a caller would notice."""
    parser = argparse.ArgumentParser(prog="python -m evals faults", description=__doc__)
    parser.add_argument("--fault", action="append", choices=[fault.value for fault in FAULTS], help="only these")
    parser.add_argument("--role", action="append", choices=PLAYED, help="only these")
    parser.add_argument("--plain", action="store_true", help="the plain agent, too: it takes its time")
    parser.add_argument("--into", type=Path, metavar="FILE", help="keep each call there, and go on where it ends")
    parser.add_argument(
        "--minutes", type=float, default=inf, metavar="N", help="begin no call later; 0 for the table of FILE alone"
    )
    parser.add_argument("--calls", type=int, default=20, metavar="N", help="with --errors or --stalls (default 20)")
    parser.add_argument("--errors", type=float, default=0.0, metavar="SHARE", help="of the first LLM's requests")
    parser.add_argument("--stalls", type=float, default=0.0, metavar="SHARE", help="of the first LLM's requests")
    arguments = parser.parse_args()
    if arguments.errors or arguments.stalls:
        return shaky.run(arguments.calls, arguments.errors, arguments.stalls)
    cases = plan([Fault(name) for name in arguments.fault or FAULTS], arguments.role or list(PLAYED))
    pipeline = [case for case in cases if case.role in ROLES]  # the plain agent has no second way to talk
    agents = {"parley": cases, "plain": pipeline} if arguments.plain else {"parley": cases}
    outcomes = {
        agent: asyncio.run(_run(played, agent, arguments.into, arguments.minutes)) for agent, played in agents.items()
    }
    for agent, theirs in outcomes.items():
        print(f"\n{agent}\n{table(theirs)}")
    ours = figures(outcomes["parley"])
    print(json.dumps({**ours, "plain": figures(outcomes["plain"]) if arguments.plain else None}))
    is_fine = ours["max_gap_ms"] <= LONGEST_S * 1000 and not ours["words_lost"] and not ours["calls_lost"]
    return 0 if is_fine else 1
