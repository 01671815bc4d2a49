"""The profile's knowledge: Markdown files split by heading, found again by words and by meaning.

How a passage is cut and read aloud is in understanding/matching/passages; whether a score is enough,
the caller of `rank` decides.
"""

import asyncio
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rank_bm25 import BM25Okapi

from agent.files.text_file import read_text
from agent.understanding.matching.embedding import Embedder, Vectors
from agent.understanding.matching.passages import Found, Passage, sentences, shorten, split
from agent.understanding.reading.words import content_words

WORDS_WEIGHT = (
    0.15  # what the best match by words adds to a cosine; chosen on the development set, docs/understanding.md
)
STRANGE_WEIGHT = 0.18  # what it costs when the question's own words stand nowhere in the passage
_TOP = 3


@dataclass(frozen=True, slots=True)
class _Unit:
    """One text that leads to a passage: its heading, a question it declares, or sentence number `sentence`."""

    passage: int
    text: str
    sentence: int = 0


class Knowledge:
    """All passages of some files. `warm` before `rank`; `search` does both.

    Personas instruct a large model and are not for callers' ears, except the sections that declare questions.
    """

    def __init__(
        self, paths: Sequence[Path], embedder: Embedder, max_words: int = 80, *, personas: Sequence[Path] = ()
    ) -> None:
        self._paths = tuple(paths)
        self._personas = tuple(personas)
        self._embedder = embedder
        self._max_words = max_words
        self._passages: tuple[Passage, ...] = ()
        self._units: tuple[_Unit, ...] = ()
        self._vectors: Vectors | None = None
        self._bm25: BM25Okapi | None = None
        self._words: tuple[frozenset[str], ...] = ()

    @classmethod
    async def load(cls, paths: Sequence[Path], embedder: Embedder, max_words: int = 80) -> "Knowledge":
        """Read and embed the files. Raises ConfigError and ProviderError."""
        knowledge = cls(paths, embedder, max_words)
        await knowledge.warm()
        return knowledge

    @property
    def passages(self) -> tuple[Passage, ...]:
        """In the order of the files; empty before `warm`."""
        return self._passages

    @property
    def scope(self) -> Hashable:
        """All of it, always."""
        return ()

    @property
    def questions(self) -> Sequence[str]:
        """What the files declare that callers ask; empty before `warm`."""
        return [question for passage in self._passages for question in passage.questions]

    async def warm(self) -> None:
        """Read and embed the files once. Raises ConfigError and ProviderError."""
        if self._vectors is not None:
            return
        self._passages = tuple(await asyncio.to_thread(_read, self._paths, self._personas))
        self._units = tuple(unit for i, passage in enumerate(self._passages) for unit in _units(i, passage))
        word_lists = [content_words(_all_text(passage)) for passage in self._passages]
        self._words = tuple(frozenset(found) for found in word_lists)
        self._bm25 = BM25Okapi(word_lists) if any(word_lists) else None
        texts = [unit.text for unit in self._units]
        self._vectors = await self._embedder.embed(texts) if texts else np.zeros((0, 1), np.float32)

    async def search(self, query: str) -> list[tuple[Passage, float]]:
        """The best passages for a question. Raises ProviderError."""
        await self.warm()
        if not self._units:
            return []
        return [(found.passage, found.score) for found in self.rank(query, (await self._embedder.embed([query]))[0])]

    def rank(self, query: str, vector: Vectors, files: Collection[str] = ()) -> Sequence[Found]:
        """The best passages for a question whose embedding is known: of these files, or of all."""
        if self._vectors is None or not self._units:
            return []
        cosines = self._vectors @ vector
        best: dict[int, tuple[float, int]] = {}
        for unit, cosine in zip(self._units, cosines.tolist(), strict=True):
            if files and self._passages[unit.passage].file not in files:
                continue
            if cosine > best.get(unit.passage, (-1.0, 0))[0]:
                best[unit.passage] = cosine, unit.sentence
        words = content_words(query)
        lexical = self._lexical(words)
        scored = [(self._score(i, cosine, lexical[i], words), i, sentence) for i, (cosine, sentence) in best.items()]
        scored.sort(reverse=True)
        return [self._found(i, score, sentence) for score, i, sentence in scored[:_TOP]]

    def _lexical(self, words: list[str]) -> list[float]:
        """BM25 of each passage, where the best possible is near 1."""
        if self._bm25 is None or not words:
            return [0.0] * len(self._passages)
        scores = self._bm25.get_scores(words)
        top = sum(max(0.0, float(self._bm25.idf.get(word, 0.0))) for word in words) * 2
        return [max(0.0, float(score)) / top if top else 0.0 for score in scores]

    def _score(self, index: int, cosine: float, lexical: float, words: list[str]) -> float:
        strange = [word for word in words if word not in self._words[index]]
        share = len(strange) / len(words) if words else 0.0
        return min(1.0, max(0.0, cosine + WORDS_WEIGHT * lexical - STRANGE_WEIGHT * share))

    def _found(self, index: int, score: float, sentence: int) -> Found:
        passage = self._passages[index]
        return Found(passage, score, shorten(passage.text, sentence, self._max_words))


class Shelf:
    """The part of a knowledge that the persona who speaks may read from; `files` names it anew for each question."""

    def __init__(self, knowledge: Knowledge, files: Callable[[], Collection[str]]) -> None:
        self._knowledge = knowledge
        self._files = files

    @property
    def scope(self) -> Hashable:
        """The files of who speaks now."""
        return frozenset(self._files())

    @property
    def questions(self) -> Sequence[str]:
        """Those of all documents: whoever speaks, callers ask what they ask."""
        return self._knowledge.questions

    async def warm(self) -> None:
        """All of it."""
        await self._knowledge.warm()

    def rank(self, query: str, vector: Vectors) -> Sequence[Found]:
        """The best of that part."""
        return self._knowledge.rank(query, vector, self._files())


def _read(paths: Sequence[Path], personas: Sequence[Path]) -> list[Passage]:
    found = [passage for path in paths for passage in split(read_text(path, what="knowledge"), path.name)]
    for persona in personas:
        found += [p for p in split(read_text(persona, what="persona"), persona.name) if p.questions]
    return found


def _units(index: int, passage: Passage) -> list[_Unit]:
    titles = [passage.heading] if passage.heading else []
    units = [_Unit(index, text) for text in (*titles, *passage.questions)]
    return units + [_Unit(index, text, number) for number, text in enumerate(sentences(passage.text))]


def _all_text(passage: Passage) -> str:
    return " ".join([passage.heading, *passage.questions, passage.text])
