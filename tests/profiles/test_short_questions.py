"""Short whole questions that a profile answers end the turn soon; their halves do not."""

from datetime import datetime

import pytest

from agent.config import ROOT
from agent.language.en.turn_words import ENGLISH
from agent.profile.profile import load_profile
from agent.rules.endpointing import Patience, Pause, wait_for
from agent.rules.evidence import Who
from agent.thinking.llm_stack import build_understanding
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import load_toolbox
from agent.turns.witnesses import completeness
from agent.understanding.history import CallerSaid
from evals.embedding import RealEmbedder

WHOLE = {
    "shop": ("When are you open?", "How late are you open?", "Are you open now?", "Where are you?"),
    "restaurant": ("When are you open?", "How late are you open?", "Are dogs allowed?", "Do you deliver?"),
    "dental": ("When are you open?", "What are your hours?", "Do you take cash?", "Is there parking?"),
    "bank": ("When are you open?", "Are you open tomorrow?", "What are your hours?"),
}
# near enough to an answer, though in words of no document: short where the voice leaves no doubt
NEAR = {
    "shop": ("Do you take cash?",),
    "restaurant": ("Can I pay by card?", "Are you closed today?"),
    "dental": ("Can I pay by card?",),
    "bank": ("Is there parking?", "Are you closed today?"),
}
HALF = ("When are you", "How late", "Do you take", "What are your", "Can I bring", "Do you", "Where is", "How do I get")


async def _understanding(name: str, embedder: RealEmbedder) -> Understanding:
    profile = load_profile(name, ROOT / "profiles")
    now = datetime(2026, 11, 20, 12, tzinfo=profile.zone)
    made = build_understanding(profile, load_toolbox(profile), embedder, lambda: now)
    await made.warm()
    return made


async def _wait_s(understanding: Understanding, name: str, said: str, sound: float) -> float:
    profile = load_profile(name, ROOT / "profiles")
    turns = profile.turns
    patience = Patience(turns.finished_s, turns.unsure_s, turns.unfinished_s, turns.dictation_s)
    decision = await understanding.decide([CallerSaid(said)], list(load_toolbox(profile).intents))
    words = completeness.load(profile.language)
    assert words
    heard = {Who.WORDS: words.probability(said) or 0.0, Who.SMART_TURN: sound}
    return wait_for(Pause(said, heard, meant=decision.meant), patience, ENGLISH).seconds


@pytest.mark.parametrize("name", WHOLE)
async def test_a_short_question_that_is_answered_is_not_waited_for_long(name: str, real_embedder: RealEmbedder) -> None:
    """Whatever of a time or a place might follow: 0.55 s at most, also by a voice that is not quite sure."""
    understanding = await _understanding(name, real_embedder)
    waits = {said: await _wait_s(understanding, name, said, sound=0.4) for said in WHOLE[name]}
    assert max(waits.values()) <= 0.55, waits
    near = {said: await _wait_s(understanding, name, said, sound=0.8) for said in NEAR[name]}
    assert max(near.values()) <= 0.55, near


@pytest.mark.parametrize("name", WHOLE)
async def test_half_a_question_is_waited_for(name: str, real_embedder: RealEmbedder) -> None:
    """Its rest is about to come, whatever the voice does."""
    understanding = await _understanding(name, real_embedder)
    waits = {said: await _wait_s(understanding, name, said, sound=0.8) for said in HALF}
    assert min(waits.values()) > 1.3, waits
