"""The deaths of `evals deaths` as a person in front of the page sees them: ours, in Chromium, beside other callers."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from agent.config import ROOT, Settings
from agent.page.web import Page, listen
from agent.profile.profile import Profile
from evals.servers import LiveKit

READY_S = 120.0
WATCHED_S = 60
_GONE = frozenset({"away", "connecting", "waiting", "lost"})  # what body[data-agent] says while nobody is there


@dataclass(frozen=True, slots=True)
class Change:
    """One change of what the page shows. `at` is in seconds since 1970; `last` are the last words of the captions."""

    at: float
    agent: str
    phase: str
    notice: str
    last: str

    @property
    def tells_of_loss(self) -> bool:
        """Whether somebody who looks sees that the agent is not there."""
        return bool(self.notice) or self.agent in _GONE or self.phase == "ended"


class Watched:
    """One call in Chromium, in writing. `room` is known once the agent listens."""

    def __init__(self, process: asyncio.subprocess.Process, room: str) -> None:
        self._process = process
        self.room = room

    @classmethod
    async def call(cls, url: str, until: str) -> Self:
        """Begin one. Raises TimeoutError where no agent listens in time."""
        process = await asyncio.create_subprocess_exec(
            "node", "tests/frontend/watch.mjs", "--url", url, "--until", until, "--seconds", str(WATCHED_S),
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            async with asyncio.timeout(READY_S):
                line = await process.stdout.readline()
            return cls(process, json.loads(line)["room"])
        except (TimeoutError, ValueError):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise TimeoutError("no agent listened in Chromium") from None

    async def changes(self) -> list[Change]:
        """All that was seen, when it is over."""
        out, _ = await asyncio.wait_for(self._process.communicate(), WATCHED_S + 30)
        return [Change(**one) for one in json.loads(out)]


def opening(sentence: str) -> str:
    """Its first words: captions grow as they are spoken."""
    return " ".join(sentence.split()[:3])


def seconds_until(changes: list[Change], died_at: float, hold: str, back: str) -> tuple[float | None, float | None]:
    """From the death, in seconds since 1970, until the page tells of the loss, by a sign of its own or a caption with
    `hold` or `back`, and until the caption with `back` begins. None for never."""
    after = [change for change in changes if change.at > died_at]
    told = (one.at for one in after if one.tells_of_loss or opening(hold) in one.last or opening(back) in one.last)
    begun = (one.at for one in after if opening(back) in one.last)
    return _since(died_at, next(told, None)), _since(died_at, next(begun, None))


def _since(died_at: float, at: float | None) -> float | None:
    return None if at is None else round(at - died_at, 2)


@contextlib.asynccontextmanager
async def serving(livekit: LiveKit, profile: Profile, agent_name: str) -> AsyncIterator[str]:
    """Our page on a port of its own, as long as the block runs: its address."""
    settings = Settings.model_validate({"LIVEKIT_URL": livekit.url, "web_port": 0, "agent_name": agent_name})
    runner = await listen(Page(settings, profile), settings)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
