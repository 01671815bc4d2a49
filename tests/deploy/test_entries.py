"""Whatever is started says a wrong setting in one sentence: each entry point as a process, as an operator starts it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.config import ROOT
from evals.servers import LiveKit, free_port
from tests.conftest import find_program

pytestmark = pytest.mark.timeout(180)
PYTHON = sys.executable
ENTRIES: dict[str, tuple[str, ...]] = {
    "start": (PYTHON, "agent.py", "start"),
    "dev": (PYTHON, "agent.py", "dev", "--no-reload"),
    "console": (PYTHON, "agent.py", "console"),
    "livekit": (PYTHON, "-m", "livekit.agents", "start", "agent.py"),
    "page": (PYTHON, "-m", "agent.page"),
    "run": (PYTHON, "-m", "deploy.run"),
    "forget": (PYTHON, "-m", "agent.forget", "+15550100199"),
}
SECRET = "canary" * 6


def started(command: tuple[str, ...], **environment: str) -> "subprocess.Popen[str]":
    """The process, with nothing of ours in its environment but this."""
    others = {name: text for name, text in os.environ.items() if not name.startswith(("PARLEY_", "LIVEKIT_"))}
    env = {**others, "PYTHONUNBUFFERED": "1", **environment}
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip


def sentence(process: "subprocess.Popen[str]", limit_s: float = 90) -> str:
    """What it says before it ends, by itself and as a failure; log lines of what still went well aside."""
    try:
        said, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"still running: {process.communicate()[0]}")
    assert process.returncode in {1, 2}, said
    assert "Traceback" not in said
    assert "canary" not in said
    lines = re.findall(r"^parley: .*$", said, re.MULTILINE)
    assert len(lines) == 1, said
    return str(lines[0])


def test_every_entry_point_says_a_wrong_variable_in_the_same_sentence(tmp_path: Path) -> None:
    """They all read the environment in one place. Swapped, the secret stands where a key is shown."""
    given = {"PARLEY_VAR_DIR": str(tmp_path), "LIVEKIT_API_KEY": SECRET, "LIVEKIT_API_SECRET": "APIx7Hq2kLmN4"}
    processes = {name: started(command, **given) for name, command in ENTRIES.items()}
    said = {name: sentence(process) for name, process in processes.items()}
    assert {line[:66] for line in said.values()} == {
        "parley: LIVEKIT_API_KEY and LIVEKIT_API_SECRET are swapped: exchang"[:66]
    }


@pytest.mark.needs("livekit-server")
def test_a_worker_that_the_server_would_never_take_ends_at_once(livekit_server: LiveKit, tmp_path: Path) -> None:
    """LiveKit's client would try again for two minutes, each time with another traceback."""
    wrong = {
        "wss": {"LIVEKIT_URL": livekit_server.url.replace("ws://", "wss://")},
        "key": {"LIVEKIT_URL": livekit_server.url},
    }
    own = {"LIVEKIT_API_KEY": "APIx7Hq2kLmN4", "LIVEKIT_API_SECRET": SECRET, "PARLEY_VAR_DIR": str(tmp_path)}
    processes = {
        name: started(ENTRIES["start"], **own, **given, PARLEY_WORKER_PORT="0") for name, given in wrong.items()
    }
    said = {name: sentence(process) for name, process in processes.items()}
    assert said["wss"].endswith(f"the server speaks no TLS there; write {livekit_server.url}")
    assert "does not know our LIVEKIT_API_KEY" in said["key"]


def test_without_a_network_a_run_says_so_at_once(tmp_path: Path) -> None:
    """In a network namespace that has loopback alone, as with Wi-Fi switched off."""
    unshare = find_program("unshare")
    alone = (str(unshare), "--map-root-user", "--net")
    if not unshare or subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system gives nobody a network namespace")
    given = {"PARLEY_VAR_DIR": str(tmp_path), "PARLEY_WEB_PORT": str(free_port()), "PARLEY_WORKER_PORT": "0"}
    processes = [started((*alone, *ENTRIES[name]), **given) for name in ("run", "dev")]
    began = time.monotonic()
    for process in processes:
        assert sentence(process).startswith("parley: this machine has no network besides loopback")
    assert time.monotonic() - began < 60
