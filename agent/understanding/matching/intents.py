"""Nearest example: what a clause most likely wants, among tools, small talk and passages. Policy decides."""

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.intent import HAND_OVER, Intent, SlotKind
from agent.understanding.matching.classifier import Classifier, words_of
from agent.understanding.matching.embedding import Remembered, Vectors
from agent.understanding.matching.passages import Found, KnowledgeLike
from agent.understanding.reading.requests_in_one import normal
from agent.understanding.reading.small_talk import EXAMPLES, Small

# Chosen on the development set; docs/understanding.md has the curve.
TOOL_MIN = 0.45
SMALL_MIN = 0.52
SURE = 0.72
ELSEWHERE_MARGIN = 0.02
TORN = 0.05  # in score: "tell me the shipping" is 0.01 to 0.04 between two passages, one of some 60 whole questions is
OWN_MIN = 0.75
_MOST_KEPT = 512
CODE_BONUS = 0.06  # a clause with a code or an amount in it is rather about that than a general question


@dataclass(frozen=True, slots=True)
class Tool:
    """A clause that wants a tool."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Talk:
    """A clause of small talk."""

    kind: Small
    score: float


@dataclass(frozen=True, slots=True)
class Question:
    """A clause that a passage answers."""

    found: Found

    @property
    def score(self) -> float:
        """How surely."""
        return self.found.score


Wish = Tool | Talk | Question


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a text could mean, before any threshold: the best of each, and every tool's score. `sounds_like` is the
    declared sentence that it was weighed as, when it was misheard."""

    tools: Mapping[str, float]
    small: Talk
    found: Found | None
    second: Found | None = None
    sounds_like: str = ""

    @property
    def is_torn(self) -> bool:
        """True when two passages are so near that the words do not tell which: "the shipping" costs, and takes days."""
        return self.found is not None and self.second is not None and self.found.score - self.second.score < TORN

    @property
    def score(self) -> float:
        """How near the text is to anything that is known."""
        return max(*self.tools.values(), self.small.score, self.found.score if self.found else 0.0)


class Examples:
    """All examples as one matrix. `warm` embeds them once."""

    def __init__(self, intents: Mapping[str, Intent]) -> None:
        self._intents = dict(intents)
        self._owners: list[str | Small] = []
        self._texts: list[str] = []
        for name, intent in intents.items():
            self._add(name, intent.examples)
        for kind, examples in EXAMPLES.items():
            self._add(kind, examples)
        self._vectors: Vectors | None = None
        self._warming = asyncio.Lock()  # the greeting and the first turn may both want it
        self._classifier: Classifier | None = None
        self._weighed: dict[tuple[str, Hashable], Evidence] = {}

    @property
    def intents(self) -> Mapping[str, Intent]:
        """The declared intents by tool name."""
        return self._intents

    @property
    def sentences(self) -> Sequence[str]:
        """What the tools declare that callers say, and small talk."""
        declared = (intent.examples for intent in self._intents.values())
        return [sentence for examples in (*declared, *EXAMPLES.values()) for sentence in examples]

    def _add(self, owner: str | Small, examples: Sequence[str]) -> None:
        self._texts += [normal(example) for example in examples]
        self._owners += [owner] * len(examples)

    async def warm(self, embedder: Remembered) -> None:
        """Embed all examples, and learn from them which tool is which: once, and on a thread, since a caller is being
        greeted meanwhile (0.02 s on an idle machine, much more on a busy one). Raises ProviderError."""
        async with self._warming:
            if self._vectors is None:
                names = [words_of(name) for name in self._intents]
                vectors = np.asarray(await embedder.embed([*self._texts, *names]), np.float32)
                await asyncio.to_thread(self._learn, vectors[: len(self._texts)], vectors[len(self._texts) :])
                self._keep(vectors[: len(self._texts)])

    def _learn(self, vectors: Vectors, names: Vectors) -> None:
        """The nearest example says that a tool is wanted; which one, all examples together say better."""
        # a hand-over's examples are those of the other persona's tools: between the two nothing can be learned
        own = [name for name in self._intents if not name.startswith(HAND_OVER)]
        rows = [row for row, owner in enumerate(self._owners) if owner in own]
        if len(own) > 1:
            self._classifier = Classifier.train(
                [self._texts[row] for row in rows],
                [str(self._owners[row]) for row in rows],
                vectors[rows],
                {name: vector for name, vector in zip(self._intents, names, strict=True) if name in own},
            )

    def _keep(self, vectors: Vectors) -> None:
        """What a tool declares is neither elsewhere nor an undoing: to a restaurant, "book a table" is none."""
        is_kept = np.ones(len(self._texts), bool)
        if declared := [n for n, owner in enumerate(self._owners) if owner in self._intents]:
            is_elsewhere = np.asarray([owner in {Small.ELSEWHERE, Small.UNDO} for owner in self._owners])
            is_kept = ~(is_elsewhere & ((vectors @ vectors[declared].T).max(axis=1) >= OWN_MIN))
        self._owners = [owner for owner, kept in zip(self._owners, is_kept, strict=True) if kept]
        self._vectors = vectors[is_kept]

    def scores(self, vector: Vectors) -> dict[str | Small, float]:
        """The cosine of each owner's nearest example."""
        assert self._vectors is not None, "warm() first"
        best: dict[str | Small, float] = {}
        for owner, score in zip(self._owners, (self._vectors @ vector).tolist(), strict=True):
            best[owner] = max(score, best.get(owner, -1.0))
        return best

    def _ranked(self, text: str, vector: Vectors, tools: dict[str, float]) -> dict[str, float]:
        """The scores with the likeliest tool first: it and the nearest one change places."""
        if self._classifier is None:
            return tools
        likeliest = self._classifier.decide(text, vector).best
        nearest = max(self._classifier.labels, key=lambda name: tools[name])
        return {**tools, likeliest: tools[nearest], nearest: tools[likeliest]}

    def evidence(self, text: str, vector: Vectors, knowledge: KnowledgeLike) -> Evidence:
        """What a normalised text could mean. Kept, since a call's turns are weighed again in each of its turns."""
        key = text, knowledge.scope
        if key not in self._weighed:
            if len(self._weighed) >= _MOST_KEPT:
                self._weighed.clear()
            self._weighed[key] = self._weigh(text, vector, knowledge)
        return self._weighed[key]

    def _weigh(self, text: str, vector: Vectors, knowledge: KnowledgeLike) -> Evidence:
        scores = self.scores(vector)
        tools = self._ranked(text, vector, {name: scores.get(name, 0.0) for name in self._intents})
        kind = max(EXAMPLES, key=lambda k: scores[k])
        ranked = knowledge.rank(text, vector)
        found, second = (*ranked, None, None)[:2]
        return Evidence(tools, Talk(kind, scores[kind]), found, second)


def choose(
    evidence: Evidence, intents: Mapping[str, Intent], min_passage: float, *, has_code: bool, has_amount: bool = False
) -> Wish | None:
    """The one wish that is sure enough, or None: not understood, or out of scope."""
    named = {SlotKind.CODE: has_code, SlotKind.MONEY: has_amount}
    tools = [
        Tool(name, evidence.tools[name] + (CODE_BONUS if _takes(intent, named) else 0.0))
        for name, intent in intents.items()
    ]
    candidates: list[Wish] = [tool for tool in tools if tool.score >= TOOL_MIN]
    if evidence.found is not None and evidence.found.score >= min_passage:
        candidates.append(Question(evidence.found))
    small = evidence.small
    if small.kind is not Small.ELSEWHERE and small.score >= SMALL_MIN:
        candidates.append(small)
    best = max(candidates, key=lambda wish: wish.score, default=None)
    if best and small.kind is Small.ELSEWHERE and small.score > best.score + ELSEWHERE_MARGIN:
        return None
    return best


def _takes(intent: Intent, named: Mapping[SlotKind, bool]) -> bool:
    return any(named.get(slot.kind, False) for slot in intent.slots)
