"""How alike two sentences are: mostly what their embeddings say, and a little which words they share. Pure numpy."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.understanding.reading.words import words

Floats = NDArray[np.float32]

# docs/router.md has the table they were chosen from.
SHARPNESS = 3.0  # how fast a likeness falls with the angle between two vectors
WORDS_SHARE = 0.15


class Likeness:
    """The examples, and how alike another sentence is to each of them: 1 for the same one, near 0 for a stranger."""

    def __init__(self, texts: Sequence[str], vectors: Floats) -> None:
        self._vectors = np.asarray(vectors, np.float32)
        self._words = SharedWords(texts)
        self._texts = tuple(texts)

    def among(self) -> Floats:
        """Shape (n, n): every example with every other."""
        words_shared = np.stack([self._words.with_each(text) for text in self._texts])
        return _mixed(self._vectors @ self._vectors.T, words_shared)

    def to(self, text: str, vector: Floats) -> Floats:
        """Shape (n,): a sentence and its unit vector of shape (d,) with every example."""
        return _mixed(self._vectors @ vector, self._words.with_each(text))


def _mixed(cosines: Floats, words_shared: Floats) -> Floats:
    meaning = np.exp(SHARPNESS * (cosines - 1.0))
    return np.asarray((1 - WORDS_SHARE) * meaning + WORDS_SHARE * words_shared, np.float32)


class SharedWords:
    """TF-IDF over words and pairs of words, kept as an index from each to the texts that have it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        counted = [Counter(_pieces(text)) for text in texts]
        frequencies = Counter(piece for pieces in counted for piece in pieces)
        self._rarest = _rarity(self._count, 0)
        self._rarities = {piece: _rarity(self._count, frequency) for piece, frequency in frequencies.items()}
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row, pieces in enumerate(counted):
            for piece, weight in self._weights(pieces).items():
                found[piece].append((row, weight))
        self._index = {
            piece: (np.array([row for row, _ in at]), np.array([weight for _, weight in at], np.float32))
            for piece, at in found.items()
        }

    def with_each(self, text: str) -> Floats:
        """Shape (n,): the cosine with each text."""
        shared = np.zeros(self._count, np.float32)
        for piece, weight in self._weights(Counter(_pieces(text))).items():
            if piece in self._index:
                rows, weights = self._index[piece]
                shared[rows] += weight * weights
        return shared

    def _weights(self, pieces: Counter[str]) -> dict[str, float]:
        """Of length 1, unless there is no word."""
        raw = {piece: (1 + np.log(count)) * self._rarities.get(piece, self._rarest) for piece, count in pieces.items()}
        length = float(np.sqrt(sum(weight**2 for weight in raw.values()))) or 1.0
        return {piece: weight / length for piece, weight in raw.items()}


def _rarity(texts: int, frequency: int) -> float:
    return float(np.log((1 + texts) / (1 + frequency))) + 1.0


def _pieces(text: str) -> list[str]:
    """Its words, and its pairs of neighbours; the edges count as neighbours."""
    said = words(text)
    return [*said, *(f"{a} {b}" for a, b in zip(["^", *said], [*said, "$"], strict=True))] if said else []
