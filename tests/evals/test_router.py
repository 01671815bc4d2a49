"""The figures of docs/router.md: they may get better, not worse. And the command, as a stranger runs it."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from agent.providers.local.models.minilm import Floats, MiniLM
from agent.understanding.matching.classifier import Verdict
from evals.router import FRESH, TEST, TRAIN, Decided, figures, main, run
from evals.rows import Row, read_rows

FLOORS = {"accuracy": 0.86, "coverage": 0.55, "precision": 0.97, "oos_recall": 0.92, "in_scope_kept": 0.88}


class Remembering(MiniLM):
    """The real model; embeds each text once, since two tests ask for the same thousand."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Floats:
        """As the model does, but for the time that it takes."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(missing, super().embed(missing), strict=True))
        return np.stack([self._known[text] for text in texts])


@pytest.fixture(scope="module")
def model() -> Remembering:
    """One for all tests of this file."""
    return Remembering()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("without_oos", [False, True], ids=["with rows out of scope", "without"])
def test_the_classifier_is_as_good_as_the_docs_say(
    without_oos: bool, model: Remembering, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the split of its own; the last line is the JSON object that others read."""
    found = asdict(run(TRAIN, TEST, without_oos=without_oos, model=model))
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == found
    assert set(found) == {*FLOORS, "ms"}
    assert not {name: found[name] for name, floor in FLOORS.items() if found[name] < floor}


def test_sentences_that_no_constant_was_chosen_on_are_understood(model: Remembering) -> None:
    """They were written when all else was fixed."""
    found = run(TRAIN, FRESH, model=model)
    assert found.accuracy and found.accuracy >= 0.92
    assert found.precision and found.precision >= 0.96


def test_the_split_is_one() -> None:
    """No sentence is on both sides, ten and fifteen examples a label, and enough that are out of scope."""
    train, test = read_rows(TRAIN), read_rows(TEST)
    fresh = {row.text.lower() for row in read_rows(FRESH)}
    assert len(fresh) == 250 and not fresh & {row.text.lower() for row in [*train, *test]}
    assert not {row.text.lower() for row in train} & {row.text.lower() for row in test}
    labels = {row.label for row in train if row.is_in_scope}
    assert len(labels) >= 40 and labels == {row.label for row in test if row.is_in_scope}
    assert all(sum(row.label == label for row in train) == 10 for label in labels)
    assert all(sum(row.label == label for row in test) == 15 for label in labels)
    assert sum(not row.is_in_scope for row in test) >= 200


def decided(label: str, best: str, confidence: float, *, is_kept: bool = True) -> Decided:
    """A row and what was made of it."""
    return Decided(Row("x", label), Verdict(best if is_kept else None, confidence, best, "other"))


def test_figures_are_shares_of_what_they_say() -> None:
    """Worked out by hand."""
    found = figures(
        [
            decided("pay", "pay", 0.9),
            decided("pay", "pay", 0.9, is_kept=False),  # right, and refused
            decided("pay", "send", 0.95),  # surely wrong
            decided("send", "send", 0.5),
            decided("oos", "send", 0.9),  # surely wrong too
            decided("oos", "send", 0.9, is_kept=False),
        ],
        3.0,
    )
    assert (found.accuracy, found.coverage, found.precision) == (0.75, 0.5, 0.3333)
    assert (found.oos_recall, found.in_scope_kept, found.ms) == (0.5, 0.75, 3.0)


def test_a_test_without_rows_out_of_scope_has_no_recall_of_them() -> None:
    """Null in the JSON, rather than a nought that nobody measured."""
    found = figures([decided("pay", "pay", 0.5)], 3.0)
    assert found.oos_recall is None and found.precision is None and found.accuracy == 1.0


@pytest.mark.parametrize(
    ("data", "said"),
    [("text,label\nhello,greet\n", "fewer than two labels"), ("text;label\nhello;greet\n", "train.csv:1: the header")],
)
def test_a_file_that_cannot_be_used_is_an_error_with_its_name(
    data: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no traceback."""
    (tmp_path / "train.csv").write_text(data)
    monkeypatch.setattr(sys, "argv", ["router", "--train", str(tmp_path / "train.csv")])
    assert main() == 2
    assert said in capsys.readouterr().err
