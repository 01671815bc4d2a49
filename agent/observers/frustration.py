"""How likely a turn is said by somebody who is frustrated with the call: a linear model on the sentence's vector.

`python -m training.frustration` learns the weights. English, as the vectors are.
"""

import asyncio
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.errors import ProviderError
from agent.providers.local.speech_client import SOCKET_VARIABLE, SpeechClient

PATIENCE_S = 2.0  # for the speech process, which answers the caller first
FILE = Path(__file__).parent / "weights" / "frustration-en.npz"


@dataclass(frozen=True, slots=True)
class Frustration:
    """The learned model. `weights` has shape (384,)."""

    weights: NDArray[np.float32]
    bias: float

    def likelihood(self, vector: NDArray[np.floating]) -> float:
        """Between 0 and 1, of a sentence by its vector of length 1."""
        score = self.bias + float(self.weights @ vector)
        return float(1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0))))


@lru_cache(maxsize=1)
def load() -> Frustration:
    """The model. Reads a small file."""
    with np.load(FILE, allow_pickle=False) as kept:
        return Frustration(kept["weights"].astype(np.float32), float(kept["bias"]))


def save(model: Frustration, file: Path) -> None:
    """Write what `load` reads."""
    np.savez_compressed(file, weights=model.weights, bias=model.bias)


def likelihood_of(text: str) -> float | None:
    """That of a turn; None without words, or while the speech process is away. Waits for it: not for a call's loop."""
    socket = os.environ.get(SOCKET_VARIABLE)
    if not socket or not text.strip():
        return None
    try:
        return load().likelihood(asyncio.run(_vector(Path(socket), text)))
    except ProviderError:
        return None


async def _vector(socket: Path, text: str) -> NDArray[np.float32]:
    client = SpeechClient(socket, return_timeout_s=PATIENCE_S, reply_timeout_s=PATIENCE_S)
    try:
        return np.asarray((await client.embed([text]))[0])
    finally:
        await client.aclose()
