"""Embedders without a model: one that only knows words, one that is down."""

import hashlib
from collections.abc import Sequence

import numpy as np

from agent.errors import ProviderError
from agent.understanding.matching.embedding import Vectors
from agent.understanding.reading.words import words

DIMENSIONS = 256


class WordEmbedder:
    """Texts with the same words are the same, texts without a common word are orthogonal; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), 256), rows of length 1."""
        self.asked += texts
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in set(words(text)) or {""}:
                row[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) % DIMENSIONS] += 1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class DeadEmbedder:
    """Fails `times` times, then answers like WordEmbedder."""

    def __init__(self, times: int = 1_000_000) -> None:
        self._left = times
        self._alive = WordEmbedder()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Raises ProviderError while it is dead."""
        if self._left > 0:
            self._left -= 1
            raise ProviderError("embedding", "fake", "it is down")
        return await self._alive.embed(texts)
