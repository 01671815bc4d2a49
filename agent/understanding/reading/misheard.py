"""Misheard: the declared sentence that sounds like what an STT wrote. "How do I delete my count" is nobody's wish, and
sounds like "how do I delete my account"."""

from collections.abc import Iterable
from functools import lru_cache

import jellyfish
from rapidfuzz import fuzz, process

from agent.understanding.reading.requests_in_one import normal
from agent.understanding.reading.words import words

_LIKE, _WRITTEN_LIKE = 90.0, 82.0  # of 100, in sound and in letters: "change a tire" is not "change my address"
_WORDS = 4  # shorter sentences sound like too many others
_OPENING = 2  # words of a question that an STT has nothing to know them by: "do you", "is there"
_SHORT = 3  # letters
_DENIALS = frozenset({"no", "not"})


class Misheard:
    """The declared sentences by their sound."""

    def __init__(self, sentences: Iterable[str] = ()) -> None:
        texts = dict.fromkeys(normal(sentence) for sentence in sentences)
        self._texts = [text for text in texts if len(words(text)) >= _WORDS]
        self._sounds = [sound(text) for text in self._texts]
        self._rests: dict[str, str] = {}
        for text in self._texts:
            rest = " ".join(words(text)[_OPENING:])
            self._rests[rest] = "" if rest in self._rests else text

    def meant(self, text: str) -> str:
        """The declared sentence, normalised, that sounds most like a normalised text; "" when none does."""
        said = words(text)
        if len(said) < _WORDS or any(character.isdigit() or character == "#" for character in text):
            return ""  # a number is never guessed
        found = process.extractOne(sound(text), self._sounds, scorer=fuzz.ratio, score_cutoff=_LIKE)
        meant = self._texts[found[2]] if found else ""
        return meant if fuzz.ratio(text, meant) >= _WRITTEN_LIKE else self._by_rest(said)

    def _by_rest(self, said: list[str]) -> str:
        """ "Be ship to Canada": only the opening was misheard, as something short."""
        if len(said[0]) > _SHORT or said[0] in _DENIALS:
            return ""
        return self._rests.get(" ".join(said[1:]), "")


def ends_alike(text: str, declared: str) -> bool:
    """True when the declared sentence's last word can be heard at the end of the text: "a day" ends like "today", "how
    long does shipping" not like "how long does shipping take"."""
    return sound(text).endswith(sound(words(declared)[-1]))


@lru_cache(maxsize=4096)
def sound(text: str) -> str:
    """Consonants as they sound, word by word without gaps: an STT parts words where nobody did, and the vowel between
    two of them is a word of its own or none."""
    spoken = (jellyfish.metaphone(word).replace(" ", "") for word in words(text))
    return "".join(one for one in spoken if one not in {"A", "E", "I", "O", "U"})
