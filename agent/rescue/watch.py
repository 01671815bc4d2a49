"""Watch: a worker's eye on calls whose job has died, its own and those of other workers. It sends another job there.

What the other job goes on with is taking_up.py's. Nothing here decides anything about a call that lives: a job that
comes into one finds the agent there and leaves.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from agent.errors import StoreError
from agent.memory.kept import KeptCall, KeptCalls
from agent.rescue.taking_up import Carried, read
from agent.servers.dispatch import Dispatch

logger = logging.getLogger("parley.watch")
BEAT_S = 0.5
DEAD_S = 2.0  # without a beat: a worker that is only late loses nothing but a look by another one
AGAIN_S = 2.0  # until the next job is sent to the same call; twice as long each time
LONGEST_S = 30.0
GONE_S = 20.0  # a caller who is away for longer has hung up
SWEEP_S = 60.0
LOST_AFTER = timedelta(minutes=1)


class Rooms(Protocol):
    """What the watch asks of the LiveKit server, as servers/rooms.py does. Both raise OSError when it is away."""

    async def callers(self, room: str) -> set[str] | None:
        """Identities of the people in the room; None when there is no such room."""

    async def show_out(self, room: str, identity: str) -> None:
        """Take a participant out of the room."""

    async def send(self, room: str, dispatch: Dispatch) -> None:
        """Ask for an agent there."""


@dataclass(slots=True)
class _Missed:
    """A call without a job: when the next is sent, whether its process ended before our eyes, and since when the caller
    is away."""

    next_at: float
    is_dead: bool
    wait_s: float = AGAIN_S
    away_since: float | None = None


class Watch:
    """One per worker. `ids` are those under which it registered, the latest last; `rooms_here` the names of rooms that
    its jobs are in; `now` a steady clock in seconds, `clock` the time for the store."""

    def __init__(
        self,
        kept: KeptCalls,
        rooms: Rooms,
        *,
        ids: Callable[[], list[str]],
        rooms_here: Callable[[], Iterable[str]],
        now: Callable[[], float],
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._kept, self._rooms = kept, rooms
        self._ids, self._rooms_here = ids, rooms_here
        self._now, self._clock, self._sleep = now, clock, sleep
        self._beats: dict[str, tuple[int, float]] = {}
        self._missed: dict[str, _Missed] = {}
        self._had: set[str] = set()  # marks of the rooms that our jobs were in at the last look
        self._swept_at = float("-inf")
        self._has_complained = False

    async def run(self) -> None:
        """Until cancelled. A store or server that fails is asked again at the next beat."""
        while True:
            try:
                await self.look()
                self._has_complained = False
            except (StoreError, OSError) as error:
                if not self._has_complained:
                    logger.warning("calls cannot be watched", extra={"reason": str(error)})
                self._has_complained = True
            await self._sleep(BEAT_S)

    async def leave(self) -> None:
        """The worker ends in order; its calls have ended."""
        for worker in self._ids():
            try:
                await asyncio.to_thread(self._kept.leave, worker)
            except StoreError:
                return  # then another worker finds that it has no calls

    async def look(self) -> None:
        """Beat, claim what dead workers had, send jobs to calls that have none, and close what is lost."""
        mine = self._ids()
        if not mine:
            return
        beats: dict[str, int] = {}
        for worker in mine:
            beats |= await asyncio.to_thread(self._kept.beat, worker, self._clock())
        for dead in self._dead(beats, mine):
            count = await asyncio.to_thread(self._kept.claim, dead, mine[-1])
            logger.warning("a worker is gone", extra={"worker": dead, "count": count})
        await self._look_after(await asyncio.to_thread(self._kept.of, mine))
        if self._now() - self._swept_at >= SWEEP_S:
            self._swept_at = self._now()
            if count := await asyncio.to_thread(self._kept.close_lost, self._clock(), LOST_AFTER):
                logger.warning("records of lost calls closed", extra={"count": count})

    def _dead(self, beats: dict[str, int], mine: list[str]) -> list[str]:
        """Those whose beat has stood still, by this worker's own clock."""
        now = self._now()
        self._beats = {
            worker: known if (known := self._beats.get(worker)) and known[0] == beat else (beat, now)
            for worker, beat in beats.items()
        }
        return [one for one, (_, since) in self._beats.items() if one not in mine and now - since >= DEAD_S]

    async def _look_after(self, calls: list[KeptCall]) -> None:
        here = {self._kept.seal.room(name) for name in self._rooms_here()}
        without = {call.call_id: call for call in calls if call.room not in here}
        self._missed = {call_id: one for call_id, one in self._missed.items() if call_id in without}
        for call in without.values():
            missed = self._missed.setdefault(call.call_id, _Missed(self._now(), is_dead=call.room in self._had))
            if self._now() >= missed.next_at:
                await self._replace(call, missed)
        self._had = here

    async def _replace(self, call: KeptCall, missed: _Missed) -> None:
        """Send a job to the call, or bury it when nobody is there."""
        carried = read(call.state)
        present = await self._rooms.callers(carried.room) if carried else None
        if carried is None or present is None or self._has_hung_up(carried, present, missed):
            await asyncio.to_thread(self._kept.bury, call.call_id, self._clock())
            logger.warning("a call was lost", extra={"call": call.call_id})
            return
        if missed.away_since is not None:
            return
        missed.next_at, missed.wait_s = self._now() + missed.wait_s, min(LONGEST_S, 2 * missed.wait_s)
        if missed.is_dead:  # what is left of it in the room tells its caller nothing: gone, the page sees it at once
            await self._rooms.show_out(carried.room, carried.agent)
            missed.is_dead = False  # once is enough, however many are sent
        await self._rooms.send(carried.room, Dispatch(carried.profile, carried.caller, instead_of=carried.agent))
        logger.warning("a call without its job: another is sent", extra={"call": call.call_id})

    def _has_hung_up(self, carried: Carried, present: set[str], missed: _Missed) -> bool:
        if carried.caller in present:
            missed.away_since = None
            return False
        missed.away_since = self._now() if missed.away_since is None else missed.away_since
        return self._now() - missed.away_since >= GONE_S
