"""`python -m evals text --scenarios FOLDER`: scenario files outside the profiles, as strangers hand them in."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.errors import ConfigError
from evals.scenario import files_below
from evals.text import sort_out

KNOWN = ("bank", "dental", "restaurant", "shop")
FILE = """\
profile: {profile}
clock: 2026-11-20T12:00:00
scenarios:
  - name: asks
    turns:
      - {{say: {say}, said: [{said}]}}
"""


def write(folder: Path, name: str, profile: str, say: str, said: str) -> None:
    """One scenario in a file of its own."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FILE.format(profile=profile, say=say, said=said), encoding="utf-8")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command itself."""
    command = [sys.executable, "-m", "evals", "text", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_a_folder_anywhere_is_played_and_reported_like_the_profiles(tmp_path: Path) -> None:
    """Several profiles, nested folders, both endings, the same name in two files; the last line is the JSON."""
    folder, report = tmp_path / "given", tmp_path / "report"
    write(folder, "shop.yaml", "shop", "where is order 4571", "U P S")
    write(folder, "more/orders.yml", "shop", "where is order 4572", "delivered by pigeon")
    write(folder, "more/deeper/orders.yaml", "shop", "when do you close", "six in the evening")
    write(folder, "house.yml", "restaurant", "can I bring my dog", "terrace")
    done = run("--scenarios", str(folder), "--out", str(report), "--runs", "2")
    found = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, found["scenarios"], found["passed"], found["calls"], found["runs"]) == (1, 4, 3, 8, 2)
    shop = {"scenarios": 3, "passed": 2}
    assert found["profiles"] == {"restaurant": {"scenarios": 1, "passed": 1}, "shop": shop}
    assert "FAIL   0 of   2  shop/more/orders.yml: asks" in done.stdout
    assert "ok     2 of   2  shop/more/deeper/orders: asks" in done.stdout
    again = run("--scenarios", str(folder), "--out", str(report), "--profile", "shop", "--only", "deeper")
    found = json.loads(again.stdout.splitlines()[-1])
    assert (again.returncode, found["scenarios"], list(found["profiles"])) == (0, 1, ["shop"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("profile: shop\n", "", "line 1: profile: this key is missing"),
        ("profile: shop", "profile: ship", "line 1: profile: no profile 'ship' (there are: bank, dental"),
        ("profile: shop", "profile: [shop]", "line 1: profile: no profile ['shop']"),
        ("profile: shop", "profile: ../shop", "line 1: profile: no profile '../shop'"),
        ("scenarios:", "scenario:", "line 3: scenario: unknown key"),
        ("2026-11-20T", "2026-13-20T", "line 2: month must be in 1..12"),
        ("asks", "a\x01sks", "line 4: holds the control character U+0001"),
        ("asks", "[" * 2000, ": nested too deeply"),
        ("name: asks", "1: asks", "line 4: scenarios.0.1: "),
        ("profile: shop", "1: shop\nprofile: shop", "line 1: 1: "),
    ],
)
def test_a_wrong_file_is_one_sentence_with_file_line_and_key(
    tmp_path: Path,
    old: str,
    new: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the command ends with 2."""
    from evals import text

    path = tmp_path / "nested" / "one.yml"
    write(tmp_path, "nested/one.yml", "shop", "hello", "hello")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["evals text", "--scenarios", str(tmp_path)])
    assert text.main() == 2
    told = capsys.readouterr().err
    assert told.startswith(f"evals: {path}") and message in told and told.count("\n") == 1


@pytest.mark.parametrize("name", ["empty", "none", "notes"])
def test_a_folder_without_scenarios_is_an_error(tmp_path: Path, name: str) -> None:
    """Empty, not there, or full of other things: not nought of nought passed."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes" / "one.yaml").mkdir(parents=True)
    (tmp_path / "notes" / "read.md").write_text("hello", encoding="utf-8")
    with pytest.raises(ConfigError, match=f"--scenarios .*{name}: no "):
        files_below(tmp_path / name, KNOWN)


def test_a_profile_that_no_file_is_about_is_an_error(tmp_path: Path) -> None:
    """As asked for with --profile."""
    write(tmp_path, "one.yaml", "shop", "hello", "hello")
    assert list(sort_out(KNOWN, (), tmp_path)) == list(sort_out(KNOWN, ("shop",), tmp_path)) == ["shop"]
    with pytest.raises(ConfigError, match="no file in it is about bank"):
        sort_out(KNOWN, ("bank",), tmp_path)
    assert sort_out(KNOWN, (), None) == dict.fromkeys(KNOWN)


def test_what_nothing_is_called_is_not_nothing_passed() -> None:
    """--only with a word that stands nowhere ends with 2."""
    done = run("--profile", "shop", "--only", "no such scenario")
    assert done.returncode == 2 and "no scenario has that in its file or name" in done.stderr
