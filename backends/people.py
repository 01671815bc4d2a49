"""Whether two names may be the same person's, as names come over the telephone; a second fact has to agree. A word that
sounds like the other's, and is written much like it, is the same word: Viktor and Victor."""

import unicodedata

import jellyfish
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

ALIKE = 82.0  # Jon Smyth and John Smith are (84), Ann Lee and Alan Lee are not (80)
APOSTROPHES = "'\u2019"
LIKELY = 60.0  # where two facts agree and nobody else has both: Echo Mori is Aiko Mori (67)
SAME_SOUND = 0.75  # how alike two spellings of one sound must be: John and Jane sound the same, too
CLEARLY = 8.0  # of two who are alike, one must be closer by this much


def likeness(one: str, other: str) -> float:
    """0 to 100 for two full names, whatever the order of the words, their case and their accents."""
    return fuzz.token_sort_ratio(_heard_as(one, other), _plain(other))


def is_same(one: str, other: str) -> bool:
    """Letter by letter, whatever the order of the words, their case and their accents: for who is written down."""
    return sorted(_plain(one).split()) == sorted(_plain(other).split())


def part_likeness(said: str, full: str) -> float:
    """The same, but a first or last name alone is enough."""
    return max(likeness(said, full), fuzz.token_set_ratio(_heard_as(said, full), _plain(full)))


def _heard_as(said: str, other: str) -> str:
    """The first name, with the other's words where they sound the same."""
    known = _plain(other).split()
    return " ".join(next((word for word in known if _sounds_like(one, word)), one) for one in _plain(said).split())


def _sounds_like(one: str, other: str) -> bool:
    is_same_sound = jellyfish.metaphone(one) == jellyfish.metaphone(other)
    return is_same_sound and JaroWinkler.similarity(one, other) >= SAME_SOUND


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c if c.isalpha() else " " for c in letters if not unicodedata.combining(c) and c not in APOSTROPHES)
