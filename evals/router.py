"""`python -m evals router`: how right the classifier is on a split that it did not see, and what a decision costs.

Trains on one file, decides each row of the other on the real MiniLM in this process. docs/router.md says what each
figure means.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np

from agent.providers.local.models.minilm import MiniLM
from agent.understanding.matching.calibration import SURE
from agent.understanding.matching.classifier import Classifier, Verdict, words_of
from agent.understanding.matching.embedding import Vectors
from evals.rows import NotReadable, Row, read_rows

INTENTS = Path(__file__).parent / "intents"
TRAIN, TEST, FRESH = (INTENTS / f"{name}.csv" for name in ("train", "test", "fresh"))
_BATCH = 32
_TIMED = 200


@dataclass(frozen=True, slots=True)
class Decided:
    """A row of the test and what was made of it."""

    row: Row
    verdict: Verdict

    @property
    def is_right(self) -> bool:
        """Whether the likeliest label is the row's; never for a row out of scope."""
        return self.verdict.best == self.row.label


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1, None where the test has no row to take them of; milliseconds an utterance."""

    accuracy: float | None
    coverage: float | None
    precision: float | None
    oos_recall: float | None
    in_scope_kept: float | None
    ms: float


def main() -> int:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=TRAIN, metavar="A.csv", help="columns text and label")
    parser.add_argument("--test", type=Path, default=TEST, metavar="B.csv", help="likewise; label oos: out of scope")
    parser.add_argument("--without-oos", action="store_true", help="do not learn from A's rows out of scope")
    parser.add_argument("--misses", action="store_true", help="say what was taken for what")
    chosen = parser.parse_args()
    try:
        run(chosen.train, chosen.test, without_oos=chosen.without_oos, with_misses=chosen.misses)
    except NotReadable as error:
        print(f"evals router: {error}", file=sys.stderr)
        return 2
    return 0


def run(
    train: Path, test: Path, *, without_oos: bool = False, with_misses: bool = False, model: MiniLM | None = None
) -> Figures:
    """Train, decide, print. Raises NotReadable."""
    known = [row for row in read_rows(train) if row.is_in_scope or not without_oos]
    if len({row.label for row in known if row.is_in_scope}) < 2:
        raise NotReadable(f"{train}: fewer than two labels in scope")
    rows = read_rows(test)
    if strange := {row.label for row in rows if row.is_in_scope} - {row.label for row in known}:
        print(f"{test}: {len(strange)} labels are not in {train} and cannot be right: {', '.join(sorted(strange)[:5])}")
    model = model or MiniLM()
    classifier = learn(model, known)
    decided = [
        Decided(row, classifier.decide(row.text, vector))
        for row, vector in zip(rows, _embedded(model, [row.text for row in rows]), strict=True)
    ]
    if with_misses:
        _print_misses(decided)
    found = figures(decided, timed(classifier, model, rows))
    _print_figures(decided, found)
    return found


def learn(model: MiniLM, rows: Sequence[Row]) -> Classifier:
    """The classifier of these rows, with the labels' names as examples."""
    labels = sorted({row.label for row in rows if row.is_in_scope})
    started = time.perf_counter()
    vectors = _embedded(model, [row.text for row in rows])
    names = dict(zip(labels, _embedded(model, [words_of(label) for label in labels]), strict=True))
    embedded = time.perf_counter()
    classifier = Classifier.train(
        [row.text for row in rows], [row.label if row.is_in_scope else None for row in rows], vectors, names
    )
    outside = sum(not row.is_in_scope for row in rows)
    print(
        f"learned {len(labels)} labels from {len(rows) - outside} rows and {outside} out of scope: "
        f"embedded in {embedded - started:.1f} s, trained in {time.perf_counter() - embedded:.1f} s"
    )
    return classifier


def timed(classifier: Classifier, model: MiniLM, rows: Sequence[Row]) -> float:
    """The median milliseconds of an utterance as a caller's comes: alone, embedded and decided."""
    times = []
    for row in rows[:: max(1, len(rows) // _TIMED)]:
        started = time.perf_counter()
        classifier.decide(row.text, model.embed([row.text])[0])
        times.append((time.perf_counter() - started) * 1000)
    return round(median(times), 2)


def figures(decided: Sequence[Decided], ms: float) -> Figures:
    """What docs/router.md explains one by one."""
    inside = [one for one in decided if one.row.is_in_scope]
    outside = [one for one in decided if not one.row.is_in_scope]
    sure = [one for one in decided if one.verdict.is_sure]
    return Figures(
        accuracy=_share([one.is_right for one in inside]),
        coverage=_share([one.verdict.is_sure for one in inside]),
        precision=_share([one.is_right for one in sure]),
        oos_recall=_share([one.verdict.label is None for one in outside]),
        in_scope_kept=_share([one.verdict.label is not None for one in inside]),
        ms=ms,
    )


def _embedded(model: MiniLM, texts: Sequence[str]) -> Vectors:
    """In batches of like length, since a batch is as slow as its longest text."""
    by_length = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    batches = [by_length[at : at + _BATCH] for at in range(0, len(texts), _BATCH)]
    vectors = np.concatenate([model.embed([texts[at] for at in batch]) for batch in batches])
    return np.asarray(vectors[np.argsort(by_length)], np.float32)


def _share(answers: Sequence[bool]) -> float | None:
    return round(sum(answers) / len(answers), 4) if answers else None


def _print_misses(decided: Sequence[Decided]) -> None:
    for one in decided:
        verdict = one.verdict
        if verdict.label != (one.row.label if one.row.is_in_scope else None):
            sure = "surely " if verdict.is_sure else ""
            taken = verdict.label or f"out of scope, else {verdict.best}"
            print(f"{one.row.label:24} {one.row.text!r} was {sure}taken for {taken} ({verdict.confidence:.2f})")


def _print_figures(decided: Sequence[Decided], found: Figures) -> None:
    """A table, then the same as one JSON object on the last line."""
    inside = sum(one.row.is_in_scope for one in decided)
    sure = sum(one.verdict.is_sure for one in decided)
    lines = [
        ("accuracy", found.accuracy, f"of {inside} rows in scope, whatever the scope check says"),
        ("coverage", found.coverage, f"of the rows in scope decided alone, at confidence {SURE}"),
        ("precision", found.precision, f"of {sure} rows decided alone, those out of scope among them"),
        ("oos recall", found.oos_recall, f"of {len(decided) - inside} rows out of scope refused"),
        ("in scope kept", found.in_scope_kept, "of the rows in scope not refused"),
    ]
    for name, value, meaning in lines:
        print(f"{name:14} {'-' if value is None else f'{value:.1%}':>6}  {meaning}")
    print(f"{'time':14} {found.ms:6.1f}  ms an utterance, embedded and decided alone (median)")
    print(json.dumps(asdict(found)))
