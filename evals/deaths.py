"""`python -m evals deaths`: workers and jobs are killed in the middle of calls; what callers notice, and what is left.

Two workers on one livekit-server share a store. In each round three callers book a table, and as they say yes one job,
or the worker that has most of them, gets SIGKILL. All is seen from the callers' ends and, at last, in the databases.
With `--page`, one of the three looks at our page in Chromium, and it is that call's job or worker which is killed.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import psutil
from livekit import rtc

from agent.config import ROOT
from agent.profile.profile import Sentences, load_profile
from evals.caller import Caller
from evals.deaths_seen import Watched, seconds_until, serving
from evals.onset import longest_silence_s
from evals.servers import LiveKit, RunningWorker, end, running_livekit, start_worker

AGENT, PROFILE = "mortal", "restaurant"
CALLS = 3
GREETED_S, ANSWERED_S = 90.0, 45.0
TAKEN_UP_S = 40.0  # what takes longer is written down as never
NAMES = ("Miller", "Kim", "Baker", "Lopez", "Fisher", "Young", "Carter", "Evans")
DAYS = ("Tuesday", "Wednesday", "Thursday", "Sunday")
TIMES = ("six pm", "seven pm", "eight pm")
OWED_S = 20.0
YES_WITHIN_S = 0.3  # between the yes and the death: somewhere in the middle of booking


@dataclass(slots=True)
class Seen:
    """One caller whose agent died: the longest silence until somebody else spoke, or for how long the page told
    nothing; seconds from the kill until the call was taken up, None for never."""

    kind: str
    silent_s: float | None = None
    taken_up_s: float | None = None
    is_booked: bool = False


@dataclass(slots=True)
class Left:
    """What the databases hold at the end."""

    rows_open: int = 0
    rows_kept: int = 0
    booked: int = 0
    booked_twice: int = 0
    taken_up: int = 0


@dataclass(slots=True)
class Report:
    """All rounds."""

    seen: list[Seen] = field(default_factory=list)
    left: Left = field(default_factory=Left)


class House:
    """Two workers that share a store; whichever is killed is replaced."""

    def __init__(self, livekit: LiveKit, folder: Path) -> None:
        self._livekit, self._folder = livekit, folder
        self._count = 0
        self.workers: list[RunningWorker] = []

    def hire(self) -> RunningWorker:
        """One more worker. Raises NotStarted."""
        self._count += 1
        own = self._folder / f"worker-{self._count}"
        own.mkdir()
        worker = start_worker(
            self._livekit, own, agent_name=AGENT, PARLEY_VAR_DIR=str(self._folder / "var"),
            PARLEY_CAPACITY="6", PARLEY_PROFILE=PROFILE,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def worker_of(self, room: str) -> RunningWorker:
        """Who has the call."""
        return next(one for one in self.workers if room in one.logged())

    def kill(self, kind: str, worker: RunningWorker, job: psutil.Process) -> None:
        """The job alone, or the whole worker."""
        if kind == "job":
            job.kill()
        else:
            worker.process.kill()
            self.workers.remove(worker)

    def fire(self) -> None:
        """End all that live."""
        for worker in self.workers:
            if worker.process.poll() is None:
                end(worker.process)


@dataclass(slots=True)
class Guest:
    """One caller and their table, known by a telephone number that no other caller gives."""

    caller: Caller
    number: int

    async def ask(self) -> None:
        """Up to the question whether it shall be booked. Raises TimeoutError."""
        await self.caller.until(lambda c: c.told("greeted"), GREETED_S, "the greeting")
        day, time = DAYS[self.number % len(DAYS)], TIMES[self.number % len(TIMES)]
        name = NAMES[self.number % len(NAMES)]
        await self._say(f"a table for two on {day} at {time}, name is {name}", "phone number")
        await self._say(f"212 555 01{self.number:02}", "Shall I book")

    async def _say(self, words: str, expected: str) -> None:
        since = self.caller.now
        await self.caller.write(words)
        await self.caller.until(lambda _: expected in self._heard(since), ANSWERED_S, f"{expected!r}")

    def _heard(self, since: float) -> str:
        return " ".join(str(one["text"]) for one in self.caller.told("agent_spoke", since))

    async def follow(self, kind: str) -> Seen:
        """What they notice of the death that is now, and whether their table is booked after it."""
        caller, died_at = self.caller, self.caller.now
        seen = Seen(kind)
        with contextlib.suppress(TimeoutError):
            await caller.until(lambda c: c.told("taken_up", died_at), TAKEN_UP_S, "somebody else")
            seen.taken_up_s = round(float(str(caller.told("taken_up", died_at)[0]["heard_at"])) - died_at, 2)
            taken_at = died_at + seen.taken_up_s
            await caller.until(lambda c: c.captions[-1].is_agent and c.captions[-1].at > taken_at, ANSWERED_S, "words")
        seen.silent_s = round(longest_silence_s(caller.agent_spoke_since(died_at), 48_000), 2)
        for _ in range(3 if seen.taken_up_s is not None else 0):
            with contextlib.suppress(TimeoutError):  # whoever is owed an answer gets it; the others say yes once more
                await caller.until(lambda _: "Your reference is" in self._heard(died_at), OWED_S, "a booking")
                break
            with contextlib.suppress(rtc.StreamError):  # the call may have ended
                await caller.write("yes")
        seen.is_booked = "Your reference is" in self._heard(died_at)
        if not seen.is_booked:
            print(f"not booked, {caller.now - died_at:.1f} s after the death:\n{caller.transcript()}", flush=True)
            print([(one["type"], round(float(str(one["heard_at"])) - died_at, 1)) for one in caller.events][-25:])
        return seen


@contextlib.asynccontextmanager
async def asked(house: House, count: int, number: int) -> AsyncIterator[list[Guest]]:
    """So many callers of the round, each about to say yes. Raises TimeoutError."""
    async with contextlib.AsyncExitStack() as calls:
        joins = [house.workers[-1].join(f"caller-{n}") for n in range(count)]
        joined = [await calls.enter_async_context(join) for join in joins]
        guests = [Guest(caller, CALLS * number + n) for n, caller in enumerate(joined)]
        await asyncio.gather(*(guest.ask() for guest in guests))
        yield guests


async def one_round(house: House, kind: str, number: int) -> list[Seen]:
    """Kill a job, or a worker, while three callers say yes."""
    async with asked(house, CALLS, number) as guests:
        first = guests[0].caller.room.name
        worker = house.worker_of(first)
        job = worker.job_of(first)
        same = [guest for guest in guests if house.worker_of(guest.caller.room.name) is worker]
        await asyncio.gather(*(guest.caller.write("yes") for guest in guests))
        await asyncio.sleep(random.uniform(0.0, YES_WITHIN_S))
        house.kill(kind, worker, job)
        victims = guests[:1] if kind == "job" else same
        found = await asyncio.gather(*(guest.follow(kind) for guest in victims))
    if kind == "worker":
        await asyncio.to_thread(house.hire)
    return list(found)


async def one_round_seen(house: House, kind: str, number: int, url: str, said: Sentences) -> list[Seen]:
    """Kill the job, or the worker, of a call in Chromium while two others say yes."""
    async with asked(house, CALLS - 1, number) as guests:
        watched = await Watched.call(url, said.taken_up)
        worker = house.worker_of(watched.room)
        job = worker.job_of(watched.room)
        await asyncio.gather(*(guest.caller.write("yes") for guest in guests))
        died_at = time.time()
        house.kill(kind, worker, job)
        told_s, back_s = seconds_until(await watched.changes(), died_at, said.hold_the_line, said.taken_up)
    if kind == "worker":
        await asyncio.to_thread(house.hire)
    return [Seen(f"{kind}, on the page", told_s, back_s, is_booked=back_s is not None)]


def look_at(var: Path) -> Left:
    """The databases, once everything has ended."""
    left = Left()
    with contextlib.closing(sqlite3.connect(var / "parley.db")) as store:
        left.rows_open = store.execute("SELECT count(*) FROM calls WHERE ended_at IS NULL").fetchone()[0]
        left.taken_up = store.execute("SELECT count(*) FROM calls WHERE taken_up > 0").fetchone()[0]
        left.rows_kept = store.execute("SELECT count(*) FROM kept_calls").fetchone()[0]
    with contextlib.closing(sqlite3.connect(var / "restaurant.db")) as tables:
        by_phone = tables.execute("SELECT count(*) FROM table_bookings WHERE request_key IS NOT NULL GROUP BY phone")
        counts = [row[0] for row in by_phone]
    left.booked, left.booked_twice = len(counts), sum(count > 1 for count in counts)
    return left


async def measure(rounds: int, folder: Path, kinds: list[str], *, on_page: bool) -> Report:
    """All rounds. Raises NotStarted."""
    report, rounds_done = Report(), list[str]()
    profile = load_profile(PROFILE, ROOT / "profiles")
    with running_livekit(folder) as livekit:
        house = House(livekit, folder)
        async with contextlib.AsyncExitStack() as stack:
            url = await stack.enter_async_context(serving(livekit, profile, AGENT)) if on_page else ""
            stack.push_async_callback(asyncio.to_thread, house.fire)
            seen_on_page = partial(one_round_seen, house, url=url, said=profile.sentences)
            play = seen_on_page if on_page else partial(one_round, house)
            for _ in range(2):
                await asyncio.to_thread(house.hire)
            for kind in kinds:
                for number in range(rounds):
                    rounds_done.append(kind)
                    try:
                        found = await play(kind, len(rounds_done) - 1)
                    except TimeoutError as error:  # nobody has died yet: the machine is too busy for three calls
                        print(f"{kind} {number + 1}/{rounds}: could not begin: {error}", flush=True)
                        continue
                    report.seen += found
                    print(f"{kind} {number + 1}/{rounds}: {[asdict(one) for one in found]}", flush=True)
            await asyncio.sleep(25)  # whoever has hung up is forgotten by then
    report.left = look_at(folder / "var")
    return report


def summary(report: Report) -> str:
    """A line for each kind, and what was left."""
    lines = []
    for kind in dict.fromkeys(one.kind for one in report.seen):
        of_kind = [one for one in report.seen if one.kind == kind]
        lines.append(
            f"{kind}: {len(of_kind)} calls; without a sign {_spread([one.silent_s for one in of_kind])}; "
            f"taken up {_spread([one.taken_up_s for one in of_kind])}; "
            f"with their history {sum(one.is_booked for one in of_kind)}"
        )
    return "\n".join([*lines, f"left: {asdict(report.left)}"])


def _spread(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "never"
    never = f", never {len(values) - len(known)}" if len(known) < len(values) else ""
    return f"p50 {statistics.median(known):.1f} s, max {max(known):.1f} s{never}"


def main() -> int:
    """Exit status 1 when a call was lost, a row stayed open or something was written twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, choices=range(1, 16), metavar="1..15")
    parser.add_argument("--kind", choices=["job", "worker"], action="append")
    parser.add_argument("--page", action="store_true", help="as it is seen on the page, in Chromium")
    parser.add_argument("--out", type=Path, help="where the report goes as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-deaths-") as folder:
        kinds = options.kind or ["job", "worker"]
        report = asyncio.run(measure(options.rounds, Path(folder), kinds, on_page=options.page))
    print(summary(report))
    if options.out:
        options.out.write_text(json.dumps(asdict(report), indent=2))
    is_lost = any(one.taken_up_s is None for one in report.seen)
    return int(is_lost or bool(report.left.rows_open or report.left.booked_twice))
