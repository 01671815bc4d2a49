"""The speech process's life: started, restarted, and never left behind."""

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from agent.errors import ConfigError, ProviderError
from agent.providers.local.speech_client import SpeechClient
from agent.providers.local.supervisor import ROOT, SpeechProcess


async def until(is_so: Callable[[], bool], within_s: float = 10.0) -> bool:
    """True when it becomes so in time."""
    for _ in range(int(within_s / 0.02)):
        if is_so():
            return True
        await asyncio.sleep(0.02)
    return False


async def gone(pid: int, within_s: float = 10.0) -> bool:
    """True when the process ends in time."""
    return await until(lambda: not psutil.pid_exists(pid) or _is_zombie(pid), within_s)


def _is_zombie(pid: int) -> bool:
    return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


async def test_it_is_started_again_after_a_crash(mortal: SpeechProcess) -> None:
    """Killed, it is not ready; soon after there is another one, on the same socket, and only one."""
    first = mortal.pid
    assert first
    assert mortal.is_ready
    os.kill(first, signal.SIGKILL)
    assert await gone(first)
    await until(lambda: not mortal.is_ready)
    await mortal.ready(30)
    children = [p.pid for p in psutil.Process().children() if "agent.providers.local.speech_process" in p.cmdline()]
    assert mortal.pid in children
    assert mortal.pid != first
    client = SpeechClient(mortal.socket)
    assert (await client.embed(["hello"])).shape == (1, 384)
    await client.aclose()


async def test_it_is_started_again_when_it_hangs(folder: Path) -> None:
    """Alive and silent is worse than dead: nobody would ever be answered. It is killed and there is another one."""
    process = SpeechProcess(folder / "speech.sock", hang_s=2.0)
    await process.start()
    await process.ready(60)
    first = process.pid
    assert first
    os.kill(first, signal.SIGSTOP)
    assert await gone(first)
    await until(lambda: not process.is_ready)
    await process.ready(60)
    assert process.pid != first
    await process.aclose()


async def test_work_is_no_hanging(mortal: SpeechProcess) -> None:
    """A process whose models are busy for longer than a beat answers between two pieces of work."""
    first = mortal.pid
    client = SpeechClient(mortal.socket, reply_timeout_s=60)
    sentences = [f"A sentence with the number {number}, to keep the models at work." for number in range(15)]
    await asyncio.gather(*(client.keep(sentence) for sentence in sentences))
    await client.aclose()
    assert mortal.is_ready and mortal.pid == first


async def test_closing_ends_the_process_and_its_socket(folder: Path) -> None:
    """After aclose there is neither process nor socket, even while the models still load."""
    process = SpeechProcess(folder / "speech.sock")
    await process.start()
    await until(lambda: process.pid is not None)
    pid = process.pid
    await process.aclose()
    assert pid
    assert await gone(pid, 1.0)
    assert not (folder / "speech.sock").exists()


async def test_it_does_not_outlive_its_parent(folder: Path) -> None:
    """The worker is killed hard: its speech process goes too."""
    script = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom agent.providers.local.supervisor import SpeechProcess\n"
        "async def main():\n    process = SpeechProcess(Path(sys.argv[1]))\n    await process.start()\n"
        "    await process.ready()\n    print(process.pid, flush=True)\n    await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    command = (sys.executable, "-c", script, str(folder / "speech.sock"))
    parent = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 60))
    parent.kill()
    await parent.wait()
    assert await gone(pid)


async def test_a_stale_socket_file_is_no_obstacle(folder: Path) -> None:
    """A predecessor that was killed left its socket; the next one starts all the same."""
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(folder / "speech.sock"))
    stale.close()
    process = SpeechProcess(folder / "speech.sock")
    await process.start()
    await process.ready(60)
    await process.aclose()


@pytest.mark.parametrize("tts", ["hibari", "piper"])
async def test_a_wrong_voice_is_said_in_one_sentence(folder: Path, tts: str) -> None:
    """A file that is no voice stops the start with a cure, not a loop of restarts."""
    (folder / "voice.onnx").write_bytes(b"no model")
    process = SpeechProcess(
        folder / "speech.sock", arguments=("--tts", tts, f"--{tts}-voice", str(folder / "voice.onnx"))
    )
    await process.start()
    with pytest.raises(ConfigError, match=rf"^{tts} voice .*voice\.onnx: cannot be loaded .*docs/providers\.md$"):
        await process.ready(60)
    assert not process.is_ready
    await process.aclose()


async def test_waiting_for_it_has_an_end(folder: Path) -> None:
    """A machine too slow to load the models is an error after the time-out, not a hang."""
    process = SpeechProcess(folder / "speech.sock")
    with pytest.raises(ProviderError, match="not ready in"):
        await process.ready(0.05)


def test_a_path_too_long_for_a_socket_is_refused(folder: Path) -> None:
    """The kernel's limit is met before the start, in one sentence."""
    with pytest.raises(ConfigError, match="too long"):
        SpeechProcess(folder / ("x" * 120))


async def test_a_worker_that_cannot_wait_leaves_no_pipe_open(folder: Path) -> None:
    """Cancelled once more while it waits for the end, as a second Ctrl-C does: killed, and its pipes closed."""
    gc.collect()  # what tests before this one left open is not judged here
    process = SpeechProcess(folder / "speech.sock")
    await process.start()
    while (pid := process.pid) is None:  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(0.02)
    os.kill(pid, signal.SIGSTOP)  # one that does not go when it is asked
    closing = asyncio.create_task(process.aclose())
    await asyncio.sleep(0.1)
    supervising = next(task for task in asyncio.all_tasks() if task.get_name() == "speech process")
    supervising.cancel()
    await closing
    assert await gone(pid)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del process, supervising
        gc.collect()
    assert not [str(warning.message) for warning in told]
