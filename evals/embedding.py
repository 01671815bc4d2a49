"""MiniLM in this process, for measurements and tests that ask the same examples again and again."""

import asyncio
from collections.abc import Sequence

import numpy as np

from agent.providers.local.models.minilm import MiniLM
from agent.understanding.matching.embedding import Vectors


class RealEmbedder:
    """Remembers every text that it was asked for; one by one, as the speech process does it."""

    def __init__(self) -> None:
        self._model = MiniLM()
        self._known: dict[str, Vectors] = {}

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), 384), rows of length 1. Other calls go on meanwhile."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            await asyncio.to_thread(self._learn, missing)
        return np.stack([self._known[text] for text in texts])

    def _learn(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._known[text] = self._model.embed([text])[0]
