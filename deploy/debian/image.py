"""Carries out the lines of our Dockerfile in Debian roots and starts the result as a container would run it:
another user, no rights, a root that cannot be written to. For machines without a container engine.

    sudo python3 -m deploy.debian.image build /tmp/image
    sudo python3 -m deploy.debian.image run /tmp/image [COMMAND]

Base images become Debian roots with Debian's own Python. Only what git tracks can be copied in, which is stricter
than .dockerignore. What it cannot show: the real base images, layers and their size, the engine's own options.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.debian.root import Root, refuse_anywhere_else

REPOSITORY = Path(__file__).resolve().parents[2]
BASES = {"node": ("python3",), "python": ("python3", "python3-venv")}


@dataclass(slots=True)
class Stage:
    """One FROM and what followed it."""

    root: Root
    workdir: str = "/"
    user: str = "root"
    env: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)

    def run(self, words: str) -> None:
        """RUN, in the form that a shell reads."""
        self.root.run(["sh", "-c", words], user=self.user, cwd=self.workdir, env=self.env)

    def path(self, inside: str) -> Path:
        """A path of the image as this machine sees it."""
        return self.root.path / os.path.join(self.workdir, inside).lstrip("/")  # noqa: PTH118  # pathlib drops the last slash


class Build:
    """The stages of a Dockerfile, built below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stages: dict[str, Stage] = {}
        self.stage = Stage(Root(folder))

    def follow(self, dockerfile: str) -> Stage:
        """All lines; the last stage is the image."""
        for keyword, rest in instructions(dockerfile):
            print(f"{keyword} {rest}", flush=True)
            step = getattr(self, f"on_{keyword.lower()}", None)
            if step is None:
                sys.exit(f"parley: Dockerfile: deploy/debian/image.py does not know {keyword}")
            step(rest)
        return self.stage

    def on_from(self, rest: str) -> None:
        """A copy of the root that stands for the base image."""
        image, *name = re.split(r"\s+AS\s+", rest)
        path = self.folder / (name[0] if name else "image")
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        self.stage = Stage(self._base(image.split(":")[0]).copy(path))
        self.stages[name[0] if name else "image"] = self.stage

    def _base(self, image: str) -> Root:
        path, done = self.folder / f"base-{image}", self.folder / f"base-{image}.done"
        if done.exists():
            return Root(path)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        root = Root.make(path, BASES[image])
        if image == "node":
            root.add_node()
        done.touch()
        return root

    def on_workdir(self, rest: str) -> None:
        """Made when it is not there."""
        self.stage.workdir = rest
        self.stage.path("").mkdir(parents=True, exist_ok=True)

    def on_copy(self, rest: str) -> None:
        """From another stage, or from what git tracks here."""
        *sources, target = shlex.split(rest)
        if sources[0].startswith("--from="):
            other = self.stages[sources.pop(0).removeprefix("--from=")]
            pairs = [(other.path(source), self.stage.path(target)) for source in sources]
        else:
            pairs = [pair for source in sources for pair in self._tracked(source, target)]
        for source, place in pairs:
            place.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", "--no-preserve=ownership", "-T", source, place], check=True)

    def _tracked(self, source: str, target: str) -> list[tuple[Path, Path]]:
        listed = subprocess.run(
            ["git", "-C", REPOSITORY, "ls-files", "-z", "--", source], check=True, capture_output=True
        )
        names = [name for name in listed.stdout.decode().split("\0") if name and (REPOSITORY / name).exists()]
        if not names:
            sys.exit(f"parley: Dockerfile: COPY {source}: git tracks no such file")
        if (REPOSITORY / source).is_dir():
            return [(REPOSITORY / n, self.stage.path(target) / Path(n).relative_to(source)) for n in names]
        return [(REPOSITORY / n, self.stage.path(target) / Path(n).name) for n in names]

    def on_run(self, rest: str) -> None:
        """As the stage's user, in its folder."""
        self.stage.run(rest)

    def on_env(self, rest: str) -> None:
        """NAME=value pairs."""
        self.stage.env |= dict(pair.split("=", 1) for pair in shlex.split(rest))

    def on_user(self, rest: str) -> None:
        """Who the container runs as."""
        self.stage.user = rest

    def on_volume(self, rest: str) -> None:
        """A folder that can be written to."""
        self.stage.volumes.append(rest)

    def on_healthcheck(self, rest: str) -> None:
        """Its command; times are the engine's."""
        self.stage.health = json.loads(rest.split("CMD ", 1)[1])

    def on_cmd(self, rest: str) -> None:
        """What the container runs."""
        self.stage.command = json.loads(rest)


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Keyword and rest of each instruction, continued lines joined, comments left out."""
    lines = re.sub(r"\\\n", " ", dockerfile).splitlines()
    kept = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return [(word.upper(), rest.strip()) for word, rest in (line.split(" ", 1) for line in kept)]


def container(stage: Stage, command: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """The command line that runs it as `docker run --read-only --cap-drop=all --tmpfs /tmp --network=host` would."""
    return stage.root.command(
        command,
        user=stage.user,
        cwd=stage.workdir,
        env={**stage.env, **env},
        is_read_only=True,
        writable=[volume.lstrip("/") for volume in stage.volumes],
    )


def main() -> int:
    """Builds, runs, or asks for health. LIVEKIT_* and PARLEY_* variables go in, as with `docker run --env`."""
    parser = argparse.ArgumentParser(
        prog="deploy.debian.image", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("action", choices=["build", "run", "health"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to run instead of the image's CMD")
    chosen = parser.parse_args()
    refuse_anywhere_else()
    folder: Path = chosen.folder.resolve()
    kept = folder / "image.json"
    if chosen.action == "build":
        stage = Build(folder).follow((REPOSITORY / "Dockerfile").read_text())
        described = {name: getattr(stage, name) for name in ("workdir", "user", "env", "command", "health", "volumes")}
        kept.write_text(json.dumps(described))
        return 0
    if not kept.exists():
        sys.exit(f"parley: no image in {folder}: make it with `python3 -m deploy.debian.image build {folder}`")
    stage = Stage(Root(folder / "image"), **json.loads(kept.read_text()))
    command = stage.health if chosen.action == "health" else chosen.command or stage.command
    env = {name: value for name, value in os.environ.items() if name.startswith(("LIVEKIT_", "PARLEY_"))}
    return subprocess.run(container(stage, command, env), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
