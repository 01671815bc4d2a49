"""`python -m evals.understanding`: how often the local understanding is right, on sentences it was not tuned on.

Each line of tests/agent/understanding/held_out.yaml is a first sentence of a call to the profile shop, decided on the
real MiniLM in this process. `--development` takes the set that it was tuned on, `--misses` says what it took for what.
"""

import argparse
import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

import numpy as np
import yaml

from agent.call.call import utc_now
from agent.config import ROOT
from agent.intent import SlotKind
from agent.knowledge import Knowledge
from agent.profile.profile import load_profile
from agent.providers.local.models.minilm import MiniLM
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import load_toolbox
from agent.understanding.frames import confirmation
from agent.understanding.history import AgentSaid, CallerSaid, Item
from agent.understanding.matching.embedding import Vectors
from agent.understanding.policy import Decision

SENTENCES = ROOT / "tests" / "agent" / "understanding"
# What callers answer to a tool's questions: which of two tools that ask the same was meant shows when all are answered.
ANSWERS = {SlotKind.CODE: "4571", SlotKind.DATE: "Friday", SlotKind.TIME: "at three", SlotKind.PHONE: "212 555 0142"}
MOST_ANSWERS = 4
REFUSALS = frozenset({"none", "near"})  # these must not be answered
# Small talk by the profile's sentence that answers it.
TALK = {
    "hello": "hello",
    "thanks": "welcome",
    "repeat": "anything_else",  # said after "Is there anything else?", which is what must come again
    "abilities": "abilities",
    "robot": "ai",
    "never_mind": "cancelled",
}


@dataclass(slots=True)
class Result:
    """One intent: how many were right, what the others were taken for, and how long each took in milliseconds."""

    target: str
    total: int = 0
    misses: list[tuple[str, str]] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)

    @property
    def right(self) -> int:
        """How many were understood, or rightly not."""
        return self.total - len(self.misses)


class InProcess:
    """MiniLM without the speech process; remembers nothing, so that times are honest."""

    def __init__(self) -> None:
        self._model = MiniLM()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One by one, as a caller's sentence comes."""
        return np.concatenate([self._model.embed([text]) for text in texts])


def read(name: str) -> Mapping[str, Sequence[str]]:
    """One of the two sets: sentences by what they want."""
    found: Mapping[str, Sequence[str]] = yaml.safe_load((SENTENCES / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


async def measure(sentences_by_target: Mapping[str, Sequence[str]]) -> list[Result]:
    """The results by intent."""
    profile = load_profile("shop", ROOT / "profiles")
    embedder = InProcess()
    knowledge = Knowledge(profile.documents, embedder, personas=[p.path for p in profile.personas.values()])
    intents = load_toolbox(profile).intents
    understanding = Understanding(
        profile=profile,
        intents=intents,
        embedder=embedder,
        knowledge=knowledge,
        clock=utc_now,
    )
    await understanding.warm()
    said = {key: getattr(profile.sentences, name).format(help=profile.sentences.help) for key, name in TALK.items()}
    said |= {passage.source: passage.text for passage in knowledge.passages}
    refusals = [profile.sentences.unknown, profile.sentences.not_understood]
    names = {sentence.format(help=profile.sentences.help): "none" for sentence in refusals}
    names |= {text: target for target, text in said.items()}
    tools_by_question = defaultdict(set)
    for tool, intent in intents.items():
        for slot in intent.slots:
            tools_by_question[slot.ask].add(tool)
    names |= {ask: next(iter(tools)) for ask, tools in tools_by_question.items() if len(tools) == 1}
    answers = {slot.ask: ANSWERS[slot.kind] for i in intents.values() for slot in i.slots if slot.kind in ANSWERS}
    answers = {ask: answer for ask, answer in answers.items() if ask not in names}
    bare = {tool: intent for tool, intent in intents.items() if all(slot.is_optional for slot in intent.slots)}
    names |= {confirmation(intent, {}): tool for tool, intent in bare.items() if intent.confirm}
    results = []
    for target, sentences in sentences_by_target.items():
        result = Result(target, len(sentences))
        for sentence in sentences:
            items = [*_before(target, profile.sentences.anything_else), CallerSaid(sentence)]
            started = time.perf_counter()
            decision = await understanding.decide(items, profile.tools)
            result.times_ms.append((time.perf_counter() - started) * 1000)
            for _ in range(MOST_ANSWERS):
                answer = next((answer for ask, answer in answers.items() if decision.text.startswith(ask)), None)
                if decision.requests or answer is None:
                    break
                items += [AgentSaid(decision.text), CallerSaid(answer)]
                decision = await understanding.decide(items, profile.tools)
            got = _name(decision, names)
            if got != ("none" if target in REFUSALS else target):
                result.misses.append((sentence, got))
        results.append(result)
    return results


def _before(target: str, asked: str) -> list[Item]:
    """A turn before the sentence where it needs one: to be repeated, something must have been said."""
    return [CallerSaid("no"), AgentSaid(asked)] if target == "repeat" else []


def _name(decision: Decision, names: dict[str, str]) -> str:
    if decision.requests:
        return decision.requests[0].tool
    if decision.proposed:
        return decision.proposed.tool
    return names.get(decision.text, decision.text[:40])


def report(results: Sequence[Result], *, with_misses: bool) -> None:
    """A table, and the times at the end."""
    for result in results:
        print(f"{result.right:4} of {result.total:3}  {result.target}")
        for sentence, got in result.misses if with_misses else []:
            print(f"                  {sentence!r} was taken for {got}")
    for group, chosen in groups_of(results).items():
        total = sum(result.total for result in chosen)
        print(f"{group}: {sum(result.right for result in chosen)} of {total}")
    times = sorted(t for result in results for t in result.times_ms)
    print(f"per decision: median {median(times):.1f} ms, p95 {quantiles(times, n=20)[-1]:.1f} ms, n={len(times)}")


def groups_of(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results by the kind of thing that was wanted."""
    groups: dict[str, list[Result]] = {"tools": [], "passages": [], "small talk": [], "out of scope": [], "near": []}
    for result in results:
        name = "passages" if "#" in result.target else "small talk" if result.target in TALK else "tools"
        groups[{"none": "out of scope", "near": "near"}.get(result.target, name)].append(result)
    return groups


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m evals.understanding", description=__doc__)
    parser.add_argument("--development", action="store_true", help="the set that thresholds were tuned on")
    parser.add_argument("--misses", action="store_true", help="say what was taken for what")
    chosen = parser.parse_args()
    report(asyncio.run(measure(read("development" if chosen.development else "held_out"))), with_misses=chosen.misses)
