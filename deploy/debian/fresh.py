"""What a newcomer sees: a fresh Debian root, an empty home, a clone of this repository's HEAD, and `make run` in it.

    sudo python3 -m deploy.debian.fresh /tmp/fresh [--stay] [--command "make test"]

The root has Python, git and make from apt and this machine's Go and Node. It shares this machine's network, so a
browser outside opens the page that runs inside. Prints how long the first start took and how long the second.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.debian.root import Root, refuse_anywhere_else

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("python3", "python3-venv", "git", "make")
USER, HOME = "newcomer", "/home/newcomer"
READY, END_S = "Ready in ", 30


def main() -> int:
    """Exit status: 0 when the page was ready both times, or that of --command."""
    parser = argparse.ArgumentParser(
        prog="deploy.debian.fresh", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the root is made; what an earlier run left there is used")
    parser.add_argument("--stay", action="store_true", help="keep the second start running until Ctrl-C")
    parser.add_argument("--command", default="", help="run this in the clone instead of `make run` twice")
    chosen = parser.parse_args()
    refuse_anywhere_else()
    root = _root(chosen.folder.resolve())
    _clone(root)
    if chosen.command:
        return subprocess.run(_inside(root, ["sh", "-c", chosen.command]), check=False).returncode
    cold_s, warm_s = _run(root, "cold", is_staying=False), _run(root, "warm", is_staying=chosen.stay)
    print(f"Ready after {cold_s:.0f} s the first time (set-up included) and {warm_s:.1f} s the second time.")
    return 0


def _root(folder: Path) -> Root:
    done, path = folder / "done", folder / "root"
    if not done.exists():
        print(f"Making a Debian root with {', '.join(PACKAGES)}, Go and Node in {path} …", flush=True)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        root = Root.make(path, PACKAGES)
        root.add_go()
        root.add_node()
        root.run(["useradd", "--shell", "/bin/sh", USER])
        done.touch()
    return Root(path)


def _clone(root: Root) -> None:
    """An empty home with nothing but the clone in it."""
    home = root.path / HOME.lstrip("/")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    bundle = root.path / "tmp" / "parley.bundle"
    subprocess.run(["git", "-C", REPOSITORY, "bundle", "create", "-q", bundle, "HEAD", "--branches"], check=True)
    root.run(["chown", f"{USER}:", HOME])
    root.run(["git", "clone", "-q", "/tmp/parley.bundle", f"{HOME}/parley"], user=USER, env={"HOME": HOME})
    head = subprocess.run(
        ["git", "-C", REPOSITORY, "log", "-1", "--format=%h %s"], check=True, capture_output=True, text=True
    )
    print(f"Cloned {head.stdout.strip()}", flush=True)


def _inside(root: Root, command: Sequence[str]) -> list[str]:
    return root.command(command, user=USER, cwd=f"{HOME}/parley", env={"HOME": HOME, "USER": USER})


def _run(root: Root, name: str, *, is_staying: bool) -> float:
    """Seconds from `make run` to its word that a caller can come. Exits when that word does not come."""
    began, ready_s = time.monotonic(), 0.0
    with subprocess.Popen(
        _inside(root, ["sh", "-c", "make run; exit $?"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            for line in process.stdout or ():
                print(f"[{name} {time.monotonic() - began:6.1f} s] {line}", end="", flush=True)
                if line.startswith(READY):
                    ready_s = time.monotonic() - began
                    if not is_staying:
                        _end(process)
        except KeyboardInterrupt:
            _end(process)
            for line in process.stdout or ():
                print(line, end="", flush=True)
    if not ready_s:
        sys.exit(f"parley: the {name} start never got ready (exit code {process.returncode})")
    print(f"{name}: everything ended {time.monotonic() - began - ready_s:.1f} s after it was ready", flush=True)
    return ready_s


def _end(process: "subprocess.Popen[str]") -> None:
    """What Ctrl-C in a terminal does."""
    os.killpg(process.pid, signal.SIGINT)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
    signal.alarm(END_S)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
