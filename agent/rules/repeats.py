"""Whether a caller says again what they have just said: a sign that they were not understood."""

import re

LEAST_WORDS = 3  # "yes" after "yes" answers another question
SAME = 0.6  # of the words of both together that both have


def says_again(now: str, before: str) -> bool:
    """True when both are of some length and most of their words are the same, in whatever order."""
    said, earlier = _words(now), _words(before)
    if min(len(said), len(earlier)) < LEAST_WORDS:
        return False
    return len(said & earlier) / len(said | earlier) >= SAME


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
