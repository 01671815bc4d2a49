"""Whether words are a whole turn, by the words alone: a linear model on the first and the last of them.

`python -m training.completeness` learns the weights; what they were learned from is said there. A word that it has
never met counts by its ending and by the words around it.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.rules.language import spoken_words, words_of

BUCKETS = 1 << 15
UNKNOWN, NUMBER = "*", "#"
_NUMERALS = words_of(
    """zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand"""
)
_VAGUE = frozenset({"one", "oh"})
_FOLDER = Path(__file__).parent / "weights"
_LONGEST = 12  # words; whether a longer turn is longer says nothing


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that were met often enough to be learned, and those of them so frequent that they bind the others."""

    known: frozenset[str]
    frequent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Completeness:
    """The learned model. `probability` takes some 20 microseconds."""

    vocabulary: Vocabulary
    weights: NDArray[np.float32]
    bias: float

    def probability(self, text: str) -> float | None:
        """That the words are a whole turn; None when there are none. Case and punctuation count for nothing."""
        said = spoken(text)
        if not said:
            return None
        score = self.bias + float(self.weights[features(said, self.vocabulary)].sum())
        return float(1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0))))


def path(language: str) -> Path:
    """Where the weights of a profile's language lie, if it has any."""
    return _FOLDER / f"completeness-{language.split('-', maxsplit=1)[0]}.npz"


@lru_cache(maxsize=4)
def load(language: str) -> Completeness | None:
    """The model of a profile's language; None where nobody has trained one. Reads a small file."""
    if not path(language).is_file():
        return None
    with np.load(path(language), allow_pickle=False) as kept:
        known = str(kept["words"]).split()
        vocabulary = Vocabulary(frozenset(known), frozenset(known[: int(kept["frequent"])]))
        return Completeness(vocabulary, kept["weights"].astype(np.float32), float(kept["bias"]))


def save(model: Completeness, words: Sequence[str], file: Path) -> None:
    """Write what `load` reads; `words` are the known ones, the frequent first."""
    weights = model.weights.astype(np.float16)
    frequent = len(model.vocabulary.frequent)
    np.savez_compressed(file, words=" ".join(words), frequent=frequent, weights=weights, bias=model.bias)


def spoken(text: str) -> list[str]:
    """The words as they are looked up: a number is one, however it is written and as long as it may be; "one" alone is
    none, as in "that one"."""
    said: list[str] = []
    for word in spoken_words(text):
        is_number = any(sign.isdigit() for sign in word) or word in _NUMERALS
        if is_number and said and said[-1] in {NUMBER, *_VAGUE}:
            said[-1] = NUMBER
        else:
            said.append(NUMBER if is_number and word not in _VAGUE else word)
    return said


def features(said: Sequence[str], vocabulary: Vocabulary) -> NDArray[np.int64]:
    """The buckets of what is looked at: the last words, the first ones, both, their shape, the length. Longer n-grams
    tell more about what the sentences were of that it learned from, and less about other ones."""
    met = [word if word in vocabulary.known else UNKNOWN for word in said]
    shape = [word if word in vocabulary.frequent else UNKNOWN for word in said]
    last, before, ending = met[-1], "" if len(met) < 2 else met[-2], said[-1][-3:]
    length = min(len(said), _LONGEST)
    looked_at = (
        f"last {last}",
        f"before {before}",
        f"last two {before} {last}",
        f"ending {ending}",
        f"ending {ending[-2:]}",
        f"ending after {'' if len(said) < 2 else shape[-2]} {ending}",
        f"shape {' '.join(shape[-2:])}",
        f"shape {' '.join(shape[-3:])}",
        f"first {met[0]} {length}",
        f"first {' '.join(met[:2])} {length}",
        f"first and last {met[0]} {last}",
        f"first and last {' '.join(met[:2])} {shape[-1]}",
        f"length {length}",
        f"length and last {length} {shape[-1]}",
    )
    return np.array([zlib.crc32(one.encode()) % BUCKETS for one in looked_at])
