"""How likely a turn is said by somebody who is frustrated with the call: a linear model on the sentence's vector.

`python -m training.frustration` learns the weights. English, as the vectors are.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
