"""Text as it is compared, in whatever language."""

import re
from collections.abc import Callable

from text_to_num import alpha2digit


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as one string, which reads better than sixty quoted words."""
    return frozenset(text.split())


def plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces."""
    return " ".join(text.replace("\u2019", "'").replace("\u2018", "'").lower().split())


def says(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Whether the pattern, of plain text, is found in a text."""
    return lambda text: bool(pattern.search(plain(text)))


def with_digits_of(code: str) -> Callable[[str], str]:
    """A text with its spoken numbers as digits, in a language that text2num knows by this code."""
    return lambda text: str(alpha2digit(plain(text), code))
