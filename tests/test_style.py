"""The style that tools can judge: ruff's rules and form, mypy's strictness; `make check` runs the same."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")], ids=["rules", "form"])
def test_ruff_has_nothing_to_say(arguments: tuple[str, ...]) -> None:
    """Each exception in pyproject.toml has its reason beside it."""
    _silent("ruff", *arguments, ".")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("target", [".", "agent.py"])
def test_mypy_is_content(target: str) -> None:
    """agent.py shares its name with the package agent, so it is judged alone."""
    _silent("mypy", target)


def _silent(program: str, *arguments: str) -> None:
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
