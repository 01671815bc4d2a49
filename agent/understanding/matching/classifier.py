"""What a sentence wants, among labels that have a few examples each: the likeliest label, how sure that is, and whether
it is none of them. Knows no tool and no turn; embeds nothing."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.understanding.matching.calibration import SURE, Calibration
from agent.understanding.matching.regression import FOLDS, fit, held_out, inverse_of, softmax
from agent.understanding.matching.similarity import Floats, Likeness

MAX_EXAMPLES = 2000  # the fit takes the cube of their number
MAX_OUT_OF_SCOPE = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sentence wants. `label` is None when it is out of scope; `best` is the likeliest label all the same."""

    label: str | None
    confidence: float
    best: str
    runner_up: str

    @property
    def is_sure(self) -> bool:
        """Whether the router may act on it without asking."""
        return self.label is not None and self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class Classifier:
    """Trained once, asked often; holds the examples."""

    labels: tuple[str, ...]
    calibration: Calibration
    _likeness: Likeness
    _weights: Floats

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[str | None],
        vectors: Floats,
        names: Mapping[str, Floats] | None = None,
        *,
        max_examples: int = MAX_EXAMPLES,
    ) -> "Classifier":
        """From sentences with their labels (None: out of scope) and unit vectors of shape (n, d).

        `names` gives a label's vector of `words_of(label)`: what a label is called is one more example of it, which is
        not counted when the classifier is calibrated. Raises ValueError for fewer than two labels.
        """
        known = tuple(sorted({label for label in labels if label is not None}))
        if len(known) < 2:
            raise ValueError(f"a classifier needs two labels, it got {len(known)}")
        chosen = _thinned(labels, max_examples)
        named = [name for name in known if name in (names or {})]
        likeness = Likeness(
            [*(texts[i] for i in chosen), *(words_of(name) for name in named)],
            np.vstack([vectors[chosen], *((names or {})[name][None] for name in named)]),
        )
        owners = [*(labels[i] for i in chosen), *named]
        numbers = np.array([-1 if owner is None else known.index(owner) for owner in owners])
        targets = _targets(numbers, len(known))
        matrix = likeness.among()
        inverse = inverse_of(matrix)
        logits = held_out(matrix, targets, _folds(numbers, len(chosen)), inverse)[: len(chosen), : len(known)]
        return cls(
            labels=known,
            calibration=Calibration.measured(logits, numbers[: len(chosen)]),
            _likeness=likeness,
            _weights=fit(matrix, targets, inverse)[:, : len(known)],
        )

    def decide(self, text: str, vector: Floats) -> Verdict:
        """What a sentence wants; `vector` is its embedding, of shape (d,) and length 1."""
        logits = self._likeness.to(text, vector) @ self._weights
        likelihoods = softmax(logits / np.float32(self.calibration.temperature))
        first, second = np.argsort(-likelihoods)[:2]
        return Verdict(
            label=self.labels[first] if self.calibration.is_enough(logits) else None,
            confidence=self.calibration.confidence(float(likelihoods[first])),
            best=self.labels[first],
            runner_up=self.labels[second],
        )


def words_of(label: str) -> str:
    """A label as words: "card_about_to_expire" -> "card about to expire", "blockCard" -> "block card"."""
    return " ".join(re.findall(r"[A-Z]?[a-z']+|[A-Z]+(?![a-z])|[^\W\d_]+|\d+", label)).lower() or label


def _targets(numbers: NDArray[np.int64], labels: int) -> Floats:
    """One-hot rows; what is out of scope is a label of its own behind the others, if there is any."""
    columns = labels + int((numbers < 0).any())
    return np.asarray(np.eye(columns, dtype=np.float32)[np.where(numbers < 0, labels, numbers)], np.float32)


def _folds(numbers: NDArray[np.int64], count: int) -> list[int]:
    """Each label's examples dealt to the folds in turn; those behind the first `count` are in none."""
    seen: Counter[int] = Counter()
    folds = []
    for number in numbers[:count].tolist():
        folds.append((seen[number] + number) % FOLDS)
        seen[number] += 1
    return folds + [-1] * (len(numbers) - count)


def _thinned(labels: Sequence[str | None], max_examples: int) -> list[int]:
    """Which rows to learn from: all, or of each label as many as keep the sum within the limit, spread evenly."""
    rows: dict[str | None, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        rows[label].append(row)
    outside = _spread(rows.pop(None, []), MAX_OUT_OF_SCOPE)
    most = max(len(found) for found in rows.values())
    while most > 1 and sum(min(len(found), most) for found in rows.values()) > max_examples:
        most -= 1
    return sorted([*outside, *(row for found in rows.values() for row in _spread(found, most))])


def _spread(rows: Sequence[int], most: int) -> list[int]:
    """At most so many of them, at even distances."""
    return [rows[i * len(rows) // most] for i in range(most)] if len(rows) > most else list(rows)
