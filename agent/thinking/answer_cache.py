"""Answers that may be given again, in one SQLite file for all jobs of a machine: by the question's vector, never by its
words. What may be kept is understanding/matching/reusable_answers.py's to say."""

import hashlib
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from agent.profile.profile import Profile
from agent.understanding.matching.embedding import Vectors

logger = logging.getLogger("parley.answers")
T = TypeVar("T")

_BUSY_S = 0.2  # an answer kept elsewhere is not worth a longer wait: the LLM can be asked
_SCHEMA = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    """CREATE TABLE IF NOT EXISTS answers (
        version TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, vector BLOB NOT NULL, text TEXT NOT NULL,
        made_at REAL NOT NULL, used_at REAL NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS answers_by_version ON answers (version, source, key)",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is looked up: its vector, the passage that answers it, and what else must be the same."""

    vector: Vectors
    source: str
    key: str


class Answers:
    """Answers of one `version` of profile and model. Blocking, for threads. A file that fails costs one warning, and
    answers are thought anew."""

    def __init__(
        self, path: Path, version: str, *, threshold: float, max_items: int, ttl_s: float, clock: Callable[[], float]
    ) -> None:
        self._path = path
        self._version = version
        self._threshold = threshold
        self._max_items = max_items
        self._ttl_s = ttl_s
        self._clock = clock
        self._has_complained = False

    def find(self, asked: Asked) -> str | None:
        """The answer to the nearest question, if that is near enough and not too old."""
        return self._attempt(lambda file: self._find(file, asked))

    def keep(self, asked: Asked, text: str) -> None:
        """From now on for whoever asks the same. What is too old, of another version, or least lately used beyond
        `max_items` goes."""
        self._attempt(lambda file: self._keep(file, asked, text))

    def _find(self, file: sqlite3.Connection, asked: Asked) -> str | None:
        now = self._clock()
        rows = file.execute(
            "SELECT rowid, vector, text FROM answers WHERE version = ? AND source = ? AND key = ? AND made_at > ?",
            (self._version, asked.source, asked.key, now - self._ttl_s),
        ).fetchall()
        if not rows:
            return None
        nearness = np.stack([np.frombuffer(row[1], np.float32) for row in rows]) @ asked.vector
        best = int(nearness.argmax())
        if nearness[best] < self._threshold:
            return None
        file.execute("UPDATE answers SET used_at = ? WHERE rowid = ?", (now, rows[best][0]))
        return str(rows[best][2])

    def _keep(self, file: sqlite3.Connection, asked: Asked, text: str) -> None:
        now = self._clock()
        row = (self._version, asked.source, asked.key, asked.vector.astype(np.float32).tobytes(), text, now, now)
        file.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        file.execute("DELETE FROM answers WHERE version != ? OR made_at <= ?", (self._version, now - self._ttl_s))
        file.execute(
            "DELETE FROM answers WHERE rowid IN "
            "(SELECT rowid FROM answers ORDER BY used_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
            (self._max_items,),
        )

    def _attempt(self, act: Callable[[sqlite3.Connection], T]) -> T | None:
        """In one transaction of the file, which is made when it is missing, and made anew when it is no database."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S)) as file, file:
                for statement in _SCHEMA:
                    file.execute(statement)
                return act(file)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
            return None

    def _complain(self, error: Exception) -> None:
        if type(error) is sqlite3.DatabaseError:  # "file is not a database", "malformed"
            self._path.unlink(missing_ok=True)
        if not self._has_complained:
            self._has_complained = True
            logger.warning("answers not kept", extra={"path": str(self._path), "error": type(error).__name__})


def version_of(profile: Profile) -> str:
    """Changes with every word of the profile: what it says, knows, and whom it asks."""
    personas = [persona.path for persona in profile.personas.values()]
    digest = hashlib.sha256()
    for path in (profile.folder / "profile.yaml", *personas, *profile.documents):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{profile.name} {profile.language} {digest.hexdigest()}"
