"""docs/your-own-agent.md, followed word by word in a copy of this checkout: whoever copies its blocks has an agent."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.config import ROOT

PAGE = (ROOT / "docs" / "your-own-agent.md").read_text(encoding="utf-8")
PARTS = ("agent", "backends", "evals", "tools")


def files() -> dict[str, str]:
    """Each file that the page has the reader write, by its path."""
    found = re.findall(r"^`([\w/.-]+)`\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return dict(found)


def commands() -> list[str]:
    """What the page has the reader type, but for the last, which runs until it is stopped."""
    return re.findall(r"^```sh\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)[:-1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a newcomer has in front of them, without the profiles that are there."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


def test_the_page_is_followed_to_a_scenario_that_passes(checkout: Path) -> None:
    """Folder, files, tool, and both of its scenarios."""
    prepare, judge = commands()
    subprocess.run(["sh", "-ec", prepare], cwd=checkout, check=True)
    for name, text in files().items():
        assert (checkout / name).parent.is_dir(), f"{name}: the page makes no such folder"
        (checkout / name).write_text(text, encoding="utf-8")
    run = subprocess.run(["sh", "-ec", judge], cwd=checkout, capture_output=True, text=True, check=False, timeout=110)
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert f'"scenarios": {found["scenarios"]}, "passed": {found["passed"]}' in PAGE
    assert found["scenarios"] == found["passed"] == 2


def test_what_the_page_has_one_write_is_as_this_repository_is(tmp_path: Path) -> None:
    """A tool that ruff would send back is no example."""
    (tmp_path / "bakery.py").write_text(files()["tools/bakery.py"], encoding="utf-8")
    for arguments in (["check"], ["format", "--check"]):
        command: list[str | Path] = [
            Path(sys.executable).with_name("ruff"),
            *arguments,
            "--config",
            ROOT / "pyproject.toml",
            tmp_path,
        ]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
