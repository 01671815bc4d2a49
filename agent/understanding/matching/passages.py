"""Passages: the profile's Markdown cut at its headings into pieces that can be read to a caller. Reads no file."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from agent.understanding.matching.embedding import Vectors

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_ASKED = re.compile(r"^\s*asked:", re.IGNORECASE)
_MARKUP = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"`+|\*\*|__|~~"), ""),
    (re.compile(r"(?<![\w*])[*_](\S(?:[^*_]*\S)?)[*_](?![\w*])"), r"\1"),
    (re.compile(r"<[^>]+>"), ""),
    (re.compile(r"^\s*(?:[-*+]|\d+\.|>)\s+", re.MULTILINE), ""),
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'])|\n{2,}")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of knowledge: speakable `text`, its `source` ("returns.md#Refunds"), `questions` it declares."""

    text: str
    heading: str
    source: str
    questions: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of the file that it stands in."""
        return self.source.split("#", 1)[0]


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that may answer, how surely (0 to 1), and the sentences of it to say."""

    passage: Passage
    score: float
    answer: str


class KnowledgeLike(Protocol):
    """What the understanding asks of a knowledge; the real one is agent/knowledge.py."""

    async def warm(self) -> None:
        """Read and embed everything. Raises ConfigError and ProviderError."""
        ...

    @property
    def scope(self) -> Hashable:
        """What `rank` may look through now: what was found in one scope says nothing of another."""
        ...

    @property
    def questions(self) -> Sequence[str]:
        """What the documents declare that callers ask; empty before `warm`."""
        ...

    def rank(self, query: str, vector: Vectors) -> Sequence[Found]:
        """The passages nearest to the query, whose embedding is `vector` of shape (d,), best first."""
        ...


def split(markdown: str, name: str) -> list[Passage]:
    """One passage per heading that has text below it. `name` is the file's, for the source.

    `<!-- asked: where are you | how do I find you -->` below a heading declares questions that the passage answers.
    """
    passages: list[Passage] = []
    heading, lines = "", list[str]()
    for line in [*markdown.splitlines(), "# "]:
        found = _HEADING.match(line)
        if not found and line != "# ":
            lines.append(line)
            continue
        if passage := _passage("\n".join(lines), heading, name):
            passages.append(passage)
        heading, lines = found[2] if found else "", []
    return passages


def _passage(body: str, heading: str, name: str) -> Passage | None:
    questions: list[str] = []
    for comment in _COMMENT.findall(body):
        if _ASKED.match(comment):
            questions += [q.strip(" \t-") for q in re.split(r"[|\n]", _ASKED.sub("", comment)) if q.strip(" \t-")]
    text = speakable(_COMMENT.sub("", body))
    source = f"{name}#{heading}" if heading else name
    return Passage(text, heading, source, tuple(questions)) if text else None


def speakable(markdown: str) -> str:
    """The words without the marks; list items become sentences."""
    text = markdown
    for pattern, kept in _MARKUP:
        text = pattern.sub(kept, text)
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", _ended_items(markdown, text))]
    return " ".join(block for block in blocks if block)


def _ended_items(markdown: str, text: str) -> str:
    if not re.search(r"^\s*(?:[-*+]|\d+\.)\s+", markdown, re.MULTILINE):
        return text
    return "\n".join(
        f"{line}." if line.strip() and line.rstrip()[-1] not in ".!?:,;" else line for line in text.splitlines()
    )


@lru_cache(maxsize=1024)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a passage."""
    return tuple(s.strip() for s in _SENTENCE_END.split(text) if s.strip())


def shorten(text: str, best: int, max_words: int) -> str:
    """The text, or when it is too long, whole sentences around number `best`: those before it as far as they fit
    after it, since a sentence is often only clear with the one before."""
    parts = sentences(text)
    if len(text.split()) <= max_words or not parts:
        return text
    chosen = [best]
    for near in (best - 1, best + 1, best + 2, best - 2):
        length = sum(len(parts[i].split()) for i in chosen)
        if 0 <= near < len(parts) and length + len(parts[near].split()) <= max_words:
            chosen.append(near)
    said = " ".join(parts[i] for i in sorted(chosen))
    return said if len(chosen) > 1 or len(said.split()) <= max_words else _cut(said, max_words)


def _cut(sentence: str, max_words: int) -> str:
    """A sentence too long for one reply ends at its last comma that fits."""
    head = " ".join(sentence.split()[:max_words])
    at = max(head.rfind(","), head.rfind(";"))
    return f"{(head[:at] if at > 0 else head).rstrip(',;')}."
