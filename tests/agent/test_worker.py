"""The worker: both entries, its capacity, and how it refuses to start."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.config import ROOT, Settings
from agent.servers.dispatch import Dispatch
from agent.servers.rooms import LiveKitRooms
from evals.caller import Caller
from evals.servers import LiveKit, end, free_port, start_worker
from tests.agent.calls import greeted

pytestmark = pytest.mark.timeout(180)
OTHER_ENTRY = (sys.executable, "-m", "livekit.agents", "start", "--dev", "agent.py")


def refusal(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What a worker that should not start says."""
    env = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.needs("livekit-server")
async def test_full_worker_refuses_and_takes_the_call_once_there_is_room(
    livekit_server: LiveKit, tmp_path: Path
) -> None:
    """Started by LiveKit's own entry with room for one: the second caller gets no agent, and is answered in the same
    room when the first has left and their page asks again. livekit-server asks only once."""
    worker = await asyncio.to_thread(
        start_worker, livekit_server, tmp_path, agent_name="one", command=OTHER_ENTRY, PARLEY_CAPACITY="1"
    )
    named = {"LIVEKIT_URL": livekit_server.url, "agent_name": "one"}
    try:
        async with (
            worker.join("one") as first,
            worker.join("two") as second,
            LiveKitRooms(Settings.model_validate(named)) as rooms,
        ):
            await asyncio.sleep(5)
            answered, waiting = (first, second) if has_agent(first) else (second, first)
            assert has_agent(answered) and not has_agent(waiting)
            await greeted(answered)
            await answered.room.disconnect()
            for _ in range(12):
                await rooms.send(waiting.room.name, Dispatch("", waiting.room.local_participant.identity))
                await asyncio.sleep(1)
                if has_agent(waiting):
                    return
        pytest.fail("the worker took no call after the first had ended")
    finally:
        await asyncio.to_thread(end, worker.process)


@pytest.mark.needs("livekit-server")
async def test_callers_who_come_at_the_same_moment_are_all_taken(livekit_server: LiveKit, tmp_path: Path) -> None:
    """More than there are idle processes, on a worker without calls: the server asks only once for each of them."""
    worker = await asyncio.to_thread(start_worker, livekit_server, tmp_path, agent_name="many", PARLEY_CAPACITY="9")
    try:
        async with contextlib.AsyncExitStack() as calls:
            joins = [calls.enter_async_context(worker.join(f"caller-{number}")) for number in range(6)]
            callers = await asyncio.gather(*joins)
            await asyncio.gather(*(caller.until(has_agent, 90, "an agent") for caller in callers))
    finally:
        await asyncio.to_thread(end, worker.process)


def has_agent(caller: Caller) -> bool:
    """Somebody else is in the room."""
    return bool(caller.room.remote_participants)


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "agent.py", "start"),
        (sys.executable, "-m", "livekit.agents", "start", "agent.py"),
    ],
)
def test_production_refuses_the_development_key(command: tuple[str, ...], tmp_path: Path) -> None:
    """Without a key of one's own `start` ends with one sentence and no traceback."""
    said = refusal(*command, PARLEY_VAR_DIR=str(tmp_path), LIVEKIT_API_KEY="devkey", LIVEKIT_API_SECRET="secret")
    assert said.returncode != 0
    assert "development placeholders" in said.stderr
    assert "Traceback" not in said.stderr + said.stdout


def test_busy_port_is_said_with_its_cure(tmp_path: Path) -> None:
    """A health port that something else holds is named, with the setting that moves ours."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        port = str(other.getsockname()[1])
        said = refusal(
            sys.executable, "agent.py", "dev", PARLEY_VAR_DIR=str(tmp_path), PARLEY_WORKER_PORT=port
        )  # fmt: skip
    assert f"TCP port {port}, which the worker needs, is used by process {os.getpid()}" in said.stderr
    assert "PARLEY_WORKER_PORT" in said.stderr
    assert "Traceback" not in said.stderr


def test_var_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The folder for databases and caches is checked before anything else is started."""
    (tmp_path / "file").write_text("in the way")
    said = refusal(sys.executable, "agent.py", "dev", PARLEY_VAR_DIR=str(tmp_path / "file"))
    assert "PARLEY_VAR_DIR" in said.stderr
    assert "Traceback" not in said.stderr
