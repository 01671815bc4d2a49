"""`make phone` from outside: it says how to call, the line that it prints calls, and it leaves nothing behind."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from evals.servers import free_port, livekit_config
from tests.conftest import ROOT

pytestmark = [pytest.mark.needs("livekit-server", "livekit-sip", "redis-server", "sipp"), pytest.mark.timeout(240)]


def begin(folder: Path, **env: str) -> "subprocess.Popen[str]":
    """`make phone` behind its set-up, on ports of its own."""
    config, port = livekit_config(folder)
    sip = folder / "livekit-sip.yaml"
    sip.write_text((ROOT / "livekit-sip.yaml").read_text().replace("5060", str(free_port(socket.SOCK_DGRAM))))
    given = {
        "LIVEKIT_URL": f"ws://127.0.0.1:{port}",
        "PARLEY_VAR_DIR": str(folder / "var"),
        "PARLEY_WORKER_PORT": str(free_port()),
        "PARLEY_WEB_PORT": str(free_port()),
    }
    words = [sys.executable, "-m", "deploy.run", "--phone", "--livekit-config", str(config), "--sip-config", str(sip)]
    return subprocess.Popen(
        words, cwd=ROOT, env={**os.environ, **given, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.fixture
def phone(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """One that runs; whatever a failed test leaves is ended here."""
    run = begin(tmp_path)
    yield run
    if run.poll() is None:
        for process in psutil.Process(run.pid).children(recursive=True):
            process.kill()
        run.kill()
    run.communicate()


def test_it_says_how_to_call_and_that_call_is_answered(phone: "subprocess.Popen[str]") -> None:
    """The printed sipp line, as it stands but shorter: answered, and hung up as it says; Ctrl-C ends everything."""
    said = ""
    for line in phone.stdout or ():
        said += line
        if "sipp 127.0.0.1" in line:
            break
    assert "line + inbound trunk parley/local/shop" in said, said
    assert "shop: a softphone on this machine dials sip:+15550100100@127.0.0.1:" in said
    assert "+15550100150 not answered: profile bank is not in PARLEY_PROFILES" in said
    command = re.sub(r"-d \d+", "-d 3000", said[said.index("sipp 127.0.0.1") :].strip())
    env = {**os.environ, "TERM": "dumb"}
    called = subprocess.run(shlex.split(command), check=False, env=env, capture_output=True, timeout=60)
    assert called.returncode == 0, called.stdout[-2000:]
    family = psutil.Process(phone.pid).children(recursive=True)
    phone.send_signal(signal.SIGINT)
    assert phone.wait(40) == 0
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def test_what_is_missing_is_said_with_its_cure(tmp_path: Path) -> None:
    """No Redis on PATH; a trunk that lets anybody in."""
    here = begin(tmp_path, PATH=str(tmp_path))
    assert "parley: there is no redis-server on PATH" in here.communicate(timeout=60)[0]
    (tmp_path / "sip").mkdir()
    (tmp_path / "sip" / "a.yaml").write_text('inbound: {open: {numbers: ["+15550100100"]}}\n')
    here = begin(tmp_path, PARLEY_SIP_DIR=str(tmp_path / "sip"))
    assert "a.yaml, line 1: inbound.open: anybody could call in" in here.communicate(timeout=60)[0]
