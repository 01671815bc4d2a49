"""Menus: which key leads on to a human, out of what a telephone menu has said."""

import re
from dataclasses import dataclass

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_KEYS = {word: str(digit) for digit, word in enumerate(_DIGITS)} | {"star": "*", "pound": "#", "hash": "#"}
_KEY = rf"(?P<key>\d|{'|'.join(_KEYS)})\b"
_PRESS = r"(?:press|dial|hit|push|enter|select)(?: the)?(?: number)? "
_FOR = r"(?:for|to|if)\b (?P<what>[^.;]*?),? (?:please |you can |just )*"
_PATTERNS = (re.compile(_FOR + _PRESS + _KEY), re.compile(_PRESS + _KEY + r",? (?:for|to|if)\b (?P<what>[^.;,]*)"))
_ROLES = "operator|representative|receptionist|reception|agent"
_SAY = re.compile(rf"\b(?:say|saying) ['\"]?(?P<word>{_ROLES}|help|assistance)\b")
# From what is surely a human to what may be one.
_HUMANS = (
    re.compile(r"\b(?:operator|representative|receptionist|reception|front desk|(?:live|real) \w+|human)\b"),
    re.compile(r"\b(?:speak|talk|connect\w*)\b.*\b(?:some(?:one|body)|person|agent|advisor|team|staff|us|one of)\b"),
    re.compile(r"\b(?:agent|assistance|customer (?:service|care)|office|staff|help)\b"),
    re.compile(r"\b(?:all other|anything else|other (?:enquiries|inquiries|questions|calls)|general)\b"),
)
OPERATOR = "0"  # on most menus, told or not


@dataclass(frozen=True, slots=True)
class Choice:
    """Keys to press, or a word to say."""

    keys: str = ""
    word: str = ""


def choice(words: str) -> Choice:
    """What leads on to a human: a key that the menu names for one, else a word, else the operator's key."""
    said = " ".join(words.replace("\u2019", "'").lower().split())
    offers = [
        (found["what"], _KEYS.get(found["key"], found["key"])) for one in _PATTERNS for found in one.finditer(said)
    ]
    for human in _HUMANS:
        if keys := [key for what, key in offers if human.search(what)]:
            return Choice(keys=keys[0])
    if asked := _SAY.search(said):
        return Choice(word=asked["word"])
    return Choice(keys=OPERATOR)
