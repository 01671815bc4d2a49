"""How alike two sentences are."""

import numpy as np
import pytest

from agent.understanding.matching.similarity import WORDS_SHARE, Likeness, SharedWords

EAST, NORTH = np.eye(2, dtype=np.float32)


def test_a_sentence_is_like_itself() -> None:
    """Words and meaning both say one."""
    assert Likeness(["cancel my order"], EAST[None]).to("cancel my order", EAST)[0] == pytest.approx(1.0)


def test_nearer_in_meaning_is_more_alike() -> None:
    """Without a word in common."""
    likeness = Likeness(["cancel my order", "where is the parcel"], np.stack([EAST, NORTH]))
    near, far = likeness.to("annul something", EAST)
    assert far < near < 1.0 - WORDS_SHARE + 1e-6


def test_a_rare_word_in_common_says_more_than_a_frequent_one() -> None:
    """Everybody says "my"; who says "voucher" means one."""
    shared = SharedWords(["my voucher fails", "my card fails", "my card bounced", "my card"])
    assert shared.with_each("voucher")[0] > shared.with_each("my")[0]


def test_pairs_of_words_count() -> None:
    """ "Turn on" and "turn off" have their first word in common, and are not the same."""
    on, off = SharedWords(["turn on the light", "turn off the light"]).with_each("turn on the lamp")
    assert on > off > 0.0


def test_a_sentence_without_words_is_like_none() -> None:
    """Marks are no words, and nothing is divided by zero."""
    assert SharedWords(["cancel my order", "?"]).with_each("...").tolist() == [0.0, 0.0]


def test_all_likenesses_are_mutual() -> None:
    """The matrix of the examples is symmetric, with ones on its diagonal."""
    matrix = Likeness(["turn it on", "turn it off", "it is on"], np.stack([EAST, NORTH, EAST])).among()
    assert matrix == pytest.approx(matrix.T) and np.diag(matrix) == pytest.approx(1.0)
