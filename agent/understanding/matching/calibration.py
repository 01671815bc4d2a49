"""What logits are worth, learned from rows that the fit did not see: how likely the first label is right, whether any
label fits, and from where on a decision may be taken alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.understanding.matching.regression import softmax
from agent.understanding.matching.similarity import Floats

SURE = 0.85  # a confidence from which the router decides alone
KEPT = 0.9  # of the held-out rows in scope; a fit on all of them keeps about two in a hundred more
RIGHT = 0.97  # of the held-out decisions at SURE or above; callers say it in other ways than examples do
_EVIDENCE_HEAT = 2.0
_MIN_SURE = 0.5  # what is less likely than all others together is never sure
_MAX_SURE = 0.95  # examples written to differ are further from each other than callers' sentences are from them
_TEMPERATURES = np.geomspace(0.05, 5.0, 80)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Three numbers: the temperature of the logits, the evidence that is enough, the probability that is sure."""

    temperature: float
    enough: float
    sure: float

    @classmethod
    def measured(cls, logits: Floats, labels: NDArray[np.int64]) -> "Calibration":
        """From held-out logits of shape (rows, labels in scope); a label of -1 is out of scope."""
        is_in_scope = labels >= 0
        temperature = _temperature(logits[is_in_scope], labels[is_in_scope])
        evidences = evidence(logits)
        enough = float(np.quantile(evidences[is_in_scope], 1 - KEPT))
        kept = evidences >= enough
        likelihoods = softmax(logits / np.float32(temperature)).max(-1)
        return cls(temperature, enough, _sure_from(likelihoods[kept], (logits.argmax(-1) == labels)[kept]))

    def confidence(self, likelihood: float) -> float:
        """The probability bent so that SURE is where RIGHT of the held-out decisions were right."""
        if likelihood < self.sure:
            return SURE * likelihood / self.sure
        return SURE + (1 - SURE) * (likelihood - self.sure) / (1 - self.sure)

    def is_enough(self, logits: Floats) -> bool:
        """Whether any label fits at all."""
        return bool(evidence(logits) >= self.enough)


def evidence(logits: Floats) -> Floats:
    """How much speaks for any label: the soft maximum of the logits, low for what is far from every example."""
    return np.asarray(_EVIDENCE_HEAT * np.log(np.exp(logits / _EVIDENCE_HEAT).sum(-1)), np.float32)


def _temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """The one that makes the right labels likeliest."""
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits / np.float32(heat))[rows, labels] + 1e-9).mean() for heat in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _sure_from(likelihoods: Floats, is_right: NDArray[np.bool_]) -> float:
    """The lowest probability from which on RIGHT of the decisions were right, within bounds."""
    order = np.argsort(-likelihoods, kind="stable")
    shares = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(shares >= RIGHT)
    lowest = float(likelihoods[order[good[-1]]]) if len(good) else _MAX_SURE
    return min(max(lowest, _MIN_SURE), _MAX_SURE)
