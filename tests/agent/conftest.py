"""A real worker on a real livekit-server, and real callers."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from agent.config import ROOT
from agent.providers.speech import SpeechClient
from evals.caller import Caller, token
from tests.conftest import LiveKit, free_port

READY_WITHIN_S = 60


@dataclass(slots=True)
class RunningWorker:
    """A worker process that answers calls, where it logs and what it keeps."""

    livekit: LiveKit
    process: "subprocess.Popen[bytes]"
    log: Path
    var: Path
    port: int

    def join(self, identity: str = "caller", agent_name: str = "parley") -> AbstractAsyncContextManager[Caller]:
        """A caller in a room of its own, with the agent's dispatch in the token."""
        room = f"call-{uuid4().hex[:8]}"
        return Caller.join(self.livekit.url, token(self.livekit.key, self.livekit.secret, room, identity, agent_name))

    def logged(self) -> str:
        """Everything the worker has logged."""
        return self.log.read_text(errors="replace")


def start_worker(livekit: LiveKit, folder: Path, command: tuple[str, ...] = (), **environment: str) -> RunningWorker:
    """Start `python agent.py dev` and return when it says (sd_notify) that it answers calls."""
    port, log = free_port(), folder / "worker.log"
    with (
        tempfile.TemporaryDirectory(prefix="parley-") as short,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
        log.open("ab") as out,
    ):
        notify.bind(f"{short}/notify")
        notify.settimeout(READY_WITHIN_S)
        env = {
            **os.environ,
            "NOTIFY_SOCKET": f"{short}/notify",
            "LIVEKIT_URL": livekit.url,
            "PARLEY_VAR_DIR": str(folder / "var"),
            "PARLEY_WORKER_PORT": str(port),
            **environment,
        }
        arguments = command or (sys.executable, "agent.py", "dev", "--no-reload")
        process = subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
        try:
            assert notify.recv(64) == b"READY=1"
        except TimeoutError:
            end(process)
            pytest.fail(f"the worker was not ready in {READY_WITHIN_S} s:\n{log.read_text()[-4000:]}")
    return RunningWorker(livekit, process, log, folder / "var", port)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to go, insist after a while."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def worker(livekit_server: LiveKit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    """One worker for all tests that leave it alive."""
    running = start_worker(livekit_server, tmp_path_factory.mktemp("worker"))
    yield running
    end(running.process)


@pytest.fixture
async def caller(worker: RunningWorker) -> AsyncIterator[Caller]:
    """One caller in a call of its own."""
    async with worker.join() as joined:
        yield joined


@pytest.fixture
async def speech(speech_socket: Path) -> AsyncIterator[SpeechClient]:
    """The test's own ears and voice."""
    client = SpeechClient(speech_socket)
    yield client
    await client.aclose()
