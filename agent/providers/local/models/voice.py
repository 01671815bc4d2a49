"""Voice: what the speech process asks of a local voice, whichever it is, and the silence around each clause."""

import hashlib
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_AUDIBLE = 0.01  # of full scale: below this a voice only breathes
_LEAD_IN_S = 0.005  # the caller waits for it; enough for the breath before a consonant
_PAUSES_S = {".": 0.24, "?": 0.24, "!": 0.24, ",": 0.12, ";": 0.16, ":": 0.16}
_NO_PAUSE_S = 0.05
BOUNDS = (_AUDIBLE, _LEAD_IN_S, _PAUSES_S, _NO_PAUSE_S)  # part of what a clause sounds like, and so of `identity`


FIRST_WORDS = "Hello, this is a first sentence to warm up with."


def fingerprint(file: Path) -> str:
    """Of what is in it, for `identity`."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class Voice(Protocol):
    """A loaded voice. `speak` blocks and may be called from several threads."""

    @property
    def name(self) -> str:
        """The provider's, as profile.yaml has it."""

    @property
    def identity(self) -> str:
        """Changes with whatever changes the sound of a clause."""

    @property
    def sample_rate(self) -> int:
        """Of the PCM, in hertz."""

    def speak(self, clause: str) -> bytes:
        """PCM16 mono of the clause and the pause its last mark asks for; b"" when nothing in it can be said."""

    def warm(self) -> None:
        """One inference, so that the first caller does not wait for memory to be touched."""


def bounded(audio: NDArray[np.float32], rate: int, clause: str) -> bytes:
    """Sound between -1 and 1 as PCM16, without the silence in front, and behind it the pause that the clause's last
    mark asks for; b"" when nothing can be heard in it."""
    audible = np.flatnonzero(np.abs(audio) > _AUDIBLE)
    if not audible.size:
        return b""
    pause_s = _PAUSES_S.get(clause.rstrip(" \"')")[-1:], _NO_PAUSE_S)
    start = max(0, int(audible[0]) - int(_LEAD_IN_S * rate))
    wanted = int(audible[-1]) + int(pause_s * rate) - start
    kept = audio[start : start + wanted]
    kept = np.pad(kept, (0, wanted - len(kept)))
    return (np.clip(kept, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
