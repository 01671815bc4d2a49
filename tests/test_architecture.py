"""Who may import whom, as pyproject.toml's contracts say, and that the contracts leave nothing out."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_LIVEKIT = (
    "config",
    "errors",
    "events",
    "files",
    "intent",
    "knowledge",
    "language",
    "memory",
    "observers",
    "profile",
    "redaction",
    "rules",
    "secrets",
    "speaking",
    "understanding",
)


def test_no_module_imports_what_stands_above_it() -> None:
    """import-linter holds every contract; its report is the message when one is broken."""
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_pure_room_that_exists_is_held_to_do_without_livekit() -> None:
    """A contract can only name modules that exist, so a new room must be added to it by hand."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = next(c["source_modules"] for c in contracts if c.get("forbidden_modules") == ["livekit"])
    there = {f"agent.{room}" for room in WITHOUT_LIVEKIT if _exists(ROOT / "agent" / room)}
    assert set(named) == there | {"backends"}


def _exists(module: Path) -> bool:
    return module.with_suffix(".py").is_file() or (module / "__init__.py").is_file()
