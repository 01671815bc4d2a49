"""Phrases: the sound of what a profile says again and again, in memory and on disk, so that it is made once.

What callers are told besides is never kept. The speech process owns them; what is a phrase, its clients say.
"""

import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path

logger = logging.getLogger("parley.speech")

DEFAULT_BYTES = 32 * 1024 * 1024  # eleven minutes of a 24 kHz voice
_SEAL = hashlib.sha256().digest_size
SUFFIX = ".phrase"


class Phrases:
    """PCM by clause, for one voice. `folder` None keeps them in memory only.

    A file is the hash of the sound and the sound: one that was cut or changed is not believed, and rendered again. The
    least lately kept go first when there are more than `max_bytes`, and those of another voice at once.
    """

    def __init__(self, folder: Path | None, *, voice: str, max_bytes: int = DEFAULT_BYTES) -> None:
        self._folder = folder
        self._voice = voice
        self._max_bytes = max_bytes
        self._sounds: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._has_complained = False

    def load(self) -> None:
        """Read what the folder holds of this voice. Blocking."""
        try:
            for file in sorted(self._folder.iterdir(), key=_kept_at) if self._folder and self._folder.is_dir() else ():
                sound = _read(file) if file.name.startswith(self._prefix) and file.suffix == SUFFIX else None
                if sound is None:
                    file.unlink(missing_ok=True)
                else:
                    self._add(file.name, sound)()
        except OSError as error:
            self._complain(error)

    def find(self, clause: str) -> bytes | None:
        """Its sound, if it is kept."""
        return self._sounds.get(self._name(clause))

    def keep(self, clause: str, sound: bytes) -> Callable[[], None]:
        """Keep it in memory from now on. What is returned does the same on disk; it blocks, so run it in a thread."""
        name = self._name(clause)
        is_new = name not in self._sounds
        forget = self._add(name, sound)
        return partial(self._save, name, sound if is_new else None, forget)

    @property
    def _prefix(self) -> str:
        return f"{hashlib.sha256(self._voice.encode()).hexdigest()[:16]}-"

    def _name(self, clause: str) -> str:
        return f"{self._prefix}{hashlib.sha256(clause.encode()).hexdigest()[:32]}{SUFFIX}"

    def _add(self, name: str, sound: bytes) -> Callable[[], None]:
        """Into memory as the latest; returns what removes the files of those that had to go."""
        self._bytes += len(sound) - len(self._sounds.pop(name, b""))
        self._sounds[name] = sound
        gone: list[str] = []
        while self._bytes > self._max_bytes:
            oldest, dropped = self._sounds.popitem(last=False)
            self._bytes -= len(dropped)
            gone.append(oldest)
        return partial(self._remove, gone)

    def _save(self, name: str, sound: bytes | None, forget: Callable[[], None]) -> None:
        """Write the file, or when it is there already, mark it as wanted."""
        if self._folder is None:
            return
        path = self._folder / name
        try:
            forget()
            if sound is None and path.exists():
                os.utime(path)
            elif (sound := self._sounds.get(name)) is not None:
                _write(path, sound)
        except OSError as error:
            self._complain(error)

    def _remove(self, names: list[str]) -> None:
        for name in names:
            if self._folder is not None:
                (self._folder / name).unlink(missing_ok=True)

    def _complain(self, error: OSError) -> None:
        """Once: a full disk costs the next start some seconds, nothing more."""
        if not self._has_complained:
            self._has_complained = True
            logger.warning("phrases not kept on disk", extra={"path": str(self._folder), "error": type(error).__name__})


def _kept_at(path: Path) -> float:
    return path.stat().st_mtime


def _read(path: Path) -> bytes | None:
    """The sound of a whole file; None when it cannot be read or is not what was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    sound = content[_SEAL:]
    return sound if hashlib.sha256(sound).digest() == content[:_SEAL] else None


def _write(path: Path, sound: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_bytes(hashlib.sha256(sound).digest() + sound)
    half.replace(path)
