"""The one thing the understanding asks of a model: sentences in, unit vectors out."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Sentences to vectors; the real one is providers/local/speech_client.py, a deterministic one is in tests/fakes."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), d), float32, each row of length 1. Raises ProviderError."""
        ...


class Remembered:
    """An embedder that asks the model once for each text, as long as it is among the last `size` ones."""

    def __init__(self, embedder: Embedder, size: int = 512) -> None:
        self._embedder = embedder
        self._size = size
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Straight through: what is embedded once and kept elsewhere need not be remembered here."""
        return await self._embedder.embed(texts)

    async def vectors(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Each text with its vector of shape (d,). Raises ProviderError."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        fresh = dict(zip(missing, await self._embedder.embed(missing), strict=True)) if missing else {}
        found = {text: fresh[text] if text in fresh else self._vectors[text] for text in texts}
        for text, vector in found.items():
            self._vectors[text] = vector
            self._vectors.move_to_end(text)
        while len(self._vectors) > self._size:
            self._vectors.popitem(last=False)
        return found
