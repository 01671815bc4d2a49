"""What any test may ask for: system programs by `needs`, a real livekit-server, a warm speech process."""

import os

# as in the speech process, and before numpy is imported: sentences are short, and on a busy machine more threads
# only wait for each other (ten times as long, measured)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import asyncio
import contextlib
import gc
import shutil
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from agent.providers import catalog
from agent.providers.local.supervisor import SpeechProcess
from evals.embedding import RealEmbedder
from evals.phone_servers import PhoneServers, running_phone_servers
from evals.servers import LiveKit, NotStarted, running_livekit, share_vectors

settings.register_profile("parley", deadline=None)  # no test fails because the machine is slow
settings.load_profile("parley")

ROOT = Path(__file__).resolve().parent.parent

# Program -> the Debian package that brings it; .ci/run installs them all. Marked `needs("chromium")` etc. on a test.
PACKAGES = {
    "chromium": "chromium",
    "espeak-ng": "espeak-ng",
    "flite": "flite",
    "postgres": "postgresql",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "redis-server": "redis-server",
    "sipp": "sip-tester",
    "sox": "sox",
    # what the set-up's build of livekit-sip needs besides Go
    "cc": "gcc",
    "opusfile": "libopusfile-dev",
    "opus": "libopus-dev",
    "pkg-config": "pkg-config",
    "soxr": "libsoxr-dev",
}
# Programs that no package brings: the set-up of `make test` does.
SET_UP = frozenset({"go", "livekit-server", "livekit-sip", "node", "npm"})
_missing: dict[str, int] = {}
_cloud_keys: dict[str, str] = {}  # those of whoever runs the tests


def find_program(name: str) -> Path | None:
    """Where a program is: on PATH, in .cache/bin, or where Debian hides it."""
    path = os.pathsep.join([os.environ.get("PATH", ""), str(ROOT / ".cache" / "bin")])
    if name == "postgres":
        hidden = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        return hidden[-1] if hidden else None
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def pytest_configure() -> None:
    """Whoever runs the tests may have keys of providers; the tests have none, unless they are marked `keys`."""
    for entry in (entry for role in catalog.ROLES for entry in catalog.entries(role).values() if entry.key):
        _cloud_keys.setdefault(entry.key, os.environ.get(entry.key, ""))
        os.environ[entry.key] = ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure's text is made by ast.parse, and Python 3.11's is not re-entrant: garbage that is collected in the
    midst of it, and whose end is told with a traceback, makes it raise SystemError and ends the whole run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture
def cloud_keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The keys of whoever runs the tests, set for this one."""
    found = {name: key for name, key in _cloud_keys.items() if key}
    for name, key in found.items():
        monkeypatch.setenv(name, key)
    return found


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing; on CI that is a failure, for there everything is installed. Who asks a real
    provider must be asked for: it costs money."""
    if item.get_closest_marker("keys") and "keys" not in str(item.config.getoption("markexpr")):
        pytest.skip("run with -m keys")
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


@pytest.fixture(scope="session", autouse=True)
def vectors(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The profile's vectors are made once a run: for all of its parts, whose folders lie side by side."""
    share_vectors(tmp_path_factory.getbasetemp().parent / "vectors")


@pytest.fixture(scope="session")
def livekit_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKit]:
    """One real livekit-server for the whole run, on free ports. A test that kills servers starts its own."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_livekit(tmp_path_factory.mktemp("livekit")))
        except NotStarted as error:
            pytest.fail(str(error))
        yield server


@pytest.fixture(scope="session")
def phone_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneServers]:
    """One real Redis, livekit-server and livekit-sip for the whole run, on free ports. What a test sets up there, it
    takes away."""
    with contextlib.ExitStack() as stack:
        try:
            servers = stack.enter_context(running_phone_servers(tmp_path_factory.mktemp("phone")))
        except NotStarted as error:
            pytest.fail(str(error))
        yield servers


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


@pytest.fixture(scope="session")
def real_embedder() -> RealEmbedder:
    """MiniLM in this process, one for the whole run: it remembers what it was asked."""
    return RealEmbedder()


async def _started(process: SpeechProcess) -> None:
    await process.start()
    await process.ready()
