"""Endings: whether words that are understood may still go on, by the sentences that tools and documents declare.

"What is your return" is near enough to a return to be understood, and the beginning of "what is your return policy".
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from agent.nlu.clauses import normal
from agent.nlu.words import content_words, plain, words


class Ending(StrEnum):
    """What may come after such words: `WHOLE` nothing that is known, `DECLARED` nothing, since they are a declared
    sentence and no other goes on from them, `GOES_ON` the rest of a declared sentence, `OPEN` more, since their last
    word mostly stands inside of sentences."""

    WHOLE = "whole"
    DECLARED = "declared"
    OPEN = "open"
    GOES_ON = "goes_on"


class Endings:
    """What was learned from some sentences; of none, every ending is whole."""

    def __init__(self, sentences: Iterable[str] = ()) -> None:
        self._whole: set[str] = set()
        self._beginnings: set[str] = set()
        self._inside: Counter[str] = Counter()
        self._last: Counter[str] = Counter()
        for sentence in sentences:
            self._learn(words(plain(sentence)))
            self._whole.add(normal(sentence))

    def _learn(self, said: list[str]) -> None:
        if not said:
            return
        self._beginnings.update(" ".join(said[:end]) for end in range(2, len(said)))
        self._inside.update(said[:-1])
        self._last[said[-1]] += 1

    def of(self, text: str) -> Ending:
        """How the words end, the whole sentence before its beginning before its last word."""
        said = words(plain(text))
        if not said:
            return Ending.WHOLE
        goes_on = " ".join(said) in self._beginnings
        if normal(text) in self._whole:
            return Ending.WHOLE if goes_on or len(said) == 1 else Ending.DECLARED
        if goes_on:
            return Ending.GOES_ON
        is_open = self._inside[said[-1]] > self._last[said[-1]]
        return Ending.OPEN if is_open and content_words(said[-1]) else Ending.WHOLE
