"""Whether a name that was heard is a name that is known: by its sound and its spelling, since neither the caller's
tongue nor the transcript is sure of either. Vowels may differ (Jon, John; Maria, Mario), consonants hardly."""

import re
import unicodedata

import jellyfish
from rapidfuzz.distance import JaroWinkler

SAME_SOUND = 0.75  # how alike two spellings must be that sound the same: John and Jane do too
ANY_SOUND = 0.94  # and how alike two that do not: Sharma, Sarma

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "sir", "madam", "prof", "professor", "doctor", "mister"})
_APART = re.compile(r"[\s\-,.]+")
_LETTERS = re.compile(r"[^a-z]")
_SPELLED = re.compile(r"\b[a-z](?: [a-z]\b)+")
_PREFIX = re.compile(r"\b(o|d|mc|mac) (?=[a-z]{2})")


def parts(name: str) -> tuple[str, ...]:
    """A name as comparable words: "Mr. O'Brien-Núñez" -> obrien, nunez; "o brien" is one word, "J O N" too."""
    plain = unicodedata.normalize("NFKD", name).lower().replace("\u2019", "'")
    words = [_LETTERS.sub("", word) for word in _APART.split(plain)]
    text = " ".join(word for word in words if word and word not in _TITLES)
    text = _SPELLED.sub(lambda match: match[0].replace(" ", ""), text)
    return tuple(_PREFIX.sub(r"\1", text).split())


def is_name(heard: str, known: str) -> bool:
    """True when given and family name of `known` were both heard, in any order, and little else was."""
    said, wanted = parts(heard), parts(known)
    if not wanted:
        return False
    given = [index for index, word in enumerate(said) if _near(word, wanted[0])]
    family = [index for index, word in enumerate(said) if _near(word, wanted[-1])]
    are_two = len(wanted) == 1 or any(one != other for one in given for other in family)
    return bool(given) and bool(family) and are_two and len(said) <= len(wanted) + 1


def is_place(heard: str, known: str) -> bool:
    """True when every word of a place was heard, in its order, and nothing else."""
    said, wanted = parts(heard), parts(known)
    near = [_near(one, other) for one, other in zip(said, wanted, strict=False)]
    return bool(wanted) and len(said) == len(wanted) and all(near)


def is_among(heard: str, known: str) -> bool:
    """True when a name was heard somewhere in a sentence, however an STT parted its words: "pay loom in power" holds
    Lumen Power. For what is read back before it counts, not for who is calling."""
    said, wanted = parts(heard), parts(known)
    name = "".join(wanted)
    lengths = range(max(1, len(wanted) - 1), len(wanted) + 3)
    runs = ("".join(said[at : at + length]) for length in lengths for at in range(len(said) - length + 1))
    return bool(name) and any(_near(run, name) for run in runs)


def _near(heard: str, known: str) -> bool:
    likeness = JaroWinkler.similarity(heard, known)
    sounds_alike = jellyfish.metaphone(heard) == jellyfish.metaphone(known)
    return (likeness >= ANY_SOUND) | (sounds_alike & (likeness >= SAME_SOUND))
