"""Misheard: the declared sentence that sounds like what an STT wrote. "How do I delete my count" is nobody's wish, and
sounds like "how do I delete my account"."""

from collections.abc import Iterable
from functools import lru_cache

import jellyfish
from rapidfuzz import fuzz, process

from agent.nlu.clauses import normal
from agent.nlu.words import words

_LIKE, _WRITTEN_LIKE = 90.0, 82.0  # of 100, in sound and in letters: "change a tire" is not "change my address"
_WORDS = 4  # shorter sentences sound like too many others


class Misheard:
    """The declared sentences by their sound."""

    def __init__(self, sentences: Iterable[str] = ()) -> None:
        texts = dict.fromkeys(normal(sentence) for sentence in sentences)
        self._texts = [text for text in texts if len(words(text)) >= _WORDS]
        self._sounds = [sound(text) for text in self._texts]

    def meant(self, text: str) -> str:
        """The declared sentence, normalised, that sounds most like a normalised text; "" when none does."""
        if len(words(text)) < _WORDS or any(character.isdigit() or character == "#" for character in text):
            return ""  # a number is never guessed
        found = process.extractOne(sound(text), self._sounds, scorer=fuzz.ratio, score_cutoff=_LIKE)
        meant = self._texts[found[2]] if found else ""
        return meant if fuzz.ratio(text, meant) >= _WRITTEN_LIKE else ""


@lru_cache(maxsize=4096)
def sound(text: str) -> str:
    """Consonants as they sound, word by word without gaps: an STT parts words where nobody did, and the vowel between
    two of them is a word of its own or none."""
    sounds = (jellyfish.metaphone(word).replace(" ", "") for word in words(text))
    return "".join(sound for sound in sounds if sound not in {"A", "E", "I", "O", "U"})
