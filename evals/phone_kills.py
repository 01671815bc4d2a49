"""`python -m evals phone --kill sip|redis|worker`: a part dies in the middle of calls. What each caller hears, in
seconds from the death, what is stored, and whether the next caller is served once the part is there again."""

import asyncio
import contextlib
import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from evals import voices
from evals.caller import Samples
from evals.onset import FLOOR_DB, levels_db, onset_s
from evals.phone_house import House, narrow, running_house
from evals.phone_load import NUMBER, caller_of, open_rows, rendered, until_heard_out
from evals.rtp import RATE
from evals.servers import NotStarted
from evals.telephone import Telephone
from evals.verdicts import spans

Part = Literal["sip", "redis", "worker"]
CALLS = 3
GREETED_WITHIN_S = 90.0
SPEAKS_WITHIN_S = 15.0
WATCHED_S = 45.0
BACK_AFTER_S: dict[Part, float] = {"sip": 3.0, "redis": 15.0, "worker": 3.0}  # a supervisor starts it again
GOODBYE = "That's all, goodbye."
SPEAKS_AFTER_S = 3.0  # who is still on the line goes on, whatever has died
PAUSE_S = 0.8  # within what is heard, before something new is said
NEXT_WITHIN_S, NEXT_S = 60.0, 20.0  # altogether, and of one attempt
CLOSED_WITHIN_S = 90.0


@dataclass(slots=True)
class Seen:
    """One caller, in seconds from the death; None for never while it was watched. `spoke_on_s` is until the sound that
    was on its way stopped, `heard_s` until the agent, this one or another, said something again. The first of them says
    goodbye after SPEAKS_AFTER_S, the others ask on."""

    spoke_on_s: float | None = None
    heard_s: float | None = None
    closed_s: float | None = None
    words: str = ""


@dataclass(slots=True)
class Aftermath:
    """What became of all."""

    part: Part
    seen: list[Seen] = field(default_factory=list)
    rows_open: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    next_served_s: float | None = None  # from when the part was there again

    @property
    def is_well(self) -> bool:
        """Nobody is left with an open row, and the next caller is served."""
        return not self.rows_open and self.next_served_s is not None

    def summary(self) -> dict[str, object]:
        """The last line of the output."""
        return {"kill": self.part, **{name: value for name, value in asdict(self).items() if name != "part"}}


async def measure(part: Part, calls: int) -> Aftermath:
    """Start what is needed, and end it all. Raises NotStarted and ConfigError."""
    with tempfile.TemporaryDirectory(prefix="parley-evals-") as folder:
        workers = 2 if part == "worker" else 1
        async with running_house(Path(folder), {NUMBER: "shop"}, workers=workers, capacity=calls + 2) as house:
            found = Aftermath(part)
            sounds = await rendered(house, 4)
            goodbye = narrow(await voices.agents(house.client, GOODBYE))
            talking = asyncio.Barrier(calls + 1)
            died = asyncio.get_running_loop().create_future()
            watching = [
                asyncio.create_task(_watched(house, place, (sounds[place % 3], then), talking, died))
                for place, then in enumerate([goodbye, *[sounds[3]] * (calls - 1)])
            ]
            await _begun(talking, watching)
            _kill(house, part)
            died.set_result(None)
            await asyncio.sleep(BACK_AFTER_S[part])
            await _bring_back(house, part)
            found.next_served_s = await _next(house)
            found.seen = list(await asyncio.gather(*watching))
            found.rows_open = await open_rows(house, CLOSED_WITHIN_S)
            stored = await asyncio.to_thread(house.stored)
            found.ends = dict(Counter(one.end_reason or "open" for one in stored))
            return found


async def _begun(talking: asyncio.Barrier, watching: Sequence["asyncio.Task[Seen]"]) -> None:
    """Until all are heard. Raises NotStarted when one of them is not even answered."""
    waiting = asyncio.ensure_future(talking.wait())
    await asyncio.wait({waiting, *watching}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        failed = next(one for one in watching if one.done())
        for one in watching:
            one.cancel()
        await asyncio.gather(waiting, *watching, return_exceptions=True)
        raise NotStarted(f"nobody has died yet, and a caller was not served: {failed.exception()}")


def _kill(house: House, part: Part) -> None:
    """SIGKILL. Of two workers the one that has the calls, or more of them."""
    match part:
        case "sip":
            house.servers.sip_program.kill()
        case "redis":
            house.servers.redis_program.kill()
        case "worker":
            busiest = max(house.workers, key=lambda one: one.logged().count("call-"))
            busiest.process.kill()
            house.workers.remove(busiest)


async def _bring_back(house: House, part: Part) -> None:
    """As a supervisor does. Redis keeps what it knows, so nobody has to tell it of the lines again."""
    match part:
        case "sip":
            await asyncio.to_thread(house.servers.sip_program.start)
        case "redis":
            await asyncio.to_thread(house.servers.redis_program.start)
        case "worker":
            await asyncio.to_thread(house.hire)


async def _watched(
    house: House, place: int, says: tuple[Samples, Samples], talking: asyncio.Barrier, died: "asyncio.Future[None]"
) -> Seen:
    """Ask something, and when the agent speaks wait for the death; then go on talking, and what is heard."""
    async with house.call(NUMBER, caller_of(place)) as phone:
        await phone.up(GREETED_WITHIN_S)
        await until_heard_out(phone, phone.now, GREETED_WITHIN_S)
        asked = await phone.say(says[0])
        with contextlib.suppress(TimeoutError):
            await phone.until(lambda: _is_heard(phone, asked), SPEAKS_WITHIN_S, "an answer")
        await talking.wait()
        await died
        died_at = phone.now
        await asyncio.sleep(SPEAKS_AFTER_S)
        if not phone.is_over:
            await phone.say(says[1])
        return await _followed(house, phone, died_at)


def _is_heard(phone: Telephone, since: float) -> bool:
    return onset_s(phone.heard_since(since), RATE) is not None


async def _followed(house: House, phone: Telephone, died_at: float) -> Seen:
    seen = Seen()
    with contextlib.suppress(TimeoutError):
        await phone.until(lambda: phone.is_over, WATCHED_S, "the end")
        seen.closed_s = round(phone.now - died_at, 1)
    heard = phone.line.rendered(died_at, phone.now)
    voices = spans(levels_db(heard, RATE), FLOOR_DB)
    own = [one for one in voices if one.began < PAUSE_S]  # what had been on its way
    spoke_on_s = own[-1].ended if own else 0.0
    again = [one for one in voices if one.began >= spoke_on_s + PAUSE_S]
    seen.spoke_on_s = round(spoke_on_s, 2)
    if again:
        seen.heard_s = round(again[0].began, 2)
        seen.words = await house.understood(heard[int(again[0].began * RATE) :])
    print(f"  {seen}", flush=True)
    return seen


async def _next(house: House) -> float | None:
    """From now until somebody who dials again and again is greeted and has an answer; None when they never are."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for attempt in itertools.count(900):
        if loop.time() - began > NEXT_WITHIN_S:
            return None
        with contextlib.suppress(TimeoutError):
            async with house.call(NUMBER, caller_of(attempt)) as phone:
                await phone.until(lambda: phone.dialog.remote or phone.is_over, NEXT_S, "an open line")
                if not phone.is_over:
                    await phone.up(1.0)
                    if await until_heard_out(phone, phone.now, NEXT_S) is not None:
                        return round(loop.time() - began, 1)
        await asyncio.sleep(0.5)
    return None
