"""Spoken English numbers as digits."""

import re
from functools import lru_cache

from text_to_num import alpha2digit

from agent.language.text import plain, word_set

_REPEAT = re.compile(r"\b(double|triple)[\s,-]+([a-z]+|\d+)\b")
_TIMES = {"double": 2, "triple": 3}
_DIGIT_WORDS = word_set("zero one two three four five six seven eight nine")
# figures are taken whole or not at all, so that thousands of them in a row are looked at once each
_FIGURES = r"(?<!\d)(?<!\d[,.-])\d(?:[,.-]?\d)*+[,.-]?"
_DIGITISH = rf"(?:{_FIGURES}|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)"
_OH_AFTER = re.compile(rf"(?<=\b)({_DIGITISH})[\s,-]+(?:oh|o)\b(?!['\"\s]*clock)", re.IGNORECASE)
_OH_BEFORE = re.compile(rf"\b(?:oh|o)[\s,-]+(?={_DIGITISH}\b)", re.IGNORECASE)
# "eight hundred five five five": whoever goes on digit by digit has said 800
_DIGIT = rf"(?:{'|'.join(sorted(_DIGIT_WORDS))}|oh|o|\d|(?:double|triple) \w+)"
_HUNDRED = re.compile(rf"\b({_DIGIT}) hundred(?=(?:[\s,-]+{_DIGIT}\b){{2}})")
_PRONOUN_ONE = re.compile(
    r"\b(this|that|which|the|no|any|every|each|another|last|first|second|third|fourth|other|same) one\b"
)


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
