"""A step: what it makes, whether that is up to date, and how it runs its commands. It leaves the order to __main__.

A stamp is written when a step is complete and removed before it begins, so what Ctrl-C or a lost network left half-done
never looks complete.
"""

import hashlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
LOGS = CACHE / "log"


class Failed(Exception):
    """A step cannot be done. The message is one sentence that holds the cure."""


@dataclass(slots=True)
class Progress:
    """What a running step does now, for the lines that are printed meanwhile; owns the step's child process."""

    name: str
    note: str = ""
    child: "subprocess.Popen[str] | None" = None
    is_stopping: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
        """Run a command, keep its output in the step's log, return it. Raises Failed with its last words."""
        words = [str(word) for word in command]
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{self.name}.log"
        lines: list[str] = []
        with log.open("a", encoding="utf-8") as out:
            print("$", *words, file=out, flush=True)
            child = self._start(words, cwd, env)
            with child:
                for line in child.stdout or ():
                    print(line.rstrip(), file=out, flush=True)
                    lines.append(line.rstrip())
                    self.note = line.strip() or self.note
        if child.returncode != 0:
            raise Failed(
                f"`{Path(words[0]).name} {words[1]}` said: {last_words(lines)}; all of it is in {short(log)}; "
                "mend that and give the same command again, it goes on where it stopped"
            )
        return "\n".join(lines)

    def _start(self, words: list[str], cwd: Path, env: Mapping[str, str] | None) -> "subprocess.Popen[str]":
        with self.lock:
            if self.is_stopping:
                raise Failed("stopped")
            self.child = subprocess.Popen(
                words,
                cwd=cwd,
                env=os.environ | (env or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # so that its own children end with it
            )
            return self.child

    def stop(self) -> None:
        """End the running command and everything it started; no further one begins."""
        with self.lock:
            self.is_stopping = True
            if self.child and self.child.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(self.child.pid, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that set-up makes. `stamp` holds the fingerprint of what it was made from."""

    name: str
    doing: str
    stamp: Path
    fingerprint: str
    do: Callable[[Progress], None]
    also_good: str = ""  # a second fingerprint that serves as well: the environment with the test tools, for `make run`
    is_there: Callable[[], bool] = lambda: True
    is_elsewhere: str = ""  # why nothing needs to be made: "/usr/bin/livekit-server"

    @property
    def is_done(self) -> bool:
        """True when what the step makes is there and was made from today's inputs."""
        made_from = read(self.stamp)
        return bool(self.is_elsewhere) or (made_from in {self.fingerprint, self.also_good} - {""} and self.is_there())

    def run(self, progress: Progress) -> None:
        """Make it. The stamp comes last, in one piece."""
        (LOGS / f"{self.name}.log").unlink(missing_ok=True)
        self.do(progress)
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        part = self.stamp.with_name(self.stamp.name + ".part")
        part.write_text(self.fingerprint)
        part.replace(self.stamp)


def read(stamp: Path) -> str:
    """What a stamp says; empty when there is none."""
    try:
        return stamp.read_text()
    except OSError:
        return ""


def fingerprint(*files: Path) -> str:
    """One hash of several files. Raises Failed when one is missing."""
    digest = hashlib.sha256()
    for path in files:
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise Failed(f"cannot read {short(path)}: {error.strerror}; restore it with git") from None
    return digest.hexdigest()[:32]


def last_words(lines: Sequence[str]) -> str:
    """The line that says what went wrong: the last that speaks of an error, else the last."""
    spoken = [line.strip() for line in lines if line.strip()]
    errors = [line for line in spoken if "error" in line.lower() or "cause" in line.lower()]
    return ((errors or spoken or ["nothing"])[-1])[:300].rstrip(".")


def short(path: Path) -> Path:
    """The path as one in this folder would type it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
