"""Hibari speaks: one clause of text in, PCM out. speaking/ has made clauses and words of it."""

import re
from importlib.metadata import version
from pathlib import Path

import hibari
from hibari.voices import DEFAULT, VOICES, voice_path

from agent.providers.local.models.voice import BOUNDS, FIRST_WORDS, bounded, fingerprint

DEFAULT_VOICE = Path(voice_path(DEFAULT))
_VOLUME = 1.8  # hibari speaks at a third of full scale; so it is as loud as Piper, and the Opus encoder has some room
# A capital that stands alone is a letter, where hibari takes A for the article and I for the pronoun. "A TV" begins as
# "A T M" does: an article that is said in full is right as well.
_LETTER = re.compile(
    r"(?<=[\w,] )A(?![\w'])|^A(?=[,.?!]|$| [A-Z](?![\w']))|(?<=\b[A-Z] )I(?![\w'])|(?<![\w'])I(?= [A-Z](?![\w']))"
)
_STRESS = "\u02c8"


class Hibari:
    """A loaded hibari voice, on one core. `voice` is a file of hibari's registry; its name tells the accent."""

    name = "hibari"

    def __init__(self, voice: Path = DEFAULT_VOICE) -> None:
        accent = next((name for name, known in VOICES.items() if known["file"] == voice.name), DEFAULT)
        self.identity = _identity(voice)
        self._model = hibari.Hibari(voice=accent, model=str(voice))  # given a file, it downloads none

    @property
    def sample_rate(self) -> int:
        """Of the PCM, in hertz."""
        return int(hibari.SAMPLE_RATE)

    def speak(self, clause: str) -> bytes:
        """PCM16 mono of the clause and the pause its last mark asks for; b"" when nothing in it can be said."""
        return b"".join(
            bounded(part * _VOLUME, self.sample_rate, clause) for part in self._model.stream(lettered(clause))
        )

    def warm(self) -> None:
        """One inference, so that the first caller does not wait for memory to be touched."""
        self.speak(FIRST_WORDS)


def lettered(clause: str) -> str:
    """The clause with hibari's own marks at the letters A and I, so that "nine A M" is no "nine a M"."""
    return _LETTER.sub(lambda m: f"[{m[0]}](/{_STRESS}{m[0]}/)", clause)


def _identity(voice: Path) -> str:
    return f"{fingerprint(voice)} hibari {version('hibari-tts')} {_VOLUME} {_LETTER.pattern} {BOUNDS}"
