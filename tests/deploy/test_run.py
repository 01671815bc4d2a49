"""`make run` from outside: real livekit-server, real worker, real page; it starts and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from evals.servers import LiveKit, free_port, livekit_config
from tests.conftest import ROOT

pytestmark = [pytest.mark.needs("livekit-server"), pytest.mark.timeout(240)]
START_S = 120

Run = subprocess.Popen[str]
Starter = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Start `deploy.run` on ports of its own; whatever a failed test leaves is ended here."""
    runs: list[Run] = []

    def begin(**env: str) -> Run:
        config, port = livekit_config(tmp_path)
        given = {
            "LIVEKIT_URL": f"ws://127.0.0.1:{port}",
            "PARLEY_VAR_DIR": str(tmp_path / "var"),
            "PARLEY_WORKER_PORT": str(free_port()),
            "PARLEY_WEB_PORT": str(free_port()),
        }
        runs.append(
            subprocess.Popen(
                [sys.executable, "-m", "deploy.run", "--livekit-config", str(config)],
                cwd=ROOT,
                env={**os.environ, **given, **env},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return runs[-1]

    yield begin
    for run in runs:
        for process in _descendants(run):
            process.kill()
        run.kill()
        run.communicate()


def _descendants(run: Run) -> list[psutil.Process]:
    return psutil.Process(run.pid).children(recursive=True) if psutil.pid_exists(run.pid) else []


def _until(run: Run, words: str) -> str:
    """Everything it says up to the line with these words."""
    said = ""
    for line in run.stdout or ():
        said += line
        if words in line:
            return said
    pytest.fail(f"it never said {words!r}:\n{said}")


def _survivors(family: list[psutil.Process], within_s: float) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(family, timeout=within_s)
    return [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_gets_ready_and_ends_without_orphans(start: Starter, number: signal.Signals) -> None:
    """livekit-server, worker, job processes, speech process and page: all gone, exit status 0."""
    run = start()
    said = _until(run, "Ready in")
    address = said.split("Open ")[1].split()[0]
    who = "hears: moonshine (no key is set); thinks: understanding (no key is set); speaks: hibari (no key is set)"
    assert f"shop            {who}" in said
    assert who.encode() in urllib.request.urlopen(address + "config.json", timeout=5).read()  # noqa: S310  # our own page
    assert urllib.request.urlopen(address + "healthz", timeout=5).status == 200  # noqa: S310  # our own page
    family = _descendants(run)
    assert len(family) >= 5
    run.send_signal(number)
    said, _ = run.communicate(timeout=40)
    assert run.returncode == 0, said
    assert _survivors(family, 1) == []


def test_when_the_worker_dies_it_says_so_and_ends_the_rest(start: Starter) -> None:
    """A run without its worker would be a page that nobody answers."""
    run = start()
    _until(run, "Ready in")
    family = _descendants(run)
    next(process for process in family if "agent.py" in process.cmdline()).kill()
    said, _ = run.communicate(timeout=40)
    assert run.returncode == 1
    assert "parley: worker ended by signal SIGKILL; its last lines" in said
    assert _survivors(family, 8) == []


def test_when_it_is_killed_outright_its_children_end_too(start: Starter) -> None:
    """The lifeline sees the pipe close."""
    run = start()
    _until(run, "Ready in")
    family = _descendants(run)
    run.kill()
    run.wait(5)
    assert _survivors(family, 20) == []


def test_a_server_that_already_answers_is_used(start: Starter, livekit_server: LiveKit) -> None:
    """`livekit-server --dev` in another terminal, or one in the cloud."""
    run = start(LIVEKIT_URL=livekit_server.url)
    said = _until(run, "Starting")
    said += _until(run, "already answers")
    assert "Starting worker and page" in said
    run.send_signal(signal.SIGINT)
    assert run.wait(40) == 0


def test_a_server_that_does_not_know_our_key_is_said_before_anything_starts(
    start: Starter, livekit_server: LiveKit
) -> None:
    """Otherwise the worker would try for minutes."""
    run = start(LIVEKIT_URL=livekit_server.url, LIVEKIT_API_KEY="mine", LIVEKIT_API_SECRET="x" * 32)
    said, _ = run.communicate(timeout=40)
    assert run.returncode == 1
    assert said.startswith(
        f"parley: the livekit-server at LIVEKIT_URL={livekit_server.url} does not know our LIVEKIT_API_KEY"
    )
    assert "mine" not in said  # whoever has swapped them has the secret there


def test_a_wrong_profile_is_one_sentence(start: Starter) -> None:
    """No traceback, no child."""
    began = time.monotonic()
    run = start(PARLEY_PROFILE="bank-of-nowhere")
    said, _ = run.communicate(timeout=40)
    assert run.returncode == 1
    assert said.startswith("parley: PARLEY_PROFILE=bank-of-nowhere: no folder")
    assert said.count("\n") == 1
    assert time.monotonic() - began < 20
