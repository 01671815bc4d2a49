"""Rehearsals: tools that only look run on a guess of what the caller wants, so that their answer is ready when the turn
is over. What comes of a wrong guess is thrown away, unheard and untold."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass

FRESH_S = 3.0  # what was looked up longer ago is looked up again


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool says, and how long it took to find out."""

    sentence: str
    took_s: float


Work = Callable[[], Coroutine[None, None, Found | None]]  # gives None when it comes to nothing


@dataclass(frozen=True, slots=True)
class _Rehearsal:
    """One tool with its arguments, since when."""

    began: float
    outcome: asyncio.Task[Found | None]


class Rehearsals:
    """One per call: what the tools of the latest guess say, or are about to find out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._latest: dict[str, _Rehearsal] = {}

    def begin(self, wanted: Mapping[str, Work]) -> None:
        """Do all of these in the background, by their `rehearsal_key`, and give up what an older guess wanted."""
        kept = {key: one for key, one in self._latest.items() if key in wanted and self._is_fresh(one)}
        for key in self._latest.keys() - kept.keys():
            self._latest[key].outcome.cancel()
        self._latest = {
            key: kept.get(key) or _Rehearsal(self._clock(), asyncio.create_task(work(), name="rehearsal"))
            for key, work in wanted.items()
        }

    async def outcome(self, key: str) -> Found | None:
        """What the tool says, once; None when nobody asked it, or too long ago, or it came to nothing."""
        one = self._latest.pop(key, None)
        return await one.outcome if one and self._is_fresh(one) else None

    def _is_fresh(self, one: _Rehearsal) -> bool:
        return self._clock() - one.began < FRESH_S


def rehearsal_key(tool: str, given: Mapping[str, object]) -> str:
    """The same for the same tool and arguments."""
    return f"{tool} {json.dumps(given, default=str, sort_keys=True)}"
