"""Words alone: whole turns of things that the model did not learn from, and the same ones cut."""

from pathlib import Path

import numpy as np
import pytest

from agent.turns.witnesses.completeness import (
    BUCKETS,
    Completeness,
    Vocabulary,
    features,
    load,
    path,
    save,
    spoken,
)

WHOLE = (
    "Can I bring my dog to the garage?",
    "I was charged twice for the same ticket.",
    "The parcel looks like somebody opened it.",
    "Please send me the bill again.",
    "Which of your shops is closest to the station?",
    "Yes.",
    "No, thank you.",
)
CUT = (
    "Can I bring my dog to the",
    "I was charged twice for",
    "The parcel looks like somebody opened it and",
    "Please send me",
    "Which of your",
    "I would like to know whether",
)


def english() -> Completeness:
    """The committed weights."""
    model = load("en-GB")
    assert model
    return model


@pytest.mark.parametrize("text", WHOLE)
def test_whole_turns_read_whole(text: str) -> None:
    """Whatever they are about."""
    assert (english().probability(text) or 0.0) > 0.5


@pytest.mark.parametrize("text", CUT)
def test_cut_turns_read_cut(text: str) -> None:
    """At a word that binds the next one."""
    assert (english().probability(text) or 0.0) < 0.5


def test_what_an_stt_writes_around_the_words_counts_for_nothing() -> None:
    """Capitals, full stops, question marks and commas are guesses; figures are the number that they spell."""
    model = english()
    assert model.probability("Do you ship to Canada?") == model.probability("do you ship to canada")
    assert model.probability("it is 4571") == model.probability("It is four, five, seven, one.")
    assert spoken("Order 45 71, that one") == ["order", "#", "that", "one"]
    assert model.probability("... ?") is None


def test_a_language_that_nobody_has_trained_has_no_model() -> None:
    """Then sound decides alone."""
    assert load("de") is None


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    """One file, read without code in it; small enough to be committed."""
    vocabulary = Vocabulary(frozenset({"the", "lamp"}), frozenset({"the"}))
    weights = np.zeros(BUCKETS, np.float32)
    weights[features(["the"], vocabulary)] = -0.5
    file = tmp_path / "completeness-xx.npz"
    save(Completeness(vocabulary, weights, 0.25), ["the", "lamp"], file)
    with np.load(file, allow_pickle=False) as kept:
        assert str(kept["words"]) == "the lamp" and int(kept["frequent"]) == 1 and float(kept["bias"]) == 0.25
    assert path("en").stat().st_size < 300_000
