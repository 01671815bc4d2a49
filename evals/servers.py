"""The real servers that tests and measurements start for themselves: livekit-server and workers, on free ports."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

import psutil

from agent.config import ROOT
from agent.providers.local.speech_client import SpeechClient
from agent.providers.local.supervisor import SpeechProcess
from evals.caller import Caller, token

LIVEKIT_WITHIN_S = 15.0
READY_WITHIN_S = 180.0
_shared: list[Path] = []  # see share_vectors


class NotStarted(Exception):
    """A server is missing or did not come up; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class LiveKit:
    """Where a running livekit-server is and what it accepts."""

    url: str
    key: str
    secret: str
    config: Path
    log: Path


@dataclass(slots=True)
class RunningWorker:
    """A worker process that answers calls, where it logs and what it keeps."""

    livekit: LiveKit
    process: "subprocess.Popen[bytes]"
    agent_name: str
    log: Path
    var: Path
    port: int

    def join(
        self,
        identity: str = "caller",
        kind: Literal["standard", "sip"] = "standard",
        profile: str = "",
        attributes: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[Caller]:
        """A caller in a room of its own, with a dispatch to this worker in the token, for `profile` or its first."""
        room = f"call-{secrets.token_urlsafe(12)}"  # as our page names it; eight digits in a row are hidden in a log
        jwt = token(self.livekit.key, self.livekit.secret, room, identity, self.agent_name, kind, profile, attributes)
        return Caller.join(self.livekit.url, jwt)

    def logged(self) -> str:
        """Everything the worker has logged."""
        return self.log.read_text(errors="replace")

    def job_of(self, room: str) -> psutil.Process:
        """The living process of the call in that room: what it logs carries both. Raises LookupError."""
        living = {child.pid: child for child in psutil.Process(self.process.pid).children(recursive=True)}
        lines = [line for line in self.logged().splitlines() if room in line and '"pid"' in line]
        for line in reversed(lines):
            found = re.search(r'"pid": (\d+)', line)
            if found and int(found[1]) in living:
                return living[int(found[1])]
        raise LookupError(f"no process is known for {room} among {sorted(living)}; lines: {lines[-3:]}")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nothing on loopback uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def livekit_config(folder: Path) -> tuple[Path, int]:
    """Our livekit.yaml on ports of its own, and the HTTP port."""
    port, text = free_port(), (ROOT / "livekit.yaml").read_text()
    for fixed, free in {"7880": port, "7881": free_port(), "7882": free_port(socket.SOCK_DGRAM)}.items():
        text = text.replace(f": {fixed}\n", f": {free}\n")
    path = folder / "livekit.yaml"
    path.write_text(text)
    return path, port


def livekit_program() -> Path | None:
    """The livekit-server on PATH, or the one that the set-up built."""
    found = shutil.which("livekit-server", path=os.pathsep.join([os.environ["PATH"], str(ROOT / ".cache" / "bin")]))
    return Path(found) if found else None


def start_livekit(config: Path, log: Path, port: int) -> "subprocess.Popen[bytes]":
    """A livekit-server that answers. Whoever starts it ends it. Raises NotStarted."""
    program = livekit_program()
    if not program:
        raise NotStarted("livekit-server is not installed; `make setup` builds it")
    with log.open("ab") as out:
        # a session of its own, as the workers have: Ctrl-C is for whoever started it, who ends it in order
        process = subprocess.Popen(
            [str(program), "--config", str(config)], stdout=out, stderr=out, start_new_session=True
        )
    deadline = time.monotonic() + LIVEKIT_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()  # our own server
            return process
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise NotStarted(f"livekit-server did not answer in {LIVEKIT_WITHIN_S:g} s:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def running_livekit(folder: Path) -> Iterator[LiveKit]:
    """A livekit-server on ports of its own, as long as the block runs; its files are in `folder`. Raises NotStarted."""
    config, port = livekit_config(folder)
    log = folder / "livekit-server.log"
    process = start_livekit(config, log, port)
    try:
        yield LiveKit(f"ws://127.0.0.1:{port}", "devkey", "secret", config, log)
    finally:
        end(process)


@contextlib.asynccontextmanager
async def running_speech(folder: Path) -> AsyncIterator[SpeechClient]:
    """A client of a warm speech process, both for as long as the block runs. Raises ProviderError."""
    process = SpeechProcess(folder / "s.sock")
    client = SpeechClient(process.socket)
    await process.start()
    try:
        await process.ready()
        yield client
    finally:
        await client.aclose()
        await process.aclose()


def share_vectors(folder: Path) -> None:
    """From now on workers begin with the vectors that the first one made, kept in `folder`: of a start with an empty
    directory they take a third of the processor's time. For tests; whoever measures a first start asks for none."""
    _shared[:] = [folder]


def _share(source: Path, target: Path) -> None:
    """What is there already stays; whoever else does the same at this moment finds whole files."""
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("*.npz"):
        if not (target / file.name).exists():
            half = target / f"{uuid4().hex}.half"
            shutil.copyfile(file, half)
            half.replace(target / file.name)


def start_worker(
    livekit: LiveKit,
    folder: Path,
    *,
    agent_name: str = "parley",
    command: Sequence[str] = (sys.executable, "agent.py", "dev", "--no-reload"),
    is_given_up: Callable[[], bool] = lambda: False,
    **environment: str,
) -> RunningWorker:
    """A worker that says (sd_notify) that it answers calls. Whoever starts it ends it. Raises NotStarted."""
    port, log = free_port(), folder / f"{agent_name}.log"
    cache = folder / "var" / "cache"
    for shared in _shared:
        _share(shared, cache)
    with (
        tempfile.TemporaryDirectory(prefix="parley-") as short,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
        log.open("ab") as out,
    ):
        notify.bind(f"{short}/notify")
        notify.settimeout(0.5)
        env = {
            **os.environ,
            "NOTIFY_SOCKET": f"{short}/notify",
            "LIVEKIT_URL": livekit.url,
            "PARLEY_VAR_DIR": str(folder / "var"),
            "PARLEY_WORKER_PORT": str(port),
            "PARLEY_AGENT_NAME": agent_name,
            **environment,
        }
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
        if not _says_ready(notify, process, is_given_up):
            end(process)
            raise NotStarted(f"the worker was not ready in {READY_WITHIN_S:g} s:\n{log.read_text()[-4000:]}")
    for shared in _shared:
        _share(cache, shared)
    return RunningWorker(livekit, process, agent_name, log, folder / "var", port)


def _says_ready(notify: socket.socket, process: "subprocess.Popen[bytes]", is_given_up: Callable[[], bool]) -> bool:
    """Whether it says so in time; a process that died never will."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None and not is_given_up():
        with contextlib.suppress(TimeoutError):
            return bool(notify.recv(64))
    return False


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to go, insist after a while."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
