"""Where another voice goes on in a sentence that one broke off in."""

import re

BARELY, ALMOST = 0.2, 0.92  # of a sentence: what was hardly begun is said anew, what was nearly said is over
NEAR_WORDS = 2  # so far from the break a clause's beginning is preferred
_CLAUSE_END = re.compile(r"[,;:\u2013\u2014-]$")


def rest_of(sentence: str, heard: float) -> str:
    """What is left to be said when that share of the sentence's sound was heard, from the nearest boundary on; "" when
    nothing is."""
    words = sentence.split()
    if heard >= ALMOST or not words:
        return ""
    if heard <= BARELY:
        return sentence
    at = _place(words, heard)
    around = range(max(1, at - NEAR_WORDS), min(len(words), at + NEAR_WORDS + 1))
    near = [n for n in around if _CLAUSE_END.search(words[n - 1])]
    return " ".join(words[min(near, key=lambda n: abs(n - at), default=at) :])


def _place(words: list[str], heard: float) -> int:
    """The word that was being said: it is begun anew, since half a word is none."""
    letters, until = 0, heard * sum(len(word) + 1 for word in words)
    for number, word in enumerate(words):
        letters += len(word) + 1
        if letters > until:
            return number
    return len(words)
