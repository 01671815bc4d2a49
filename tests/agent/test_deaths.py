"""Jobs and workers that die, or are told to stop, in the middle of a call: what the caller hears, and who goes on."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.memory.store import Store, StoredCall
from evals.caller import Caller
from evals.onset import onset_s
from evals.servers import LiveKit, RunningWorker, end, livekit_config, start_livekit, start_worker
from tests.agent.calls import ANSWER_S, greeted, kinds, spoken
from tests.fakes.calls import shop

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(240)]
NOTICED_S = 60.0  # generous: `python -m evals deaths` measures, this tells whether it happens


async def asked(caller: Caller) -> None:
    """The greeting is over, and the agent has asked for the number of an order."""
    await greeted(caller)
    await caller.write("Where is my order?")
    await caller.until(lambda c: len(spoken(c)) > 1, ANSWER_S, "the question for the number")


async def goes_on(caller: Caller) -> None:
    """Another agent has come, says so, and knows what was asked."""
    await caller.until(lambda c: kinds(c, "taken_up"), NOTICED_S, "another agent")
    taken_up = shop().sentences.taken_up
    await caller.until(lambda c: taken_up in c.agent_lines(), ANSWER_S, "its first sentence")
    await caller.write("4571")
    await caller.until(lambda c: kinds(c, "tool_called"), ANSWER_S, "a look at the order")
    assert "4571" in str(kinds(caller, "tool_called")[-1]["arguments"]), caller.transcript()


async def closed(var: Path) -> StoredCall:
    """The newest record, once it is closed and nothing of the call is kept."""
    store = Store(f"sqlite:///{var / 'parley.db'}")
    for _ in range(200):
        calls = await asyncio.to_thread(store.recent, 1)
        if calls and calls[0].ended_at and not kept_in(var):
            return calls[0]
        await asyncio.sleep(0.2)
    pytest.fail("the call's record was not closed, or something of it was kept, after 40 s")


def kept_in(var: Path) -> int:
    """How many calls are kept."""
    with contextlib.closing(sqlite3.connect(var / "parley.db")) as database:
        return int(database.execute("SELECT count(*) FROM kept_calls").fetchone()[0])


async def test_a_call_whose_job_is_killed_goes_on_in_another(worker: RunningWorker) -> None:
    """The worker notices, the caller is told, and what was said before is known."""
    async with worker.join() as caller:
        await asked(caller)
        worker.job_of(caller.room.name).kill()
        await goes_on(caller)
    call = await closed(worker.var)
    assert (call.taken_up, call.end_reason) == (1, "caller_left")


async def test_what_the_dead_job_was_asked_is_answered_by_the_next(worker: RunningWorker) -> None:
    """The caller's last words are not lost: nobody says them again."""
    async with worker.join() as caller:
        await asked(caller)
        await caller.write("4571")
        await caller.until(lambda c: kinds(c, "caller_spoke")[1:], ANSWER_S, "the number to be heard")
        await asyncio.sleep(0.1)  # until it is written down
        worker.job_of(caller.room.name).kill()
        died_at = caller.now
        await caller.until(lambda c: kinds(c, "taken_up"), NOTICED_S, "another agent")
        await caller.until(lambda c: c.told("agent_spoke", died_at), ANSWER_S, "an answer")
        assert "4571" in str(kinds(caller, "tool_called")[-1]["arguments"]), caller.transcript()
        assert "shipped" in spoken(caller)[-1].lower() or "deliver" in spoken(caller)[-1].lower()


def ended(worker: RunningWorker) -> None:
    """It lives no more."""
    if worker.process.poll() is None:
        end(worker.process)


@pytest.fixture
def pair(livekit_server: LiveKit, tmp_path: Path) -> Iterator[tuple[RunningWorker, RunningWorker]]:
    """Two workers of one deployment; the second takes no call before the first is gone."""
    with contextlib.ExitStack() as stack:
        var, found = str(tmp_path / "var"), []
        for name, capacity in (("first", "3"), ("second", "1")):
            folder = tmp_path / name
            folder.mkdir()
            one = start_worker(
                livekit_server, folder, agent_name="pair", PARLEY_VAR_DIR=var, PARLEY_CAPACITY=capacity,
            )  # fmt: skip
            stack.callback(ended, one)
            found.append(one)
        yield found[0], found[1]


async def test_calls_of_a_killed_worker_go_on_in_another_which_says_goodbye_when_it_is_stopped(
    pair: tuple[RunningWorker, RunningWorker], tmp_path: Path
) -> None:
    """First SIGKILL, then SIGTERM of the one that had taken the call up."""
    async with pair[0].join() as caller:
        await asked(caller)
        has_it, other = pair if caller.room.name in pair[0].logged() else (pair[1], pair[0])
        has_it.process.kill()
        died_at = caller.now
        await goes_on(caller)
        assert onset_s(caller.agent_spoke_since(died_at), 48_000) is not None
        await asyncio.sleep(3)  # until it has said what it has to say
        stopped_at = caller.now
        other.process.send_signal(signal.SIGTERM)
        await caller.until(lambda c: kinds(c, "call_ended"), NOTICED_S, "the end")
        assert kinds(caller, "call_ended")[0]["reason"] == "worker_stopped"
        goodbye_s = onset_s(caller.agent_spoke_since(stopped_at), 48_000)
        assert goodbye_s is not None, "nothing was said before the end"
    call = await closed(tmp_path / "var")
    assert (call.taken_up, call.end_reason) == (1, "worker_stopped")


async def test_a_worker_that_drains_lets_its_calls_end_and_takes_no_others(tmp_path: Path) -> None:
    """`start` and SIGTERM: the caller notices nothing, whoever comes later is not answered, and then it is over."""
    config, port = livekit_config(tmp_path)
    secret = "a secret of more than thirty-two characters"
    config.write_text(config.read_text().replace("devkey: secret", f"ownkey: {secret}"))
    server = start_livekit(config, tmp_path / "server.log", port)
    livekit = LiveKit(f"ws://127.0.0.1:{port}", "ownkey", secret, config, tmp_path / "server.log")
    try:
        worker = await asyncio.to_thread(
            start_worker, livekit, tmp_path, agent_name="drained", command=(sys.executable, "agent.py", "start"),
            LIVEKIT_API_KEY="ownkey", LIVEKIT_API_SECRET=secret,
        )  # fmt: skip
        try:
            async with worker.join() as caller:
                await asked(caller)
                worker.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(2)
                async with worker.join("late") as late:
                    await caller.write("4571")
                    await caller.until(lambda c: kinds(c, "tool_called"), ANSWER_S, "a look at the order")
                    assert not late.room.remote_participants
                assert not kinds(caller, "call_ended")
            assert await asyncio.to_thread(worker.process.wait, 30) == 0
            call = await closed(worker.var)
            assert (call.end_reason, call.taken_up) == ("caller_left", 0)
        finally:
            if worker.process.poll() is None:
                os.kill(worker.process.pid, signal.SIGKILL)
    finally:
        end(server)
