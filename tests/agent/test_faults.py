"""What breaks in the middle of a call, and what the caller hears of it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from agent.config import ROOT
from agent.memory.store import Store, StoredCall
from agent.providers.local.speech_client import SpeechClient
from evals import voices
from evals.caller import token
from evals.servers import LiveKit, RunningWorker, end, livekit_config, start_livekit, start_worker
from tests.agent.calls import ask, greeted, kinds, profiles_with, spoken
from tests.fakes.calls import shop

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(180)]


def speech_process(worker: RunningWorker) -> psutil.Process:
    """The worker's own speech process."""
    children = psutil.Process(worker.process.pid).children(recursive=True)
    return next(child for child in children if "agent.providers.local.speech_process" in child.cmdline())


async def record(worker: RunningWorker) -> StoredCall:
    """The newest call record, once it is closed."""
    store = Store(f"sqlite:///{worker.var / 'parley.db'}")
    for _ in range(300):
        calls = await asyncio.to_thread(store.recent, 1)
        if calls and calls[0].ended_at is not None:
            return calls[0]
        await asyncio.sleep(0.2)
    pytest.fail("the call's record was not closed in 60 s")


@pytest.fixture
def impatient(livekit_server: LiveKit, tmp_path: Path) -> Iterator[RunningWorker]:
    """A worker of the test's own, whose profile waits three seconds for a lost caller."""
    profiles = profiles_with(tmp_path, limits={"reconnect_s": 3})
    running = start_worker(livekit_server, tmp_path, agent_name="impatient", PARLEY_PROFILES_DIR=profiles)
    yield running
    end(running.process)


async def test_death_of_the_speech_process_costs_one_apology_at_most(
    impatient: RunningWorker, speech: SpeechClient
) -> None:
    """The process is killed while the caller speaks; it is restarted, and the next question is answered."""
    question = await voices.agents(speech, "Where is my order number one zero zero one?")
    async with impatient.join() as caller:
        await greeted(caller)
        asking = asyncio.create_task(caller.say(question))
        await asyncio.sleep(1)
        speech_process(impatient).kill()
        await asking
        await asyncio.sleep(9)
        apologies = spoken(caller).count(shop().sentences.apology)
        assert apologies <= 1, caller.transcript()
        answer = await ask(caller, question)
        assert "FedEx" in answer, caller.transcript()
        assert kinds(caller, "provider_failed")


async def test_vanished_caller_is_waited_for_then_let_go(impatient: RunningWorker) -> None:
    """A caller whose machine dies says no goodbye: the server finds out, the call waits, and ends for that reason."""
    room = "vanishing"
    jwt = token(impatient.livekit.key, impatient.livekit.secret, room, "ghost", "impatient")
    code = (
        "import asyncio,sys\nfrom evals.caller import Caller\n"
        "async def main():\n"
        "    async with Caller.join(sys.argv[1], sys.argv[2]) as caller:\n"
        "        await caller.until(lambda c: c.events, 30, 'an event')\n"
        "        print('in', flush=True)\n"
        "        await asyncio.sleep(100)\n"
        "asyncio.run(main())"
    )
    ghost = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, impatient.livekit.url, jwt, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert ghost.stdout is not None  # asked for with PIPE
    assert (await ghost.stdout.readline()).strip() == b"in"
    ghost.send_signal(signal.SIGKILL)
    await ghost.wait()
    call = await record(impatient)
    assert call.end_reason == "connection_lost"
    assert call.connection_losses == 1


async def test_worker_comes_back_when_the_server_does(tmp_path: Path, speech: SpeechClient) -> None:
    """livekit-server is killed in mid-call: that call's record is closed, and after its return calls are answered."""
    config, port = livekit_config(tmp_path)
    server = start_livekit(config, tmp_path / "server.log", port)
    livekit = LiveKit(f"ws://127.0.0.1:{port}", "devkey", "secret", config, tmp_path / "server.log")
    worker = start_worker(livekit, tmp_path)
    try:
        async with worker.join() as caller:
            await greeted(caller)
            server.kill()
            server.wait()
            assert (await record(worker)).ended_at is not None
        server = start_livekit(config, tmp_path / "server.log", port)
        await until_registered(worker)
        async with worker.join() as caller:
            await greeted(caller)
            answer = await ask(caller, await voices.agents(speech, "What is your return policy?"))
            assert "return" in answer
    finally:
        end(worker.process)
        server.terminate()
        server.wait(10)


async def until_registered(worker: RunningWorker) -> None:
    """The worker has found its server again."""
    for _ in range(200):
        if worker.logged().count("registered worker") >= 2:
            return
        await asyncio.sleep(0.2)
    pytest.fail("the worker did not register again in 40 s")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_full_disk_does_not_hurt_the_call(livekit_server: LiveKit, tmp_path: Path, speech: SpeechClient) -> None:
    """The disk of the databases is full in mid-call: the caller is answered all the same, and the log says it once."""
    disk = tmp_path / "var"
    disk.mkdir()
    await run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk))
    try:
        worker = start_worker(livekit_server, tmp_path, agent_name="full")
        try:
            async with worker.join() as caller:
                await greeted(caller)
                fill(disk)
                answer = await ask(caller, await voices.agents(speech, "Where is my order number one zero zero one?"))
                assert "FedEx" in answer, caller.transcript()
        finally:
            end(worker.process)
        assert worker.logged().count("call record not written") == 1
        assert "Traceback" not in worker.logged()
    finally:
        await run("umount", str(disk))


async def run(*command: str) -> None:
    """Run a system command that must work."""
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


def fill(disk: Path) -> None:
    """Until nothing fits any more."""
    with (disk / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
