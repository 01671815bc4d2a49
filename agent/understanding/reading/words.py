"""Words as people say them, made comparable: fillers and punctuation apart.

Knows English; leaves what the words mean to slots and intents.
"""

import re

from agent.language.en.digits import with_digits
from agent.language.text import plain, word_set

__all__ = ["FILLERS", "NOISES", "content_words", "is_noise", "plain", "with_digits", "word_set", "words"]


FILLERS = word_set(
    "uh um er erm eh hmm hm mm mhm ah oh well so okay ok right please and it's its it is the a an that's that "
    "this my yes yeah yep sure number code then like just i think believe it'd be would should have got here "
    "order account reference again dash hyphen"
)
NOISES = word_set("uh um er erm eh hmm hm mm mhm mmm ah oh huh")

_STOPS = word_set(
    "a an the is are was were be been am do does did can could will would shall should may might must have has had i "
    "me my mine we us our you your yours he she it its they them their this that these those there here what "
    "when where who whom which why how much many long of in on at to for from by with about and or but if not no "
    "yes please tell know want like need get got any some as so just also i'm i'd i've i'll it's what's where's how's "
    "don't doesn't didn't can't you're let let's give say said ask happen happens go goes going take takes"
)

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+", re.IGNORECASE)


def words(text: str) -> list[str]:
    """The words and numbers of a text in lower case, without punctuation."""
    return _WORD.findall(plain(text))


def content_words(text: str) -> list[str]:
    """The words that carry a question's meaning, without their endings: returns, returned -> return."""
    return [_stem(word) for word in words(text) if word not in _STOPS and not word.isdigit()]


def _stem(word: str) -> str:
    """A rough stem; it only has to be the same on both sides."""
    word = word.removesuffix("'s")
    for ending in ("ings", "ing", "ied", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def is_noise(text: str) -> bool:
    """True when nothing was said that could mean anything: "", ".", "uh"."""
    return all(word in NOISES for word in words(text))
