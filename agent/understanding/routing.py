"""Which turns need no large model: one wish, surely known, with everything its tool takes. The classifier decides, and
all that stands against acting on it alone is looked at here. Calls nothing and says nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.intent import Intent, SlotKind
from agent.language.en.yes_no import is_bare
from agent.profile.profile import Sentences
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.frames import start
from agent.understanding.history import AgentSaid
from agent.understanding.matching.classifier import Classifier, Verdict, words_of
from agent.understanding.matching.embedding import Embedder, Remembered, Vectors
from agent.understanding.matching.passages import Passage
from agent.understanding.matching.reusable_answers import has_negation, is_asking
from agent.understanding.reading.codes import digits_only
from agent.understanding.reading.endings import Endings
from agent.understanding.reading.foreign import by_script
from agent.understanding.reading.requests_in_one import normal, readings
from agent.understanding.reading.small_talk import EXAMPLES, Small
from agent.understanding.reading.words import is_noise, words
from agent.understanding.replies import END, VERIFY
from agent.understanding.state import Request, State

TALK, PASSAGE = "talk:", "passage:"
LONGEST = 25  # words; a longer turn is a story, and its point may be anywhere
# What a sentence says in words of its own: only a model, or the answer to a question, gives it.
_UNREADABLE = frozenset({SlotKind.TEXT, SlotKind.YES_NO})


class Why(StrEnum):
    """What came of a turn."""

    ACTED = "acted"  # its tool is called
    UNSURE = "unsure"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_A_TOOL = "not_a_tool"  # small talk or knowledge, or a tool of another persona: for a model to word
    INCOMPLETE = "incomplete"  # a slot is missing
    CHANGES = "changes"  # its tool changes something, so the caller must be asked first
    IN_CONTEXT = "in_context"  # it may answer a question, or mean less or more than its words


@dataclass(frozen=True, slots=True)
class Route:
    """The decision about a turn. `best` is the likeliest label with its confidence; `requests` are to be called now."""

    why: Why
    best: str = ""
    confidence: float = 0.0
    requests: tuple[Request, ...] = ()

    @property
    def reading(self) -> float | None:
        """How sure it is of one wish in the words: None where they depend on what was said before, 0 where their parts
        say different things."""
        if not self.best:
            return None
        return 0.0 if self.why is Why.IN_CONTEXT else self.confidence


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn to be decided: the caller's words, the agent's before them, the tools that may be called, and the time."""

    text: str
    prompt: str
    tools: Sequence[str]
    now: datetime


class Router:
    """Trained once from what tools and documents declare. `warm` before `route`; before that nothing is decided."""

    def __init__(self, intents: Mapping[str, Intent], embedder: Embedder, sentences: Sentences) -> None:
        self._intents = dict(intents)
        self._embedder = Remembered(embedder)
        self._sentences = sentences
        self._classifier: Classifier | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it has learned."""
        return self._classifier is not None

    async def warm(self, passages: Sequence[Passage]) -> None:
        """Embed the examples and learn from them, on a thread. Raises ProviderError."""
        if self.is_ready or len(self._intents) < 2:
            return
        rows = examples_of(self._intents, passages)
        texts, names = [text for text, _ in rows], list(self._intents)
        vectors = await self._embedder.embed([*texts, *map(words_of, names)])
        named = dict(zip(names, vectors[len(texts) :], strict=True))
        labels = [label for _, label in rows]
        self._classifier = await asyncio.to_thread(Classifier.train, texts, labels, vectors[: len(texts)], named)

    async def route(self, asked: Asked) -> Route:
        """The decision. Raises ProviderError when the model that embeds is away."""
        if _depends(asked):
            return Route(Why.IN_CONTEXT)
        vectors = await self._embedder.vectors(readings(asked.text))
        verdicts = {text: self._verdict(text, vector) for text, vector in vectors.items()}
        whole = verdicts.pop(normal(asked.text))
        why = self._objection(whole, list(verdicts.values()), asked)
        requests = () if why else self._requests(whole.best, asked)
        why = why or (Why.ACTED if requests else Why.INCOMPLETE)
        return Route(why, whole.best, whole.confidence, requests)

    def _verdict(self, text: str, vector: Vectors) -> Verdict:
        assert self._classifier is not None, "warm() first"
        return self._classifier.decide(text, vector)

    def _objection(self, whole: Verdict, parts: Sequence[Verdict], asked: Asked) -> Why | None:
        if whole.label is None:
            return Why.OUT_OF_SCOPE
        if not whole.is_sure:
            return Why.UNSURE
        if whole.label not in self._intents or whole.label not in asked.tools:
            return Why.NOT_A_TOOL
        if self._intents[whole.label].changes_something or whole.label == VERIFY:
            return Why.CHANGES  # an attempt to verify is counted: one with half of what was said would be wasted
        # each part must say the same, or be courtesy: what the whole is sure of may be one wish of two
        is_one = all(part.label == whole.best or (part.label or "").startswith(TALK) for part in parts)
        return None if is_one else Why.IN_CONTEXT

    def _requests(self, tool: str, asked: Asked) -> tuple[Request, ...]:
        """The calls, when the turn's own words hold all that the tool takes."""
        intent = self._intents[tool]
        if any(slot.kind in _UNREADABLE for slot in intent.slots):
            return ()
        current = CurrentTurn(
            text=asked.text,
            prompt=AgentSaid(asked.prompt) if asked.prompt else None,
            previous="",
            evidence={},
            intents={tool: intent},
            sentences=self._sentences,
            min_passage=1.0,
            now=asked.now,
            endings=Endings(),
        )
        step = start(tool, asked.text, current, State())
        return () if step.pending else step.requests


def examples_of(intents: Mapping[str, Intent], passages: Sequence[Passage]) -> list[tuple[str, str | None]]:
    """Sentences with their labels: tools, passages and kinds of small talk; None for what no profile is about."""
    rows: list[tuple[str, str | None]] = [(text, name) for name, i in intents.items() for text in i.examples]
    rows += [(text, f"{PASSAGE}{p.source}") for p in passages for text in (p.heading, *p.questions) if text]
    for kind, texts in EXAMPLES.items():
        if kind is Small.GOODBYE and END in intents:
            continue  # the tool has them too
        rows += [(text, None if kind is Small.ELSEWHERE else f"{TALK}{kind}") for text in texts]
    return [(normal(text), label) for text, label in rows]


def _depends(asked: Asked) -> bool:
    """True when the words alone do not say what is meant, or not enough of them: an answer, a "not", half a word,
    another language."""
    text, said = asked.text, words(asked.text)
    if by_script(text) or is_noise(text) or digits_only(text) or is_bare(text) or len(said) > LONGEST:
        return True
    return has_negation(text) or is_asking(asked.prompt)
