"""Held-out paraphrases of what callers of the bank want, on the real embedding."""

from pathlib import Path

import pytest
import yaml

from agent.thinking.llm_stack import build_understanding
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import load_toolbox
from agent.understanding.history import CallerSaid
from evals.embedding import RealEmbedder
from tests.fakes.banks import NOW
from tests.fakes.desk import PROFILE, TOOLS

SETS: dict[str, dict[str, list[str]]] = {
    name: yaml.safe_load((Path(__file__).parent / f"bank_{name}.yaml").read_text(encoding="utf-8"))
    for name in ("held_out", "development")
}
INTENTS = load_toolbox(PROFILE).intents
FLOOR = 0.9
ANYBODYS = {"current_date_and_time", "request_callback", "transfer_to_human", "end_call"}  # the shop's set has these
ANYBODYS |= {"remember_me", "recall_last_call", "forget_me"}


@pytest.fixture(scope="module")
def mind(real_embedder: RealEmbedder) -> Understanding:
    """The local understanding of the bank."""
    return build_understanding(PROFILE, load_toolbox(PROFILE), real_embedder, lambda: NOW)


async def _is_understood(mind: Understanding, tool: str, sentence: str) -> bool:
    """The tool is asked, or the question for what it lacks."""
    decision = await mind.decide([CallerSaid(sentence)], list(TOOLS))
    asks = {slot.ask for slot in INTENTS[tool].slots}
    return [request.tool for request in decision.requests] == [tool] or decision.text in asks


@pytest.mark.parametrize("name", SETS)
async def test_what_callers_want_is_understood_in_other_words(mind: Understanding, name: str) -> None:
    """Nine in ten."""
    sentences = [(tool, sentence) for tool, said in SETS[name].items() for sentence in said]
    missed = [sentence for tool, sentence in sentences if not await _is_understood(mind, tool, sentence)]
    assert 1 - len(missed) / len(sentences) >= FLOOR, missed


def test_every_tool_that_callers_ask_for_has_ten_and_the_sets_are_apart() -> None:
    """Fewer would say nothing, and an example, or a sentence of the other set, nothing new."""
    held_out = {sentence.lower() for said in SETS["held_out"].values() for sentence in said}
    seen = {sentence.lower() for said in SETS["development"].values() for sentence in said}
    examples = {example.lower() for intent in INTENTS.values() for example in intent.examples}
    assert set(SETS["held_out"]) == {name for name in INTENTS if name not in ANYBODYS}
    assert all(len(said) >= 10 for said in SETS["held_out"].values())
    assert not held_out & (examples | seen)
