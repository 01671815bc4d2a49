"""Recording: both sides of a call as one stereo track, caller left, agent right, sealed as it is written
(sealed_file.py). The last seconds are held back in memory: what turns out to have been a card or identity number is
silenced before it is written. Whether a call may be recorded at all is rules/recording.py's, when, opening.py's.

`python -m agent.recording FILE.sealed OUT.wav` opens one.
"""

import re
import sys
import wave
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.config import Settings
from agent.errors import ConfigError, StoreError
from agent.g711 import linear, mu_law
from agent.language.en.numerals import is_numeral
from agent.secrets.sealed_file import SealedFile, master_key, pieces

RATE = 16_000
HELD_BACK_S = 30.0  # no turn with a number in it is longer
LATE_S = 0.2  # a side whose sound is later than that has had a pause
PIECE_S = 1.0
NUMERALS = 3  # in a row make a number that may be somebody's
SUFFIX = ".sealed"
KEY = "PARLEY_RECORDING_KEY"
CALLER, AGENT = 0, 1
Samples = NDArray[np.int16]


class Tape:
    """What is held back of a recording. Times are seconds since it began."""

    def __init__(self) -> None:
        self._sound: Samples = np.zeros((0, 2), np.int16)
        self._starts_at = 0  # sample
        self._ends: list[int] = [0, 0]  # of each side, samples

    def add(self, side: int, samples: Samples, now_s: float) -> None:
        """A side's sound that has come by now."""
        due = int(now_s * RATE) - len(samples)
        begins = self._ends[side] if due - self._ends[side] < LATE_S * RATE else due
        begins = max(begins, self._starts_at)
        ends = begins + len(samples)
        if missing := max(0, ends - self._starts_at - len(self._sound)):
            self._sound = np.concatenate([self._sound, np.zeros((missing, 2), np.int16)])
        self._sound[begins - self._starts_at : ends - self._starts_at, side] = samples
        self._ends[side] = ends

    def silence(self, since_s: float) -> None:
        """Both sides from that moment on, as far as they are held back."""
        self._sound[max(0, int(since_s * RATE) - self._starts_at) :] = 0

    def take(self, until_s: float) -> Samples:
        """What came before that moment, shape (n, 2), and is held back no longer; nothing before it is a whole piece,
        or all there is."""
        count = min(len(self._sound), int(until_s * RATE) - self._starts_at)
        if count < min(int(PIECE_S * RATE), len(self._sound)):
            count = 0
        taken, self._sound = self._sound[:count], self._sound[count:]
        self._starts_at += count
        return taken


class Recording:
    """One per call that is recorded. `clock` counts seconds. What is written blocks for less than a millisecond."""

    def __init__(self, path: Path, master: bytes, clock: Callable[[], float]) -> None:
        self._path = path
        self._file = SealedFile(path, master)
        self._clock = clock
        self._began = clock()
        self._tape = Tape()
        self._turn_began = 0.0

    def hear(self, side: int, samples: Samples) -> None:
        """More of the CALLER's or the AGENT's sound, int16 mono at RATE."""
        now = self._clock() - self._began
        self._tape.add(side, samples, now)
        if len(piece := self._tape.take(now - HELD_BACK_S)):
            self._file.add(mu_law(np.ascontiguousarray(piece).reshape(-1)))

    def spoke(self, text: str) -> None:
        """A turn of either side is over, with these words in it: numbers that may be somebody's are not kept."""
        if holds_number(text):
            self._tape.silence(self._turn_began)
        self._turn_began = self._clock() - self._began

    def close(self) -> None:
        """The call is over: what was held back is written."""
        self._file.add(mu_law(np.ascontiguousarray(self._tape.take(float("1e9"))).reshape(-1)))
        self._file.close()

    def discard(self) -> None:
        """It was refused: nothing of it stays."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def holds_number(text: str) -> bool:
    """Whether a text has digits or numerals in a row that may be a card's, an account's or a birthday."""
    row = 0
    for word in re.findall(r"\d+|[a-z]+", text.lower().replace("-", " ")):
        row = row + len(word) if word.isdigit() else row + 1 if is_numeral(word) or word in {"oh", "double"} else 0
        if row >= NUMERALS:
            return True
    return False


def folder_of(settings: Settings) -> Path:
    """Where recordings are kept."""
    return settings.var_dir / "recordings"


def expire(folder: Path, before: datetime) -> int:
    """Delete recordings that were written before then. How many. Blocking."""
    old = [path for path in folder.glob(f"*{SUFFIX}") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def forget(folder: Path, call_ids: Iterable[str]) -> int:
    """Delete the recordings of these calls. How many. Blocking."""
    theirs = [path for call in call_ids if (path := folder / f"{call}{SUFFIX}").exists()]
    for path in theirs:
        path.unlink()
    return len(theirs)


def write_wav(sealed: Path, target: Path, master: bytes) -> None:
    """Open a recording. Raises StoreError; what was right is written."""
    with wave.open(str(target), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for piece in pieces(sealed, master):
            file.writeframes(linear(piece).tobytes())


def main() -> int:
    """The process: 0 when the recording is whole, 2 when not."""
    try:
        if len(sys.argv) != 3:
            raise ConfigError("write: python -m agent.recording FILE.sealed OUT.wav")
        write_wav(Path(sys.argv[1]), Path(sys.argv[2]), master_key(Settings.load().recording_key, KEY))
    except (ConfigError, StoreError) as error:
        sys.stderr.write(f"parley: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
