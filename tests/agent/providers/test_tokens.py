"""The estimate of how long a text is."""

from agent.providers.tokens import count_tokens


def test_tokens_are_counted_and_long_texts_are_not_cut() -> None:
    """Words, parts of long words, marks; no limit of the embedding model."""
    assert count_tokens("") == 0
    assert count_tokens("Where is my order?") == 5
    assert count_tokens("antidisestablishmentarianism") > 3
    assert count_tokens("order " * 3000) == 3000
