"""The one thing the understanding asks of a model: sentences in, unit vectors out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Sentences to vectors; the real one is providers/speech.py, a deterministic one is in tests/fakes."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), d), float32, each row of length 1. Raises ProviderError."""
        ...
