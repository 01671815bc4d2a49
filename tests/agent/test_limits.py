"""The limits of a call, in a real one: what is written counts as what is said."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.servers import LiveKit, RunningWorker, end, start_worker
from tests.agent.calls import ANSWER_S, greeted, kinds, profiles_with, spoken

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(180)]
MOST = 4
APART_S = 0.5


@pytest.fixture
def curt(livekit_server: LiveKit, tmp_path: Path) -> Iterator[RunningWorker]:
    """A worker whose shop takes four turns, however fast they come."""
    profiles = profiles_with(tmp_path, limits={"max_turns": MOST, "max_messages_per_s": 50})
    running = start_worker(livekit_server, tmp_path, agent_name="curt", PARLEY_PROFILES_DIR=profiles)
    yield running
    end(running.process)


async def test_written_turns_come_to_an_end_too(curt: RunningWorker) -> None:
    """Who writes on and on is told goodbye, gets one answer more, and the call is over."""
    async with curt.join() as caller:
        await greeted(caller)
        for number in range(3 * MOST):
            if kinds(caller, "call_ended"):
                break
            await caller.write(f"Where is my order number 10{number:02}?")
            await asyncio.sleep(APART_S)
        await caller.until(lambda c: kinds(c, "call_ended"), ANSWER_S, "the end")
    [over] = kinds(caller, "call_ended")
    assert over["reason"] == "turn_limit", caller.transcript()
    assert len(kinds(caller, "caller_spoke")) <= MOST + 3, caller.transcript()
    assert "end this call" in spoken(caller)[-1], caller.transcript()
