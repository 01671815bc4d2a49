"""Ends the children of a run that was itself killed outright (SIGKILL, out of memory) and could not end them.

A second small process holds the reading end of a pipe. When the run dies, the pipe closes.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 5.0


class Lifeline:
    """Held by the run; `hold` names a process group that must not outlive it."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-S", "-m", "deploy.lifeline"]
        self._watcher = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True, text=True)
        return self

    def hold(self, group: int) -> None:
        """Watch over one more process group."""
        self._tell(str(group))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell("done")
        with suppress(OSError):
            self._watcher.__exit__(None, None, None)

    def _tell(self, word: str) -> None:
        assert self._watcher.stdin
        with suppress(OSError):
            self._watcher.stdin.write(word + "\n")
            self._watcher.stdin.flush()


def watch() -> None:
    """Until the pipe closes; "done" before that means that the run has cleaned up."""
    groups: list[int] = []
    for line in sys.stdin:
        if line.strip() == "done":
            return
        groups.append(int(line))
    for number, patience_s in ((signal.SIGTERM, PATIENCE_S), (signal.SIGKILL, 0.0)):
        for group in groups:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        time.sleep(patience_s)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch()
