"""Letters as people spell them: "S M I T H", "B as in bravo", "double T", "zed", "alpha bravo four two".

Knows English names of letters and the telephone alphabet; what the letters spell is left to slots and dictation.
"""

import re
from functools import lru_cache

from agent.understanding.reading.words import FILLERS, plain, with_digits, word_set

_ALPHABET = word_set(
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey xray yankee zulu alfa juliett whisky"
)
_CODE_WORDS = {word: word[0] for word in _ALPHABET}
_NAMES = {"zed": "z", "zee": "z", "aitch": "h", "haitch": "h", "jay": "j", "kay": "k", "ess": "s", "tee": "t"}
_DOUBLE_U = re.compile(r"\bdouble[\s-]?(?:u|you)\b")
_X_RAY = re.compile(r"\bx[\s-]ray\b")
_AS_IN = re.compile(r"\b([a-z])[\s,.]+(?:as in|is in|like|for)[\s,]+(?!the\b)[a-z]{3,}\b")
_REPEAT = re.compile(r"\b(double|triple)[\s,-]+([a-z])\b")
_TIMES = {"double": 2, "triple": 3}
_HYPHENATED = re.compile(r"\b[a-z](?:-[a-z])+\b|\b[a-z](?:\.[a-z]\b)+\.?")
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+")
_BETWEEN = FILLERS - {"a", "i", "o"} | word_set("capital then dash hyphen")


@lru_cache(maxsize=512)
def letters_apart(text: str) -> str:
    """The text with every spelled letter as a letter of its own: "B as in bravo, double t" -> "b, t t"."""
    said = _DOUBLE_U.sub("w", _X_RAY.sub("xray", plain(text)))
    said = _AS_IN.sub(r"\1", said)
    said = _HYPHENATED.sub(lambda m: re.sub(r"[.-]", " ", m[0]).strip(), said)
    said = _REPEAT.sub(lambda m: " ".join([m[2]] * _TIMES[m[1]]), said)
    tokens = _TOKEN.findall(said)
    signs = [t for t in tokens if len(t) == 1 or t.isdigit() or t in _CODE_WORDS or t in _NAMES]
    if len(signs) < 2 or not (len(signs) > 2 or any(len(t) == 1 for t in signs)):
        return said  # "Victor" and "Charlie Mike" are names
    return _TOKEN.sub(lambda m: _CODE_WORDS.get(m[0]) or _NAMES.get(m[0]) or m[0], said)


@lru_cache(maxsize=512)
def spelled(text: str) -> str:
    """The letters and digits that were spelled last in one go, in lower case: "Smith, S M I T H" -> "smith".

    Empty when fewer than two signs stand together, or when another word follows them.
    """
    return _last(text)[0]


def said_before(text: str) -> str:
    """The word in front of what was spelled: "Smith" of "Smith, S M I"."""
    return _last(text)[1]


def _last(text: str) -> tuple[str, str]:
    tokens = _TOKEN.findall(letters_apart(with_digits(text)))
    while tokens and tokens[-1] in _BETWEEN:
        tokens.pop()
    signs: list[str] = []
    while tokens and (len(tokens[-1]) == 1 or tokens[-1].isdigit() or (signs and tokens[-1] in _BETWEEN)):
        sign = tokens.pop()
        if sign not in _BETWEEN:
            signs.insert(0, sign)
    if len("".join(signs)) < 2 or all(sign.isdigit() for sign in signs):
        return "", ""
    return "".join(signs), tokens[-1] if tokens else ""
