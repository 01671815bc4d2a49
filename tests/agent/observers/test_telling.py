"""What a job tells its worker arrives whole, without words, and whoever does not listen holds nobody up."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import events
from agent.events import CallEnded, CallerSpoke, CallJoined, EndReason, Event, TakenUp
from agent.observers.tally import Tally
from agent.observers.telling import Telling, Told, line_of, read_line
from tests.test_pii import CANARY, every_event

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 17, 1, tzinfo=UTC)
JOINED = CallJoined(profile="shop", channel="browser")
ENDED = CallEnded(reason=EndReason.CALLER_GOODBYE, duration_s=3.0, turns=0)


class Heard:
    """Observer that keeps what it hears."""

    def __init__(self) -> None:
        self.told: list[tuple[str, datetime, Event]] = []

    def on_event(self, call_id: str, at: datetime, event: Event) -> None:
        """Keep it."""
        self.told.append((call_id, at, event))


@asynccontextmanager
async def tallying(folder: Path) -> AsyncIterator[tuple[Tally, Heard]]:
    """A tally that listens, and what it tells."""
    heard = Heard()
    tally = Tally(folder / "t.sock", heard, clock=lambda: LATER)
    await tally.start()
    yield tally, heard
    await tally.aclose()


EVERY = [event for event in every_event(CANARY) if type(event) is getattr(events, type(event).__name__)]


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_every_event_comes_out_as_it_went_in_but_for_words(event: Event) -> None:
    """Each field again, in its own type; what can hold words is empty."""
    line = line_of(Told("call-1", AT, event, "00-a-b-01"))
    assert CANARY.encode() not in line
    told = read_line(line)
    assert (told.call_id, told.at, type(told.event), told.traceparent) == ("call-1", AT, type(event), "00-a-b-01")
    assert line_of(told) == line


@pytest.mark.parametrize("line", [b"", b"nonsense", b"{}", b"[]", b'{"call": "c", "at": "x", "kind": "No"}'])
def test_a_line_of_nobody_is_refused(line: bytes) -> None:
    """The socket is ours alone, but what comes over it is checked."""
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own words
        read_line(line)


async def test_a_job_that_ended_in_order_is_told_as_it_was(tmp_path: Path) -> None:
    """No end is invented."""
    async with tallying(tmp_path) as (tally, heard):
        telling = Telling(str(tally.socket))
        for event in (JOINED, ENDED):
            await asyncio.to_thread(telling.on_event, "call-1", AT, event)
        telling.close()
    assert heard.told == [("call-1", AT, JOINED), ("call-1", AT, ENDED)]


@pytest.mark.parametrize("first", [JOINED, TakenUp(profile="shop", channel="browser", turn=4)])
async def test_a_job_that_is_gone_has_crashed(tmp_path: Path, first: Event) -> None:
    """Its connection has ended and its call has not: the worker says so, with what it knows."""
    async with tallying(tmp_path) as (tally, heard):
        telling = Telling(str(tally.socket))
        for event in (first, CallerSpoke(turn=5, words=2, text="where is it")):
            await asyncio.to_thread(telling.on_event, "call-1", AT, event)
        telling.close()
    call_id, at, ended = heard.told[-1]
    assert (call_id, at) == ("call-1", LATER)
    assert ended == CallEnded(reason=EndReason.CRASHED, duration_s=60.0, turns=5)


def test_a_worker_that_does_not_listen_costs_no_time(tmp_path: Path) -> None:
    """The first event finds out; the next ones are not even tried."""
    telling = Telling(str(tmp_path / "nobody.sock"))
    began = time.perf_counter()
    for _ in range(1000):
        telling.on_event("call-1", AT, JOINED)
    assert time.perf_counter() - began < 1.0
