"""livekit-server: the one on PATH, else the version that deploy/servers/ pins, built once into .cache/bin."""

import re
import shutil
from pathlib import Path

from deploy.steps.step import CACHE, ROOT, Failed, Progress, Step, fingerprint

MODULE = ROOT / "deploy" / "servers" / "livekit-server"
BINARY = CACHE / "bin" / "livekit-server"
PACKAGE = "github.com/livekit/livekit-server/cmd/server"
OLDEST_GO = (1, 25)


def step() -> Step:
    """Done when there is one on PATH, whatever its version: the operator chose it."""
    return Step(
        name="livekit-server",
        doing="building it with Go from deploy/servers/livekit-server, one to three minutes, once",
        stamp=BINARY.with_suffix(".stamp"),
        fingerprint=fingerprint(MODULE / "go.mod", MODULE / "go.sum"),
        do=_build,
        is_there=BINARY.is_file,
        is_elsewhere=shutil.which("livekit-server") or "",
    )


def _build(progress: Progress) -> None:
    go = shutil.which("go")
    if not go:
        raise Failed(
            "there is neither livekit-server nor Go on PATH: install livekit-server (macOS: brew install livekit; "
            "Linux: LiveKit's installer) or Go 1.25 or newer, which builds it"
        )
    version = progress.run([go, "env", "GOVERSION"], cwd=ROOT)
    if _numbers(version) < OLDEST_GO:
        raise Failed(
            f"there is no livekit-server on PATH and {version} is too old to build it: install livekit-server, "
            "or Go 1.25 or newer"
        )
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    part = BINARY.with_name("livekit-server.part")
    build: list[str | Path] = [go, "build", "-v", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", part, PACKAGE]
    progress.run(build, cwd=MODULE, env={"CGO_ENABLED": "0", "GOWORK": "off"})
    part.replace(BINARY)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"go(\d+)\.(\d+)", version)
    return tuple(int(part) for part in found.groups()) if found else OLDEST_GO  # a development build of Go is new
