"""A child is ended with everything it started, however it behaves, and its log stays small."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from deploy.child import Child, Log, Running

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
far = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
near = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("WARNING the milk is low", flush=True)
print(far.pid, near.pid, flush=True)
time.sleep(60)
"""

Said = list[tuple[str, str]]
Starter = Callable[..., Awaitable[Running]]


@pytest.fixture
def said() -> Said:
    """What the operator was told."""
    return []


@pytest.fixture
def start(tmp_path: Path, said: Said) -> Starter:
    """Start a child that runs the given Python and is ready when it has printed something."""

    async def begin(code: str, limit_s: float = 10) -> Running:
        log = Log(tmp_path / "cow.log")

        async def is_ready() -> bool:
            return len(log.tail) >= 2

        child = Child(name="cow", command=[sys.executable, "-c", code], is_ready=is_ready, limit_s=limit_s, end_s=0.3)
        running = Running(child, log, lambda name, line: said.append((name, line)))
        await running.start()
        return running

    return begin


async def test_a_child_that_ignores_sigterm_ends_with_its_children(start: Starter) -> None:
    """Also with the grandchild that has left its process group."""
    cow = await start(STUBBORN)
    await cow.ready()
    family = [psutil.Process(int(pid)) for pid in cow.log.tail[-1].split()]
    await cow.end()
    psutil.wait_procs(family, timeout=3)
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert not psutil.pid_exists(cow.pid)


async def test_its_warnings_are_shown_and_its_other_lines_kept(start: Starter, said: Said, tmp_path: Path) -> None:
    """The log has both."""
    cow = await start('print("grazing"); print("2026 ERROR fell over")')
    assert await cow.ended() == 0
    await cow.end()
    assert said == [("cow", "2026 ERROR fell over")]
    assert (tmp_path / "cow.log").read_text() == "grazing\n2026 ERROR fell over\n"


async def test_a_child_that_is_never_ready_is_given_up(start: Starter) -> None:
    """With the time limit of its kind."""
    cow = await start("import time; time.sleep(60)", limit_s=0.3)
    with pytest.raises(TimeoutError):
        await cow.ready()
    await cow.end()


def test_a_log_is_bounded_and_keeps_the_previous_half(tmp_path: Path) -> None:
    """A talkative child does not fill the disk."""
    log = Log(tmp_path / "cow.log", max_bytes=1000)
    for number in range(500):
        log.add(f"moo {number}")
    log.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert sum(sizes) <= 2100
    assert (tmp_path / "cow.log").read_text().endswith("moo 499\n")
    assert log.tail[-1] == "moo 499"


async def test_ending_a_child_that_never_started_is_no_error(tmp_path: Path) -> None:
    """The run may be stopped between two starts."""

    async def is_ready() -> bool:
        return True

    child = Child(name="cow", command=["true"], is_ready=is_ready, limit_s=1)
    await asyncio.wait_for(Running(child, Log(tmp_path / "cow.log"), print).end(), 1)
