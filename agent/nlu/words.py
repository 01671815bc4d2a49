"""Words as people say them, made comparable: spoken numbers to digits, fillers and punctuation apart.

Knows English; leaves what the words mean to slots and intents.
"""

import re
from functools import lru_cache

from text_to_num import alpha2digit


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as one string, which reads better than sixty quoted words."""
    return frozenset(text.split())


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

_REPEAT = re.compile(r"\b(double|triple)[\s,-]+([a-z]+|\d+)\b")
_TIMES = {"double": 2, "triple": 3}
_DIGIT_WORDS = word_set("zero one two three four five six seven eight nine")
_DIGITISH = r"(?:\d[\d,.-]*|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)"
_OH_AFTER = re.compile(rf"(?<=\b)({_DIGITISH})[\s,-]+(?:oh|o)\b(?!['\"\s]*clock)", re.IGNORECASE)
_OH_BEFORE = re.compile(rf"\b(?:oh|o)[\s,-]+(?={_DIGITISH}\b)", re.IGNORECASE)
# "eight hundred five five five": whoever goes on digit by digit has said 800
_DIGIT = rf"(?:{'|'.join(sorted(_DIGIT_WORDS))}|oh|o|\d|(?:double|triple) \w+)"
_HUNDRED = re.compile(rf"\b({_DIGIT}) hundred(?=(?:[\s,-]+{_DIGIT}\b){{2}})")
_PRONOUN_ONE = re.compile(
    r"\b(this|that|which|the|no|any|every|each|another|last|first|second|third|fourth|other|same) one\b"
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+", re.IGNORECASE)


def plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces."""
    return " ".join(text.replace("\u2019", "'").replace("\u2018", "'").lower().split())


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


@lru_cache(maxsize=2048)
def with_digits(text: str) -> str:
    """Spoken numbers as digits: "order forty-five seventy-one" -> "order 45 71", "double oh seven" -> "0 0 7"."""
    text = plain(text)
    text = _PRONOUN_ONE.sub(r"\1 thing", text)  # "that one" is no digit
    text = _HUNDRED.sub(r"\1 zero zero", text)
    text = _REPEAT.sub(_repeated, text)
    for _ in range(4):  # "one oh oh three" and "oh oh one": each pass moves one further
        text = _OH_AFTER.sub(r"\1 zero", text)
        text = _OH_BEFORE.sub("zero ", text)
    # A hyphen between number words is no minus, and text2num would read "one-two" as one word.
    text = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)
    return str(alpha2digit(text, "en", threshold=0.0))


def _repeated(match: re.Match[str]) -> str:
    times, what = _TIMES[match[1]], match[2]
    if what in {"o", "oh"}:
        what = "zero"
    if what.isdigit():  # "double 03", as an STT writes "double oh three"
        return " ".join([what[0]] * (times - 1) + [*what])
    return " ".join([what] * times) if what in _DIGIT_WORDS else match[0]
