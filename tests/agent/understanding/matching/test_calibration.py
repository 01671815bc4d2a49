"""What logits are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.matching.calibration import KEPT, RIGHT, SURE, Calibration, evidence
from agent.understanding.matching.regression import softmax
from agent.understanding.matching.similarity import Floats

LABELS = 5


def held_out(count: int = 2000, strangers: int = 0) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Logits that are right the more often the larger they are; of strangers all are small."""
    random = np.random.default_rng(3)
    labels = random.integers(0, LABELS, count)
    logits = random.normal(0, 0.5, (count + strangers, LABELS))
    logits[np.arange(count), labels] += random.gamma(4.0, 0.6, count)
    return logits.astype(np.float32), np.concatenate([labels, np.full(strangers, -1)])


def test_of_what_is_sure_nearly_all_is_right() -> None:
    """SURE is placed there."""
    logits, labels = held_out()
    calibration = Calibration.measured(logits, labels)
    likelihoods = softmax(logits / np.float32(calibration.temperature)).max(-1)
    sure = np.array([calibration.confidence(float(one)) >= SURE for one in likelihoods])
    sure &= evidence(logits) >= calibration.enough
    assert sure.mean() > 0.3
    assert (logits.argmax(-1) == labels)[sure].mean() >= RIGHT - 1e-9


def test_of_what_is_in_scope_most_is_kept_and_strangers_are_not() -> None:
    """The evidence that is enough is a quantile of the rows in scope alone."""
    logits, labels = held_out(strangers=500)
    calibration = Calibration.measured(logits, labels)
    kept = np.array([calibration.is_enough(row) for row in logits])
    assert kept[labels >= 0].mean() == pytest.approx(KEPT, abs=0.01)
    assert kept[labels < 0].mean() < 0.3


def test_strangers_that_look_right_make_it_careful() -> None:
    """What is out of scope and decided is a wrong decision."""
    logits, labels = held_out()
    strange = labels.copy()
    strange[:200] = -1
    assert Calibration.measured(logits, strange).sure > Calibration.measured(logits, labels).sure


def test_what_is_never_right_is_never_sure() -> None:
    """The temperature makes all labels alike."""
    logits, _ = held_out()
    calibration = Calibration.measured(logits, (logits.argmax(-1) + 1) % LABELS)
    likelihoods = softmax(logits / np.float32(calibration.temperature)).max(-1)
    assert all(calibration.confidence(float(one)) < SURE for one in likelihoods)


def test_examples_that_differ_leave_something_to_be_sure_of() -> None:
    """When the folds never reach RIGHT, what is all but certain is sure."""
    logits, labels = held_out()
    labels[::4] = (labels[::4] + 1) % LABELS
    calibration = Calibration.measured(logits, labels)
    assert calibration.confidence(0.96) >= SURE > calibration.confidence(0.94)


@given(st.floats(0.5, 0.95), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_confidence_rises_with_likelihood_and_stays_within_bounds(sure: float, low: float, high: float) -> None:
    """Wherever the bend is."""
    calibration = Calibration(1.0, 0.0, sure)
    low, high = sorted((low, high))
    assert 0.0 <= calibration.confidence(low) <= calibration.confidence(high) + 1e-12 <= 1.0 + 1e-9
