"""Text as it is compared, in whatever language."""


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as one string, which reads better than sixty quoted words."""
    return frozenset(text.split())


def plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces."""
    return " ".join(text.replace("\u2019", "'").replace("\u2018", "'").lower().split())
