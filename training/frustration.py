"""`python -m training.frustration`: learn from utterances what a caller sounds like who is frustrated with the call or
with whoever answers it. A quarter of a minute; the weights go to agent/observers/weights.

training/frustration.tsv has a label (1 or 0) and an utterance a line. They were written for this, by one who knew
neither the rule nor the dialogs that judge it (tests/agent/observers), and a third of the calm ones so that they share
their words with the frustrated ones. What is learned are the weights of a sentence's vector (MiniLM), in which no
sentence is kept.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.observers.frustration import FILE, Frustration, save
from agent.providers.local.models.minilm import MiniLM
from training.scores import area

EXAMPLES = Path(__file__).with_name("frustration.tsv")
_STEPS, _STEP, _DECAY, _PARTS = 3000, 2.0, 3e-4, 5

Floats = NDArray[np.float64]


def examples(file: Path) -> tuple[list[str], NDArray[np.bool_]]:
    """The utterances, and which of them are frustrated."""
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [text for _, text in rows], np.array([label == "1" for label, _ in rows])


def learn(vectors: Floats, labels: NDArray[np.bool_]) -> Frustration:
    """Logistic regression in which both kinds weigh the same, however many there are. Shapes (n, 384) and (n,)."""
    weights, bias = np.zeros(vectors.shape[1]), 0.0
    share = np.where(labels, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    for _ in range(_STEPS):
        error = (1.0 / (1.0 + np.exp(-(vectors @ weights + bias))) - labels) * share
        weights -= _STEP * (vectors.T @ error / len(labels) + _DECAY * weights)
        bias -= _STEP * float(error.mean())
    return Frustration(weights.astype(np.float32), bias)


def judged(vectors: Floats, labels: NDArray[np.bool_]) -> float:
    """Area under ROC of utterances that were left out of the learning, a fifth each time."""
    part = np.random.default_rng(1).integers(0, _PARTS, len(labels))
    areas = []
    for number in range(_PARTS):
        model, left_out = learn(vectors[part != number], labels[part != number]), part == number
        rated = np.array([model.likelihood(row) for row in vectors[left_out]])
        areas.append(area(rated[labels[left_out]], rated[~labels[left_out]]))
    return float(np.mean(areas))


def main() -> None:
    """Learn and write the weights."""
    parser = argparse.ArgumentParser(prog="training.frustration", description="Learn what frustrated callers say.")
    parser.add_argument("--file", type=Path, default=EXAMPLES)
    texts, labels = examples(parser.parse_args().file)
    model = MiniLM()
    vectors = np.stack([model.embed([text])[0] for text in texts]).astype(np.float64)
    save(learn(vectors, labels), FILE)
    print(f"{len(texts)} utterances, {labels.sum()} frustrated; area under ROC {judged(vectors, labels):.3f}")


if __name__ == "__main__":
    main()
