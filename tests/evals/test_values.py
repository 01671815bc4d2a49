"""The meter of values reads its file strictly and counts what was asked apart from what was wrong."""

import json
import sys
from pathlib import Path

import pytest

from evals import values

SAID = Path(values.__file__).with_name("said")


def run(path: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    """The command on a file."""
    monkeypatch.setattr(sys, "argv", ["python -m evals values", "--file", str(path), *more])
    return values.main()


def test_the_last_line_is_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the percentage of each kind, and null where the file has none of it."""
    path = tmp_path / "lines.tsv"
    path.write_text(
        "text\tkind\tvalue\ttoday\n"
        "I want the eat there on the 4th of this month.\tdate\t2019-03-04\t2019-03-01\n"
        "twelve fifty\tamount\t?\t2019-03-01\n"
        "send 780 dollars\tamount\t780\t2019-03-01\n"
        "it's 212 555 0142\tphone\t+12125550142\t2019-03-01\n"
        "four of us\tparty\t5\t2019-03-01\n"
    )
    assert run(path, monkeypatch, "--misses") == 0
    printed = capsys.readouterr().out.splitlines()
    found = json.loads(printed[-1])
    assert {k: found[k] for k in ("date", "time", "party", "amount", "phone")} == {
        "date": 100.0,
        "time": None,
        "party": 0.0,
        "amount": 100.0,
        "phone": 100.0,
    }
    assert "party wrong: 'four of us', meant 5, read 4" in printed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello\tdate\t2019-03-04\n", "line 1: needs text, kind"),
        ("hello\tcolour\tred\t2019-03-01\n", "line 1: needs text, kind"),
        ("hello\tdate\t2019-03-04\tyesterday\n", "line 1: 'yesterday' is no ISO date"),
        ("", "has no lines"),
    ],
)
def test_a_wrong_file_is_one_sentence(
    text: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That names the file and the line."""
    path = tmp_path / "lines.tsv"
    path.write_text(text)
    assert run(path, monkeypatch) == 2
    assert reason in capsys.readouterr().err


def test_a_missing_file_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no traceback."""
    assert run(tmp_path / "none.tsv", monkeypatch) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["first", "second"])
def test_no_sum_and_no_number_is_read_wrong(name: str) -> None:
    """Of sums and telephone numbers as people say them, in two lists by somebody who had not seen the code: what is not
    read as it was meant is asked."""
    scores, _ = values.measure(list(values.rows(SAID / f"{name}.tsv")))
    assert {kind: score.wrong for kind, score in scores.items()} == {"amount": [], "phone": []}
    assert all(score.percent >= 90 for score in scores.values())
