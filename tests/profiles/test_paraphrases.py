"""What callers want of the restaurant's and the practice's tools, in words that the tools' examples do not have."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from agent.config import ROOT
from agent.knowledge import Knowledge
from agent.profile.profile import load_profile
from agent.tooling.toolbox import load_toolbox
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.matching.embedding import Remembered
from agent.understanding.matching.intents import Examples
from agent.understanding.policy import plan
from agent.understanding.reading.endings import Endings
from agent.understanding.reading.requests_in_one import readings
from agent.understanding.state import State
from evals.embedding import RealEmbedder
from tests.fakes.calls import NOON

FLOOR = 0.9
# A look before booking is part of booking, and the week's hours answer for a day of it.
AS_GOOD = {
    "find_tables": {"book_table"},
    "book_table": {"find_tables"},
    "find_appointment_times": {"book_appointment"},
    "book_appointment": {"find_appointment_times"},
    "check_opening": {"practice.md#Opening hours", "practice.md#Holidays"},
}


def read(name: str) -> Mapping[str, Sequence[str]]:
    """Ten sentences a tool, none of which is one of its examples."""
    path = Path(__file__).parent / f"paraphrases_{name}.yaml"
    found: Mapping[str, Sequence[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", ["restaurant", "dental"])
async def test_nine_of_ten_paraphrases_are_understood(name: str, real_embedder: RealEmbedder) -> None:
    """By the tool that a first sentence leads to."""
    profile = load_profile(name, ROOT / "profiles")
    intents, embedder = load_toolbox(profile).intents, Remembered(real_embedder)
    examples, knowledge = Examples(intents), Knowledge(profile.documents, real_embedder)
    await examples.warm(embedder)
    await knowledge.warm()

    async def understood(text: str) -> str:
        vectors = await embedder.vectors(readings(text))
        current = CurrentTurn(
            text=text,
            prompt=None,
            previous="",
            evidence={said: examples.evidence(said, vector, knowledge) for said, vector in vectors.items()},
            intents=intents,
            sentences=profile.sentences,
            min_passage=profile.knowledge.min_score,
            endings=Endings(),
            now=NOON,
        )
        planned = plan(current, State())
        if planned.state.frame:
            return planned.state.frame.tool
        sources = {passage.text: passage.source for passage in knowledge.passages}
        return planned.requests[0].tool if planned.requests else sources.get(planned.text, planned.text)

    got = [(tool, said, await understood(said)) for tool, sentences in read(name).items() for said in sentences]
    misses = [miss for miss in got if miss[2] not in {miss[0], *AS_GOOD.get(miss[0], set())}]
    assert 1 - len(misses) / len(got) >= FLOOR, misses


@pytest.mark.parametrize("name", ["restaurant", "dental"])
def test_no_paraphrase_is_an_example(name: str) -> None:
    """What was learned by heart measures nothing."""
    intents = load_toolbox(load_profile(name, ROOT / "profiles")).intents
    known = {example.lower() for intent in intents.values() for example in intent.examples}
    assert all(len(sentences) >= 10 for sentences in read(name).values())
    assert not known & {said.lower() for sentences in read(name).values() for said in sentences}
