"""Calls while the first LLM answers many of its requests with an error and stops in the middle of others, beside the
same calls while it is well: turns answered, silences, rivals that were asked, and what that costs."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from agent.observers.record import percentile
from agent.profile.choices import ProviderChoice
from agent.providers import catalog
from agent.providers.catalog import Price
from agent.providers.costs import MICROS_PER_CENT, Usage, micros
from evals.caller import Caller
from evals.fault_calls import ask, greeted, judge
from evals.fault_outcomes import Case, Moment, Outcome
from evals.fault_stage import Stage, minds, set_up
from tests.rig.faults import Chances, Fault
from tests.rig.rig import KEYS

AT_ONCE = 4
REQUEST = Usage(input_tokens=1500, cached_tokens=1024, output_tokens=40)  # that of docs/providers.md
CASE = Case("llm", Fault.BROKEN, Moment.START)


@dataclass(slots=True)
class Day:
    """Calls on one kind of day. `requests` are those that each LLM got, `met` the faults that were drawn."""

    outcomes: list[Outcome] = field(default_factory=list)
    hedges: int = 0
    hedges_won: int = 0
    replaced: int = 0
    requests: Mapping[str, int] = field(default_factory=dict)
    met: Mapping[Fault, int] = field(default_factory=dict)

    @property
    def turns(self) -> int:
        """Of the callers'."""
        return sum(len(outcome.gaps_s) for outcome in self.outcomes)

    def figures(self) -> Mapping[str, float]:
        """What is told of it. A request costs what a real one of that size would, answered or not."""
        gaps = [1000 * gap for outcome in self.outcomes for gap in outcome.gaps_s]
        if not gaps:
            return {"calls": 0}
        cents = sum(count * micros(_price(name), REQUEST) for name, count in self.requests.items()) / MICROS_PER_CENT
        return {
            "calls": len(self.outcomes),
            "calls_lost": sum(outcome.is_lost for outcome in self.outcomes),
            "turns": self.turns,
            "turns_answered": self.turns - sum(outcome.turns_lost for outcome in self.outcomes),
            "sentences_lost": sum(outcome.sentences_lost for outcome in self.outcomes),
            "sentences_repeated": sum(outcome.sentences_repeated for outcome in self.outcomes),
            "p50_gap_ms": round(percentile(gaps, 50)),
            "p95_gap_ms": round(percentile(gaps, 95)),
            "max_gap_ms": round(max(gaps)),
            "errors_met": self.met.get(Fault.BROKEN, 0),
            "stalls_met": self.met.get(Fault.STALLED, 0),
            "hedges": self.hedges,
            "hedges_won": self.hedges_won,
            "replaced": self.replaced,
            "requests_a_turn": round(sum(self.requests.values()) / self.turns, 2),
            "llm_cents_a_turn": round(cents / self.turns, 4),
        }


def _price(name: str) -> Price:
    return catalog.price("llm", ProviderChoice(name=name)) or Price(date.min)


async def measure(calls: int, days: Sequence[tuple[Day, Chances | None]]) -> None:
    """The same calls on each of these days, some at once. Raises NotStarted."""
    async with set_up() as stage:
        for day, chances in days:
            await _spend(day, stage, calls, chances)


async def _spend(day: Day, stage: Stage, calls: int, chances: Chances | None) -> None:
    places = asyncio.Semaphore(AT_ONCE)
    before = {name: len(stage.rig.of(name).asked) for name in minds()}
    stage.rig.of(minds()[0]).chances = chances

    async def one() -> None:
        async with places, stage.worker.join() as caller:
            day.outcomes.append(await _call(stage, caller))
            hedges = caller.told("hedged")
            day.hedges += len(hedges)
            day.hedges_won += sum(bool(hedge["has_won"]) for hedge in hedges)
            day.replaced += len(caller.told("provider_replaced"))

    try:
        await asyncio.gather(*(one() for _ in range(calls)))
    finally:
        stage.rig.of(minds()[0]).chances = None
        day.requests = {name: len(stage.rig.of(name).asked) - before[name] for name in minds()}
        day.met = chances.met if chances else {}


async def _call(stage: Stage, caller: Caller) -> Outcome:
    outcome = Outcome(CASE, [])
    await greeted(caller)
    answers = [(question, await ask(caller, question, outcome)) for question in stage.asked]
    outcome.is_lost = caller.is_disconnected.is_set()
    for question, answer in answers:
        judge(question, await stage.hear(answer), outcome)
    print(" ".join(f"{gap:5.2f}" for gap in outcome.gaps_s), f"s  {outcome.turns_lost} turns lost", flush=True)
    return outcome


def run(calls: int, errors: float, stalls: float) -> int:
    """Measure both days and print, also what there is of a run that was stopped; 1 when a turn was not answered."""
    os.environ.update(KEYS)  # the rig's: prices are of providers that can be asked
    shaky, well = Day(), Day()
    chances = Chances(errors, stalls, Random(19))  # the same day each time
    try:
        asyncio.run(measure(calls, [(shaky, chances), (well, None)]))
    finally:
        print(json.dumps({**shaky.figures(), "well": well.figures()}))
    return int(shaky.figures().get("turns_answered", -1) < shaky.turns)
