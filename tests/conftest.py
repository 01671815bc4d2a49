"""What any test may ask for: system programs by `needs`, a real livekit-server, a warm speech process."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.providers.supervisor import SpeechProcess

ROOT = Path(__file__).resolve().parent.parent

# Program -> the Debian package that brings it; .ci/run installs them all. Marked `needs("chromium")` etc. on a test.
PACKAGES = {
    "chromium": "chromium",
    "espeak-ng": "espeak-ng",
    "postgres": "postgresql",
    "sox": "sox",
}
# Programs that no package brings: the set-up of `make test` does.
SET_UP = frozenset({"go", "livekit-server", "node", "npm"})
_missing: dict[str, int] = {}


def find_program(name: str) -> Path | None:
    """Where a program is: on PATH, in .cache/bin, or where Debian hides it."""
    path = os.pathsep.join([os.environ.get("PATH", ""), str(ROOT / ".cache" / "bin")])
    if name == "postgres":
        hidden = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        return hidden[-1] if hidden else None
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing; on CI that is a failure, for there everything is installed."""
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if program not in PACKAGES and program not in SET_UP:
                pytest.fail(f"needs({program!r}): tests/conftest.py knows no package for it", pytrace=False)
            if not find_program(program):
                _without(program)


def _without(program: str) -> None:
    _missing[program] = _missing.get(program, 0) + 1
    reason = f"{program} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """At the run's end: what was skipped for want of a program, and the line that installs it."""
    if not _missing:
        return
    terminalreporter.section("system programs that were missing")
    for program, count in sorted(_missing.items()):
        terminalreporter.line(f"{program}: {count} test{'s' if count > 1 else ''} not run")
    if packages := sorted({PACKAGES[program] for program in _missing if program in PACKAGES}):
        terminalreporter.line(f"install: sudo apt-get install -y {' '.join(packages)}")
    if made := sorted(SET_UP & set(_missing)):
        terminalreporter.line(f"{', '.join(made)}: `make test` says how to get it")


@dataclass(frozen=True, slots=True)
class LiveKit:
    """Where a running livekit-server is and what it accepts."""

    url: str
    key: str
    secret: str
    config: Path
    log: Path


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nothing on loopback uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def livekit_config(folder: Path) -> tuple[Path, int]:
    """Our livekit.yaml on ports of its own, and the HTTP port."""
    port, text = free_port(), (ROOT / "livekit.yaml").read_text()
    for fixed, free in {"7880": port, "7882": free_port(socket.SOCK_DGRAM)}.items():
        text = text.replace(f": {fixed}\n", f": {free}\n")
    path = folder / "livekit.yaml"
    path.write_text(text)
    return path, port


def start_livekit(config: Path, log: Path, port: int) -> "subprocess.Popen[bytes]":
    """A livekit-server that answers. Whoever starts it ends it."""
    program = find_program("livekit-server")
    if not program:
        _without("livekit-server")
    with log.open("ab") as out:
        process = subprocess.Popen([str(program), "--config", str(config)], stdout=out, stderr=out)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
            return process
        except OSError:
            time.sleep(0.05)
    process.kill()
    pytest.fail(f"livekit-server did not answer in 15 s:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def livekit_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKit]:
    """One real livekit-server for the whole run, on free ports. A test that kills servers starts its own."""
    folder = tmp_path_factory.mktemp("livekit")
    config, port = livekit_config(folder)
    log = folder / "livekit-server.log"
    process = start_livekit(config, log, port)
    yield LiveKit(f"ws://127.0.0.1:{port}", "devkey", "secret", config, log)
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()


@pytest.fixture(scope="session")
def speech_socket() -> Iterator[Path]:
    """The socket of one speech process with warm models for the whole run. A test that kills it starts its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="speech process", daemon=True)
    thread.start()
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:  # a Unix socket's path must be short
        process = SpeechProcess(Path(folder) / "speech.sock")
        try:
            asyncio.run_coroutine_threadsafe(_started(process), loop).result(90)
            yield process.socket
        finally:
            asyncio.run_coroutine_threadsafe(process.aclose(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.close()


async def _started(process: SpeechProcess) -> None:
    await process.start()
    await process.ready()
