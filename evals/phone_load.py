"""`python -m evals phone --calls N --minutes M`: so many telephones at once, who ask on and on. Whether each is served,
what their ears' RTP lost, and what the processes took of memory from beginning to end."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

import psutil

from evals.caller import Samples
from evals.figures import percentile
from evals.jitter import Arrivals, arrivals, together
from evals.onset import onset_s
from evals.phone_house import House, narrow, running_house
from evals.questions import Speech, strangers
from evals.rtp import RATE
from evals.telephone import Telephone

NUMBER = "+15550100100"
SENTENCES = 24
APART_S = 0.5  # between two who dial
GREETED_WITHIN_S = 90.0
ANSWERED_WITHIN_S = 15.0
QUIET_S = 1.0
THINKS_S = 2.0  # nobody asks on without a breath
TELEPHONES_NICE = -15
LOOK_EVERY_S = 0.1
LONGEST_S = 40.0
GONE_S = 20.0  # a hang-up, and all that comes of it


@dataclass(slots=True)
class Served:
    """One telephone: how often it asked, how soon sound came each time in ms, and what its network did."""

    was_greeted: bool = False
    asked: int = 0
    waits_ms: list[float] = field(default_factory=list)
    was_cut_off: bool = False
    network: Arrivals = field(default_factory=Arrivals)


@dataclass(slots=True)
class Load:
    """All of them; memory in MB by process, when all had been greeted, at the end, and when all had hung up."""

    calls: list[Served]
    memory: list[dict[str, int]]
    rows_open: int = 0

    def summary(self) -> dict[str, object]:
        """The last line of the output."""
        waits = [wait for one in self.calls for wait in one.waits_ms]
        begin, end, after = self.memory
        return {
            "calls": len(self.calls),
            "greeted": sum(one.was_greeted for one in self.calls),
            "cut_off": sum(one.was_cut_off for one in self.calls),
            "asked": sum(one.asked for one in self.calls),
            "answered": len(waits),
            "wait_p50_ms": round(percentile(waits, 50)) if waits else None,
            "wait_p95_ms": round(percentile(waits, 95)) if waits else None,
            **{f"rtp_{name}": value for name, value in asdict(together([one.network for one in self.calls])).items()},
            "memory_mb_begin": begin,
            "memory_mb_end": end,
            "memory_mb_after": after,
            "rows_open": self.rows_open,
        }

    @property
    def is_served(self) -> bool:
        """Everybody was greeted, nobody cut off, and no question stayed without an answer."""
        everyone = all(one.was_greeted and not one.was_cut_off and one.asked for one in self.calls)
        return everyone and not self.rows_open and all(len(one.waits_ms) == one.asked for one in self.calls)


async def measure(calls: int, minutes: float) -> Load:
    """Start what is needed, and end it all. Raises NotStarted and ConfigError."""
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as folder:
        async with running_house(Path(folder), {NUMBER: "shop"}, capacity=calls + 2) as house:
            sounds = await rendered(house, SENTENCES)
            first_in_line()
            greeted, is_time = asyncio.Barrier(calls + 1), asyncio.Event()
            turns = count()
            waiting = [
                asyncio.create_task(_one(house, place, sounds, turns, greeted, is_time)) for place in range(calls)
            ]
            await greeted.wait()
            print(f"all {calls} are on the line", flush=True)
            memory = [await asyncio.to_thread(memory_mb, house)]
            await asyncio.sleep(60 * minutes)
            memory.append(await asyncio.to_thread(memory_mb, house))
            is_time.set()
            served = await asyncio.gather(*waiting)
            rows_open = await open_rows(house)
            memory.append(await asyncio.to_thread(memory_mb, house))
            return Load(list(served), memory, rows_open)


def first_in_line() -> None:
    """Telephones are other machines: where it is allowed, this process waits for none of those that it measures."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, TELEPHONES_NICE)


async def rendered(house: House, number: int) -> list[Samples]:
    """So many of the strangers' sentences, as telephones send them."""
    speech = Speech(house.client, strangers(), is_phone=True)
    await speech.render(0, number)
    return [narrow(speech[speech.asked(one)].samples) for one in range(number)]


async def _one(
    house: House,
    place: int,
    sounds: Sequence[Samples],
    turns: Iterator[int],
    greeted: asyncio.Barrier,
    is_time: asyncio.Event,
) -> Served:
    """Dial, hear the greeting out, and ask until it is time to hang up, or the line closes."""
    served = Served()
    await asyncio.sleep(place * APART_S)
    async with house.call(NUMBER, caller_of(place)) as phone:
        try:
            await phone.up(GREETED_WITHIN_S)
            served.was_greeted = await until_heard_out(phone, phone.now, GREETED_WITHIN_S) is not None
        except TimeoutError as error:
            print(f"  telephone {place}: {error}", flush=True)
        await greeted.wait()
        while served.was_greeted and not is_time.is_set() and not phone.is_over:
            served.asked += 1
            ended = await phone.say(sounds[next(turns) % len(sounds)])
            onset = await until_heard_out(phone, ended, ANSWERED_WITHIN_S)
            await asyncio.sleep(THINKS_S)
            if onset is not None:
                served.waits_ms.append((onset - ended) * 1000)
            else:
                print(f"  telephone {place}: no answer within {ANSWERED_WITHIN_S:g} s", flush=True)
        served.was_cut_off = phone.is_over
    served.network = arrivals(phone.line.packets)
    return served


def caller_of(place: int) -> str:
    """A number of their own for each."""
    return f"+1555011{place:04}"


async def until_heard_out(phone: Telephone, since: float, within_s: float) -> float | None:
    """Until the agent has spoken and been silent for QUIET_S; the moment of its first sound. None when none came."""
    onset = None
    while not phone.is_over and phone.now - since < LONGEST_S + within_s:
        await asyncio.sleep(LOOK_EVERY_S)
        lately = max(since, phone.now - QUIET_S - 0.3)
        began = onset_s(phone.heard_since(lately), RATE)
        if began is not None and onset is None:
            onset = lately + began
        if (onset is not None and began is None) or (onset is None and phone.now - since > within_s):
            break
    return onset


def memory_mb(house: House) -> dict[str, int]:
    """What the worker with all its jobs and models, and the servers, hold alone and their share of what they share."""
    parts: Mapping[str, int] = {"worker": house.workers[0].process.pid, **house.servers.pids}
    found = {}
    for name, pid in parts.items():
        process = psutil.Process(pid)
        found[name] = round(sum(_pss(one) for one in (process, *process.children(recursive=True))) / 1e6)
    return found


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


async def open_rows(house: House, within_s: float = GONE_S) -> int:
    """How many calls are still open on record when they should all be over."""
    left = 0
    for _ in range(int(within_s)):
        left = sum(one.ended_at is None for one in await asyncio.to_thread(house.stored))
        if not left:
            break
        await asyncio.sleep(1.0)
    return left
