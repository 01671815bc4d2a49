"""Whether two names may be the same person's, as names come over the telephone; a second fact has to agree."""

import unicodedata

from rapidfuzz import fuzz

ALIKE = 82.0  # Jon Smyth and John Smith are (84), Ann Lee and Alan Lee are not (80)
APOSTROPHES = "'\u2019"
CLEARLY = 8.0  # of two who are alike, one must be closer by this much


def likeness(one: str, other: str) -> float:
    """0 to 100 for two full names, whatever the order of the words, their case and their accents."""
    return fuzz.token_sort_ratio(_plain(one), _plain(other))


def part_likeness(said: str, full: str) -> float:
    """The same, but a first or last name alone is enough."""
    return max(likeness(said, full), fuzz.token_set_ratio(_plain(said), _plain(full)))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c if c.isalpha() else " " for c in letters if not unicodedata.combining(c) and c not in APOSTROPHES)
