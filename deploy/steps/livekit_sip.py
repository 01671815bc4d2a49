"""livekit-sip: the one on PATH, else the version that deploy/servers/ pins, built once into .cache/bin. It encodes and
resamples sound in C, so that its build needs a C compiler and three libraries."""

import shutil
import subprocess
from dataclasses import replace

from deploy.steps.go_build import GoServer
from deploy.steps.step import Failed, Progress, Step

SERVER = GoServer(
    name="livekit-sip",
    package="github.com/livekit/sip/cmd/livekit-sip",
    takes="two to five minutes",
    otherwise="install livekit-sip",
    env={"CGO_ENABLED": "1"},
    oldest=(1, 26),
)
LIBRARIES = ("opus", "opusfile", "soxr")
PACKAGES = "gcc pkg-config libopus-dev libopusfile-dev libsoxr-dev"


def step(*, is_dev: bool) -> Step:
    """The step of `make phone`, and of `make test`, which goes on without it where the machine cannot build it: the
    tests that need it are skipped."""
    return replace(SERVER.step(), do=_build_if_possible if is_dev else _build)


def _build(progress: Progress) -> None:
    if wanting := _wanting():
        raise Failed(
            f"livekit-sip cannot be built without {', '.join(wanting)}: `apt install {PACKAGES}` (Debian, Ubuntu), "
            "`brew install pkg-config opus opusfile libsoxr` (macOS), and give the same command again"
        )
    SERVER.build(progress)


def _build_if_possible(progress: Progress) -> None:
    if wanting := _wanting():
        print(f"  {SERVER.name:<15} not built: {', '.join(wanting)} missing, so no test calls by telephone", flush=True)
    else:
        SERVER.build(progress)


def _wanting() -> list[str]:
    """What the C part of the build would not find."""
    programs = [name for name in ("cc", "pkg-config") if not shutil.which(name)]
    if programs:
        return programs
    return [name for name in LIBRARIES if subprocess.run(["pkg-config", "--exists", name], check=False).returncode]
