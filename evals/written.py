"""What a text says, however it is written: digits, e-mail addresses, and which words of an answer are missing."""

import re

from rapidfuzz.distance import Levenshtein

from evals.wer import words

_UNITS = "zero one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TWENTY_UP = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: str(digit) for digit, word in enumerate(_TWENTY_UP.split(), 2)}
_SAID = {word: str(number) for number, word in enumerate(f"{_UNITS} {_TEENS}".split())} | {"oh": "0", "o": "0"}
_TIMES = {"double": 2, "triple": 3}
NEAR_WORDS = 3  # so many to either side of a cut are judged; elsewhere it is the STT that errs


def holds(text: str, value: str) -> bool:
    """Whether the text says that number or e-mail address."""
    return value in digits(text) if value.isdigit() else value in address(text)


def digits(text: str) -> str:
    """All digits in the order said: "ten oh five", "10-05" and "1, double 0, 5" are 1005."""
    found, times = "", 1
    tokens = re.findall(r"\d+|[a-z]+", text.lower())
    for token, after in zip(tokens, [*tokens[1:], ""], strict=False):
        if token in _TIMES:
            times = _TIMES[token]
            continue
        said = token if token.isdigit() else _SAID.get(token, "")
        if token in _TENS:
            said = _TENS[token] if after in _UNITS.split()[1:] else f"{_TENS[token]}0"
        found += said[:1] * (times - 1) + said
        times = 1
    return found


def address(text: str) -> str:
    """E-mail addresses as they are written: "jane dot miller at example dot com" is jane.miller@example.com."""
    plain = re.sub(r"[,;]|[.?!](?=\s+[A-Z]|\s*$)", " ", text).lower()
    for said, written in (("dot", "."), ("at", "@")):
        plain = re.sub(rf"\s*\b{said}\b\s*", written, plain)
    return re.sub(r"\s*([.@])\s*", r"\1", plain)


def lost_and_doubled(intended: str, heard: str, cut_at: float) -> tuple[int, int]:
    """Words lost and words too many near the cut, which stands at the share `cut_at` of the answer."""
    wanted = words(intended)
    near = [
        operation.tag
        for operation in Levenshtein.editops(wanted, words(heard))
        if abs(operation.src_pos - cut_at * len(wanted)) <= NEAR_WORDS
    ]
    return near.count("delete"), near.count("insert")
