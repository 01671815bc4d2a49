"""A server that is built from a Go module of its own in deploy/servers/, once, into .cache/bin."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.steps.step import CACHE, ROOT, Failed, Progress, Step, fingerprint

OLDEST_GO = (1, 25)


@dataclass(frozen=True, slots=True)
class GoServer:
    """What is built of which package; `otherwise` says how else a machine may get it, `needs` looks for what the
    compiler needs and raises Failed."""

    name: str
    package: str
    takes: str
    otherwise: str
    env: Mapping[str, str] = field(default_factory=dict)
    oldest: tuple[int, int] = OLDEST_GO

    @property
    def module(self) -> Path:
        """Where its go.mod is."""
        return ROOT / "deploy" / "servers" / self.name

    @property
    def binary(self) -> Path:
        """What is built."""
        return CACHE / "bin" / self.name

    def step(self) -> Step:
        """Done when there is one on PATH, whatever its version: the operator chose it."""
        return Step(
            name=self.name,
            doing=f"building it with Go from deploy/servers/{self.name}, {self.takes}, once",
            stamp=self.binary.with_suffix(".stamp"),
            fingerprint=fingerprint(self.module / "go.mod", self.module / "go.sum"),
            do=self.build,
            is_there=self.binary.is_file,
            is_elsewhere=shutil.which(self.name) or "",
        )

    def build(self, progress: Progress) -> None:
        """Raises Failed with the cure."""
        go, wanted = shutil.which("go"), f"Go {self.oldest[0]}.{self.oldest[1]} or newer"
        if not go:
            raise Failed(
                f"there is neither {self.name} nor Go on PATH: {self.otherwise} or install {wanted}, which builds it"
            )
        version = progress.run([go, "env", "GOVERSION"], cwd=ROOT)
        if self._numbers(version) < self.oldest:
            raise Failed(
                f"there is no {self.name} on PATH and {version} is too old to build it: {self.otherwise} or install "
                f"{wanted}"
            )
        self.binary.parent.mkdir(parents=True, exist_ok=True)
        part = self.binary.with_name(f"{self.name}.part")
        build: list[str | Path] = [go, "build", "-v", "-trimpath", "-buildvcs=false", "-mod=readonly"]
        progress.run([*build, "-o", part, self.package], cwd=self.module, env={"GOWORK": "off", **self.env})
        part.replace(self.binary)

    def _numbers(self, version: str) -> tuple[int, ...]:
        found = re.search(r"go(\d+)\.(\d+)", version)
        return tuple(int(part) for part in found.groups()) if found else self.oldest  # a development build is new
