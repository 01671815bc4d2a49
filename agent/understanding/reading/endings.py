"""Endings: whether words that are understood may still go on, by the sentences that tools and documents declare.

"What is your return" is near enough to a return to be understood, and the beginning of "what is your return policy".
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from agent.language.en.calendar_words import DAYS
from agent.understanding.reading.requests_in_one import normal
from agent.understanding.reading.words import content_words, plain, word_set, words

# what begins a time or a place, without which a question is whole: "when are you open" "on sunday"
_ADJUNCTS = word_set("on in at during until after inside outside now today tonight tomorrow")
_CALLERS = word_set("i we to")  # what these do may want more: "can I pay" "in cash"

# a day that is named is whole, wherever declared sentences have it
_WHOLE_DAYS = frozenset({"today", "tomorrow", "tonight", *DAYS})


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
        self._adjoined: set[str] = set()  # beginnings and words behind which a time or a place has come
        self._continued: Counter[str] = Counter()  # and those behind which anything else has
        for sentence in sentences:
            self._learn(words(plain(sentence)))
            self._whole.add(normal(sentence))

    def _learn(self, said: list[str]) -> None:
        if not said:
            return
        self._beginnings.update(" ".join(said[:end]) for end in range(2, len(said)))
        self._inside.update(said[:-1])
        self._last[said[-1]] += 1
        for end in range(1, len(said)):
            keys = {" ".join(said[:end]), said[end - 1]}
            if said[end] in _ADJUNCTS:
                self._adjoined |= keys
            else:
                self._continued.update(keys)

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
        is_open = self._inside[said[-1]] > self._last[said[-1]] and said[-1] not in _WHOLE_DAYS
        return Ending.OPEN if is_open and content_words(said[-1]) else Ending.WHOLE

    def is_adjoined(self, text: str) -> bool:
        """True when all that is known to come after such words is a time or a place: a question is whole without."""
        said = words(plain(text))
        if len(said) < 3 or said[-2] in _CALLERS or not content_words(said[-1]):
            return False
        beginning = " ".join(said)
        key = beginning if beginning in self._beginnings else said[-1]
        return key in self._adjoined and self._continued[key] <= self._last[key]
