"""Breakers: which providers are down, as all calls of a worker know it. Shared in one small file; what a call asks and
notes is memory alone, and the file is read and written behind its back. When a breaker opens, rules/breaker.py says."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from agent.providers.shared_file import SharedFile
from agent.rules.breaker import Breaker, Failure, State

logger = logging.getLogger("parley.providers")

EVERY_S = 1.0
PROBE_WITHIN_S = 6.0
_FILE = TypeAdapter(dict[str, Breaker])

Known = dict[str, Breaker]
Probe = Callable[[], Awaitable[bool]]  # true when the provider works; an error is as good as false


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one request; `failure` is None when it was answered."""

    key: str
    at: float
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Change:
    """A breaker has another state than before, and why."""

    key: str
    state: State
    reason: str


def breakers_file(var_dir: Path) -> Path:
    """Where the jobs of a worker share what they know."""
    return var_dir / "run" / "breakers.json"


def states(path: Path, now: float) -> dict[str, State]:
    """The state of each provider that was asked lately, by its key. Blocking."""
    return {key: breaker.state(now) for key, breaker in SharedFile(path, _FILE, {}).read().items()}


class Breakers:
    """One per call. `path` None: nobody else is told. `on_change` hears what this call has opened, tried or closed;
    `clock` shows the same in all processes."""

    def __init__(
        self, path: Path | None, on_change: Callable[[Change], None], clock: Callable[[], float] = time.time
    ) -> None:
        self._shared = SharedFile(path, _FILE, {})
        self._on_change = on_change
        self._clock = clock
        self._known: Known = {}
        self._notes: list[Note] = []
        self._probes: dict[str, Probe] = {}
        self._probing: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    def state(self, key: str) -> State:
        """Whether the provider may be asked."""
        return self._known.get(key, Breaker()).state(self._clock())

    def note(self, key: str, failure: Failure | None) -> None:
        """A request was answered, or failed."""
        note = Note(key, self._clock(), failure)
        self._known = _applied(self._known, [note])
        self._notes.append(note)
        if failure:
            self._wake.set()

    def watch(self, key: str, probe: Probe) -> None:
        """How it is found out whether the provider works again; after each rest one call of all tries."""
        self._probes[key] = probe

    async def run(self) -> None:
        """Share and probe, until cancelled."""
        try:
            while True:
                await self.share()
                for key in self._probes:
                    await self._probe_if_due(key)
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), EVERY_S)
        finally:
            for task in self._probing.values():
                task.cancel()
            await asyncio.gather(*self._probing.values(), return_exceptions=True)

    async def share(self) -> None:
        """Tell the others what was noted, and learn what they know."""
        notes, self._notes = self._notes, []
        before, after = await asyncio.to_thread(self._shared.exchange, lambda known: _applied(known, notes))
        self._known = _applied(after, self._notes)  # what was noted meanwhile
        for key, failure in {note.key: note.failure for note in notes}.items():
            if before.get(key, Breaker()).opened_at != after[key].opened_at:
                reason = failure.value if failure else "worked"
                self._on_change(Change(key, after[key].state(self._clock()), reason))

    async def _probe_if_due(self, key: str) -> None:
        now = self._clock()
        if key in self._probing or not self._known.get(key, Breaker()).may_probe(now):
            return
        before, after = await asyncio.to_thread(self._shared.exchange, lambda known: _taken(known, key, now))
        if before.get(key, Breaker()) != after[key]:  # in the file, where another call may have been quicker
            self._on_change(Change(key, State.HALF_OPEN, "probe"))
            self._probing[key] = asyncio.create_task(self._probe(key), name="probe")

    async def _probe(self, key: str) -> None:
        works = False
        try:
            async with asyncio.timeout(PROBE_WITHIN_S):
                works = await self._probes[key]()
        except Exception as error:  # noqa: BLE001  # whatever it is, the provider does not work
            logger.debug("probe failed", extra={"error": type(error).__name__})
        finally:
            del self._probing[key]
        self.note(key, None if works else Failure.ERROR)
        self._wake.set()


def _applied(known: Known, notes: Iterable[Note]) -> dict[str, Breaker]:
    after = dict(known)
    for note in notes:
        before = after.get(note.key, Breaker())
        after[note.key] = before.failed(note.at, note.failure) if note.failure else before.worked(note.at)
    return after


def _taken(known: Known, key: str, now: float) -> dict[str, Breaker]:
    """The probe, if it is still to be had."""
    breaker = known.get(key, Breaker())
    return {**known, key: breaker.probing(now) if breaker.may_probe(now) else breaker}
