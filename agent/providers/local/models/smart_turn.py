"""Smart Turn hears whether a turn is over: melody, pace and words in the last eight seconds. BSD-2, by Daily.

Its weights (8.7 MB) come in the wheel of pipecat-ai, of which nothing else is used, nor imported.
"""

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types

from agent.providers.local.models.log_mel import RATE, log_mel

SECONDS = 8
_IN_WHEEL = "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"


@cache
def weights() -> Path | None:
    """Where they lie; None when the wheel is not installed."""
    try:
        path = Path(str(distribution("pipecat-ai").locate_file(_IN_WHEEL)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


class SmartTurn:
    """The loaded model. `probability` blocks for some 30 ms of one core and may be called from several threads."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def probability(self, pcm: bytes) -> float:
        """That the turn is over which is PCM16 mono at 16 kHz, up to and with its last silence: 0 to 1."""
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16)[-SECONDS * RATE :].astype(np.float32) / 32768.0
        padded = np.pad(samples, (SECONDS * RATE - len(samples), 0))
        [found] = self._session.run(None, {"input_features": log_mel(padded)[None]})
        return float(np.asarray(found).ravel()[0])

    def warm(self) -> None:
        """One inference, so that the first caller does not wait for memory to be touched."""
        self.probability(bytes(2 * RATE))
