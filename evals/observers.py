"""`python -m evals observers`: what it costs the caller that a call is seen. Voice to voice with every observer (audit,
record, telling, spans to a collector, metrics to a Prometheus) and with none, call by call in turn, on one machine.

With --database-gone S the Postgres of the observed worker is stopped for so long while several callers speak: the
slowest turn before, meanwhile and after, and how many audit records are missing. The last line is JSON.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from agent.config import ROOT
from agent.memory.ledger import Ledger
from agent.observers.audit.records import UNTOLD
from evals.asking import TURNS_A_CALL, one_call
from evals.caller import Caller
from evals.collector import Collector, running_collector
from evals.databases import Postgres, running_postgres
from evals.figures import percentile
from evals.latency_agents import short_answers
from evals.prometheus import prometheus
from evals.questions import Speech, strangers
from evals.servers import (
    LiveKit,
    NotStarted,
    RunningWorker,
    end,
    free_port,
    running_livekit,
    running_speech,
    start_worker,
)

Side = Literal["on", "off"]
SIDES: tuple[Side, ...] = ("on", "off")
CAUGHT_UP_S = 60.0  # the audit log asks every five seconds whether the database is back
GOES_AFTER_S = 15.0  # the calls have begun then
KEY = "a" * 32


def never() -> bool:
    """Nobody gives up a start here."""
    return False


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn that counts: how long the caller waited, and when they had ended (epoch)."""

    side: Side
    ms: float
    at: float


@dataclass(frozen=True, slots=True)
class Watched:
    """A worker that is observed, and everything that it tells."""

    worker: RunningWorker
    collector: Collector
    store: str


@dataclass(slots=True)
class Calls:
    """Callers one after another, or several at once, and what their pages were told."""

    questions: Speech
    count: int = 0
    callers: list[Caller] = field(default_factory=list)

    async def round(self, worker: RunningWorker, side: Side, at_once: int = 1) -> list[Heard]:
        """So many calls at once; the turns of them that count."""
        await self.questions.render(self.count * TURNS_A_CALL, at_once * TURNS_A_CALL)
        numbers = range(self.count, self.count + at_once)
        own = worker.livekit, worker.process, worker.agent_name, worker.log, worker.var, worker.port
        watched = _Remembering(*own, self.callers)
        calls = [one_call(watched, "ours", "strangers", each, self.questions, is_phone=False) for each in numbers]
        judges = await asyncio.gather(*calls)
        return [Heard(side, turn.ms, turn.at) for judge in judges for turn in judge() if turn.ms is not None]


@dataclass(slots=True)
class _Remembering(RunningWorker):
    """The worker whose callers are looked at again when they have left."""

    callers: list[Caller] = field(default_factory=list)

    @asynccontextmanager
    async def join(self, *arguments: Any, **named: Any) -> AsyncIterator[Caller]:
        async with RunningWorker.join(self, *arguments, **named) as caller:
            self.callers.append(caller)
            yield caller


@asynccontextmanager
async def watched_worker(livekit: LiveKit, folder: Path, store: str = "") -> AsyncIterator[Watched]:
    """Ours with all that listens: a collector, a Prometheus that asks every second, and the audit log, signed."""
    port = free_port()
    async with AsyncExitStack() as stack:
        collector = stack.enter_context(running_collector(folder))
        environment = {
            "PARLEY_PROFILES_DIR": str(short_answers(folder)),
            "PARLEY_CAPACITY": "20",
            "PARLEY_AUDIT_KEY": KEY,
            "PARLEY_METRICS_PORT": str(port),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        if store:
            environment["PARLEY_STORE_URL"] = store
        worker = await asyncio.to_thread(
            lambda: start_worker(livekit, folder, agent_name="on", is_given_up=never, **environment)
        )
        stack.callback(end, worker.process)
        await stack.enter_async_context(prometheus(folder, f"127.0.0.1:{port}"))
        yield Watched(worker, collector, store or f"sqlite:///{worker.var / 'parley.db'}")


async def both(minutes: float, at_once: int, heard: list[Heard]) -> None:
    """Calls with observers and without in turn, each side first as often, for so long."""
    until = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name, ExitStack() as stack:
        folder = Path(name)
        livekit = stack.enter_context(running_livekit(folder))
        async with running_speech(folder) as client, watched_worker(livekit, folder) as watched:
            off = await asyncio.to_thread(_unobserved, livekit, folder)
            stack.callback(end, off.process)
            workers: dict[Side, RunningWorker] = {"on": watched.worker, "off": off}
            # each piece of the measurement goes on in the list of sentences, and the other side begins
            calls, rounds = Calls(Speech(client, strangers(), is_phone=False), len(heard) // 2), len(heard)
            while time.monotonic() < until:
                first = rounds % 2
                for side in (SIDES[first], SIDES[1 - first]):
                    heard += await calls.round(workers[side], side, at_once)
                calls.count += at_once
                rounds += 1
                print(_progress(heard), flush=True)
            await asyncio.to_thread(_wait, lambda: bool(watched.collector.spans()), "a span")


def _unobserved(livekit: LiveKit, folder: Path) -> RunningWorker:
    command = (sys.executable, "-m", "evals.unobserved", "dev", "--no-reload")
    environment = {"PARLEY_PROFILES_DIR": str(folder / "profiles"), "PARLEY_CAPACITY": "20"}
    where = folder / "off"
    where.mkdir()
    return start_worker(livekit, where, agent_name="off", command=command, is_given_up=never, **environment)


def _progress(heard: Sequence[Heard]) -> str:
    return ", ".join(f"{side} {_spread(one.ms for one in heard if one.side == side)}" for side in SIDES)


def _spread(values: Iterable[float]) -> dict[str, float | int | None]:
    there = list(values)
    p50, p95 = (round(percentile(there, percent)) if there else None for percent in (50, 95))
    return {"p50_ms": p50, "p95_ms": p95, "n": len(there), "slowest_ms": round(max(there)) if there else None}


async def without_database(gone_s: float, at_once: int) -> dict[str, object]:
    """Calls while the database stops and comes back; what the callers heard, and what is missing in the audit log."""
    heard: list[Heard] = []
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as name, ExitStack() as stack:
        folder = Path(name)
        livekit = stack.enter_context(running_livekit(folder))
        database = stack.enter_context(running_postgres(_postgres()))
        async with running_speech(folder) as client, watched_worker(livekit, folder, database.url) as watched:
            calls = Calls(Speech(client, strangers(), is_phone=False))
            going = asyncio.create_task(_away(database, gone_s), name="database")
            while not going.done():
                heard += await calls.round(watched.worker, "on", at_once)
                calls.count += at_once
            went, came = going.result()
            heard += await calls.round(watched.worker, "on", at_once)
            ledger = Ledger(watched.store, KEY)
            joined = len(calls.callers)
            await asyncio.to_thread(_wait, lambda: _recorded(ledger)["call_ended"] >= joined, "the audit log")
            lost = missing(calls.callers, _recorded(ledger))
            said = {
                "before": _spread(one.ms for one in heard if one.at < went),
                "gone": _spread(one.ms for one in heard if went <= one.at < came),
                "after": _spread(one.ms for one in heard if one.at >= came),
                "gone_s": round(came - went, 1),
                "callers": at_once,
                "calls": joined,
                "audit_records": sum(_recorded(ledger).values()),
                "audit_records_lost": sum(lost.values()),
                "audit_lost_by_kind": dict(lost),
                "turns_missing": turns_missing(ledger),
                "chain": [str(finding) for finding in ledger.verify()],
                "said_that_it_waits": "the audit log waits on disk" in watched.worker.logged(),
            }
            ledger.close()
            return said


async def _away(database: Postgres, gone_s: float) -> tuple[float, float]:
    """Stop it after a while, and start it again after `gone_s`; when it went and came, in seconds since the epoch."""
    await asyncio.sleep(GOES_AFTER_S)
    went = time.time()
    await asyncio.to_thread(database.stop)
    print("the database is gone", flush=True)
    await asyncio.sleep(gone_s)
    await asyncio.to_thread(database.start)
    print("the database is back", flush=True)
    return went, time.time()


def missing(callers: Sequence[Caller], recorded: Counter[str]) -> Counter[str]:
    """By kind, how many events the callers' pages were told of that the audit log should have, and has not."""
    told = Counter(str(event["type"]) for caller in callers for event in caller.events)
    return Counter({kind: count for kind, count in told.items() if kind not in UNTOLD}) - recorded


def turns_missing(ledger: Ledger) -> int:
    """Turns of callers that the log knows only by the numbers of those around them, and by each call's end."""
    turns: dict[str, set[int]] = {}
    count: dict[str, int] = {}
    for link in ledger.all():
        body = json.loads(link.body or "{}")
        if body["event"] == "caller_spoke":
            turns.setdefault(str(link.call_id), set()).add(body["turn"])
        elif body["event"] == "call_ended":
            count[str(link.call_id)] = body["turns"]
    return sum(len(set(range(1, most + 1)) - turns.get(call, set())) for call, most in count.items())


def _recorded(ledger: Ledger) -> Counter[str]:
    return Counter(str(json.loads(link.body or "{}")["event"]) for link in ledger.all())


def _wait(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + CAUGHT_UP_S
    while not condition():
        if time.monotonic() > until:
            raise NotStarted(f"{what} was not there after {CAUGHT_UP_S:g} s")
        time.sleep(0.5)


def _postgres() -> Path:
    """The newest that Debian has installed. Raises NotStarted."""
    if found := sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        return found[-1]
    raise NotStarted("Postgres is not installed: `apt install postgresql`")


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=4.0, help="how long calls are begun (default 4)")
    parser.add_argument("--database-gone", type=float, metavar="S", help="seconds without a database")
    parser.add_argument("--callers", type=int, default=3, metavar="N", help="calls at once (default 3)")
    where = ROOT / "var" / "evals" / "observers.json"
    parser.add_argument("--into", type=Path, default=where, help=f"turns are added to those there (default {where})")
    chosen = parser.parse_args()
    if chosen.database_gone:
        print(json.dumps(asyncio.run(without_database(chosen.database_gone, chosen.callers))))
        return 0
    kept = json.loads(chosen.into.read_text()) if chosen.into.exists() else []
    heard = [Heard(**one) for one in kept]
    try:
        asyncio.run(both(chosen.minutes, chosen.callers, heard))
    finally:
        chosen.into.parent.mkdir(parents=True, exist_ok=True)
        chosen.into.write_text(json.dumps([asdict(one) for one in heard]))
    print(json.dumps({side: _spread(one.ms for one in heard if one.side == side) for side in SIDES}))
    return 0
