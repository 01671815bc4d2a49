"""Written numbers that name something instead of counting it, said digit by digit: telephone numbers, codes, versions.

"Order 4571" is digits, "4571 orders" a count; amounts.py has the counts.
"""

import re
from re import Match

from agent.rules import readback
from agent.speaking.amounts import cardinal

_PHONES = re.compile(
    r"\+\d[\d\s().-]{6,18}\d(?!\d)|(?<![\w(])\(\d{3}\)\s?\d{3}[-.\s]\d{4}\b|\b(?:1[-.\s])?\d{3}[-.]\d{3}[-.]\d{4}\b|"
    r"\b\d{3}-\d{4}\b|\b0\d{2,4}[\s-]\d{3,4}[\s-]\d{3,4}\b|\b0\d{2,4}[ -]\d{4,8}\b|\b\d{4}(?:[ -]\d{4}){2,3}\b|"
    r"(?<![\w.,])(?=(?:[ .-]?\d){7,15}(?!\d))\d{1,5}(?:[ .-]\d{2,5}){2,5}\b(?![ .-]?\d)|\b\d+(?:-\d+){2,}\b"
)
_CALL = (
    r"[Cc]all(?:ing)?|[Dd]ial(?:l?ing)?|[Rr]ing(?:ing)?|[Tt]ext(?:ing)?|[Pp]hone|[Tt]elephone|[Tt]el\.?|[Ff]ax|[Mm]obile|"
    r"[Hh]otline|[Hh]elpline|[Ll]ifeline"
)
_CALLED = re.compile(
    rf"\b(?P<lead>(?:{_CALL})\s(?:(?:us|me|on|at|or|is)\s)*)(?P<number>\d{{3,}}(?:[ -]\d{{2,}})*|\d\d(?:[ -]\d\d)+)\b"
    r"(?![.,:/%]\d|\s[a-z]+(?<!ay)s\b|\speople)"
)
_MORE_CALLED = re.compile(
    rf"(?P<lead>(?:{_CALL})\s[a-z, ]*\b(?:or|and)\s)(?P<number>\d{{3}}(?:\s\d{{3}})*)\b(?!\s[a-z]+s\b|[.,]\d)"
)
_CODE_WORDS = (
    r"orders?|accounts?|deposits?|reference|references|ref|tracking|confirmation|bookings?|reservations?|invoices?|"
    r"tickets?|cases?|codes?|PIN|pin|passcode|passwords?|cards?|claims?|polic(?:y|ies)|parcels?|packages?|vouchers?|"
    r"receipts?|members?|membership|loans?|ending in|ends in|extension|ext|number|zip|postcode|flights?|serial"
)
_CODE = re.compile(
    rf"\b(?P<lead>(?:{_CODE_WORDS})\b(?:\.|\s+(?:number|no\.?|code|id|is))*[\s:]*#?)"
    r"(?P<code>\d{3,}(?:(?:,|,?\s(?:and|or))\s\d{3,})*)\b(?![.,:/%]\d)",
    re.I,
)
_ALONE = re.compile(r"(?P<lead>^\s*|\b(?:heard|noted|typed|entered|keyed in)\s)(?P<code>\d{4,})(?=\s*(?:[.,;:?!]|$))")
_LETTERS = r"\b(?P<lead>(?!FY|AD|BC)[A-Z]{2,3}\s)"
_AFTER_LETTERS = re.compile(_LETTERS + r"(?P<code>(?!19\d\d\b|20\d\d\b)\d{3,5})\b(?![.,:/%]\d)")
_NUMBER_SIGN = re.compile(r"(?:\bNo\.|(?<!\bsaid )(?<!\bsay )(?<!\bsays )(?<!\bis )(?<!\bwas )\bno\.|#)\s?(?=\d)")
_MIXED = re.compile(r"\b(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z])[A-Za-z\d]+(?:-[A-Za-z\d]+)*\b")
_VERSION = re.compile(r"\bv?(?P<parts>\d+(?:\.\d+){2,})\b")


def codes(text: str) -> str:
    """Telephone numbers, and numbers that are named as codes: "order 4571" is digits, "4571 orders" a count."""
    text = _PHONES.sub(_phone, text)
    for pattern in (_CALLED, _MORE_CALLED):
        text = pattern.sub(lambda m: m["lead"] + _grouped(m["number"]), text)
    for pattern in (_CODE, _ALONE, _AFTER_LETTERS):
        text = pattern.sub(lambda m: f"{m['lead'].rstrip('#')} {_each(m['code'])}", text)
    return _NUMBER_SIGN.sub("number ", text)


def _phone(match: Match[str]) -> str:
    written = match[0]
    if len(re.findall(r"\d+", written)) == 1:
        return readback.phone(written)
    return ("plus " if written.startswith("+") else "") + _grouped(written)


def _grouped(written: str) -> str:
    """In the groups in which it is written; one that has none is given some."""
    return ", ".join(readback.code(part) for part in re.findall(r"\d+", written))


def _each(written: str) -> str:
    return re.sub(r"\d+", lambda m: readback.code(m[0]), written)


def mixed(text: str) -> str:
    """Letters and digits in one word: AB12CD is spelled, MP3 is "M P three", COVID-19 "COVID nineteen"."""
    text = _VERSION.sub(lambda m: " point ".join(cardinal(part) for part in m["parts"].split(".")), text)
    return _MIXED.sub(lambda m: " ".join(_piece(p, m[0]) for p in re.findall(r"[A-Za-z]+|\d+", m[0])), text)


def _piece(piece: str, word: str) -> str:
    if piece.isdigit():
        is_code = len(piece) > 2 or piece.startswith("0") or len(re.findall(r"[A-Za-z]+|\d+", word)) > 2
        return readback.code(piece) if is_code else cardinal(piece)
    return " ".join(piece) if piece.isupper() and len(piece) <= 3 else piece
