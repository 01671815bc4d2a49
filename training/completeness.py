"""`python -m training.completeness FILE --language en`: learn from sentences, whole and cut, what a whole turn's words
are like. Half a minute; the weights go to agent/turns/witnesses/weights.

FILE has a turn a line, or is a .tsv with a column `utterance`, a .csv with a column `text`; .gz is read too. The
weights that are committed for English were learned from users' turns of train.tsv.gz, made of the Schema-Guided
Dialogue dataset by Google Research (Rastogi et al., 2020), CC BY-SA 4.0. They are sums over hashed word n-grams, in
which no sentence of it is kept, and a list of single words.
"""

import argparse
import csv
import gzip
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.turns.witnesses.completeness import (
    BUCKETS,
    Completeness,
    Vocabulary,
    features,
    load,
    path,
    save,
    spoken,
)
from training.scores import area

_OFTEN, _FREQUENT = 12, 150  # times that a word must be met; how many bind the others
_FORGET = 0.5  # of the words are taken for unknown ones in training, since callers talk of other things
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_EPOCHS, _BATCH, _STEP, _DECAY = 4, 256, 0.15, 1e-3  # more decay knows these sentences less and others better

Example = tuple[list[str], bool]


def turns(file: Path) -> Iterator[str]:
    """The turns in a file, each as often as it stands there."""
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        if ".tsv" in file.suffixes:
            yield from (row["utterance"] for row in csv.DictReader(lines, delimiter="\t"))
        elif ".csv" in file.suffixes:
            yield from (row["text"] for row in csv.DictReader(lines))
        else:
            yield from (line.strip() for line in lines if line.strip() and not line.startswith("#"))


def examples(found: Iterable[str], chance: random.Random) -> Iterator[Example]:
    """Each turn whole, from one of its sentences on, and cut between two words of a sentence. Beginnings that somebody
    else has said as a whole turn are no examples of cut ones."""
    kept = list(found)
    whole = {" ".join(spoken(turn)) for turn in kept} | {
        " ".join(spoken(sentence)) for turn in kept for sentence in _SENTENCE.split(turn)
    }
    for turn in kept:
        sentences = [said for sentence in _SENTENCE.split(turn) if (said := spoken(sentence))]
        if not sentences:
            continue
        sentences = sentences[chance.randrange(len(sentences)) :]
        yield [word for said in sentences for word in said], True
        last = chance.randrange(len(sentences))
        if len(sentences[last]) < 2:
            continue
        cut = sentences[last][: chance.randrange(1, len(sentences[last]))]
        if " ".join(cut) not in whole:
            yield [word for said in sentences[:last] for word in said] + cut, False


def learn(found: Sequence[Example], seed: int = 1) -> tuple[Completeness, list[str]]:
    """The model and its words, the frequent first."""
    counted = Counter(word for said, _ in found for word in said)
    words = [word for word, times in counted.most_common() if times >= _OFTEN]
    vocabulary = Vocabulary(frozenset(words), frozenset(words[:_FREQUENT]))
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    weights, seen, bias = np.zeros(BUCKETS), np.full(BUCKETS, 1e-6), 0.0
    labels = np.array([is_whole for _, is_whole in found], float)
    for epoch in range(_EPOCHS):
        rows = np.array([features(_forgetful(said, vocabulary, chance), vocabulary) for said, _ in found])
        for part in np.array_split(rng.permutation(len(rows)), len(rows) // _BATCH):
            error = _sigmoid(weights[rows[part]].sum(1) + bias) - labels[part]
            slope = np.bincount(rows[part].ravel(), np.repeat(error, rows.shape[1]), BUCKETS) / len(part)
            slope += _DECAY * weights
            seen += np.square(slope)
            weights -= _STEP * slope / np.sqrt(seen)
            bias -= 0.01 * error.mean()
        print(f"round {epoch + 1} of {_EPOCHS}")
    return Completeness(vocabulary, weights.astype(np.float32), float(bias)), words


def _forgetful(said: list[str], vocabulary: Vocabulary, chance: random.Random) -> list[str]:
    """With some of its words replaced by ones that nobody knows, which still end alike."""
    return [word if word in vocabulary.frequent or chance.random() > _FORGET else f"~{word[-4:]}" for word in said]


def _sigmoid(score: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-score)))


def judge(model: Completeness, found: Iterable[Example]) -> float:
    """Area under ROC: how often a whole turn is taken for whole rather than a cut one."""
    rated = [(model.probability(" ".join(said)) or 0.0, is_whole) for said, is_whole in found]
    return area([p for p, is_whole in rated if is_whole], [p for p, is_whole in rated if not is_whole])


def main() -> None:
    """Learn and write the weights, or only judge those that there are."""
    parser = argparse.ArgumentParser(
        prog="training.completeness", description="Learn what a whole turn's words are like."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--judge", action="store_true", help="say how well the present weights tell this file's turns")
    chosen = parser.parse_args()
    found = list(examples(turns(chosen.file), random.Random(7)))
    if not chosen.judge:
        model, words = learn(found)
        save(model, words, path(chosen.language))
        print(f"{path(chosen.language).stat().st_size / 1024:.0f} kB, {len(words)} words, {len(found)} examples")
    if model_there := load(chosen.language):
        print(f"area under ROC {judge(model_there, found):.3f} of {len(found)}")


if __name__ == "__main__":
    main()
