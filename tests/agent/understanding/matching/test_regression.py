"""Logits from likenesses."""

import numpy as np
import pytest

from agent.understanding.matching.regression import RESTRAINT, fit, held_out, inverse_of, softmax
from agent.understanding.matching.similarity import Floats


def examples(count: int, labels: int) -> tuple[Floats, Floats]:
    """Likenesses of points around as many corners as there are labels, and their one-hot targets."""
    noise = np.random.default_rng(7).normal(0, 0.3, (count, labels))
    owners = np.arange(count) % labels
    points = np.eye(labels)[owners] + noise
    distances = ((points[:, None] - points[None]) ** 2).sum(-1)
    return np.exp(-distances).astype(np.float32), np.eye(labels, dtype=np.float32)[owners]


def test_the_fit_is_the_minimum() -> None:
    """There the slope of the penalised loss is zero."""
    likeness, targets = examples(60, 4)
    weights = fit(likeness, targets, inverse_of(likeness))
    slope = softmax(likeness @ weights) - targets + RESTRAINT * weights
    assert np.abs(slope).max() < 0.02


def test_what_is_learned_is_known_again() -> None:
    """On well parted examples nothing is wrong."""
    likeness, targets = examples(60, 4)
    assert ((likeness @ fit(likeness, targets, inverse_of(likeness))).argmax(-1) == targets.argmax(-1)).all()


def test_a_held_out_row_is_judged_without_its_label() -> None:
    """A wrong target of its own does not change its logits."""
    likeness, targets = examples(20, 2)
    folds = [row % 5 for row in range(20)]
    honest = held_out(likeness, targets, folds, inverse_of(likeness))
    targets[3] = targets[3, ::-1]
    assert held_out(likeness, targets, folds, inverse_of(likeness))[3] == pytest.approx(honest[3], abs=1e-5)


def test_a_fold_is_left_out_as_if_it_had_never_been_there() -> None:
    """The shortcut by the inverse of all rows gives what a fit on the others gives."""
    likeness, targets = examples(40, 4)
    apart = np.arange(40) % 5 == 2
    seen = likeness[np.ix_(~apart, ~apart)]
    expected = likeness[np.ix_(apart, ~apart)] @ fit(seen, targets[~apart], inverse_of(seen))
    logits = held_out(likeness, targets, [row % 5 for row in range(40)], inverse_of(likeness))
    assert logits[apart] == pytest.approx(expected, abs=1e-3)


def test_a_row_of_no_fold_is_always_seen() -> None:
    """And has no logits of its own."""
    likeness, targets = examples(20, 2)
    logits = held_out(likeness, targets, [row % 5 for row in range(19)] + [-1], inverse_of(likeness))
    assert not logits[19].any() and logits[:19].any(axis=1).all()


def test_probabilities_add_up_to_one_however_large_the_logits() -> None:
    """No overflow."""
    assert softmax(np.array([[1000.0, 0.0, -1000.0]], np.float32)).tolist() == [[1.0, 0.0, 0.0]]
