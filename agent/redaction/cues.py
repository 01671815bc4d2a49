"""What a number in a sentence is of, by the words around it or by the question that it answers."""

import re
from enum import StrEnum

from agent.understanding.reading.words import plain


class Kind(StrEnum):
    """What a private value is; its placeholder is named so."""

    CARD = "CARD"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    ID = "ID"
    IBAN = "IBAN"
    ACCOUNT = "ACCOUNT"
    BORN = "BORN"
    ADDRESS = "ADDRESS"
    PLACE = "PLACE"
    NAME = "NAME"
    SECRET = "SECRET"  # noqa: S105  # a kind, no password
    NUMBER = "NUMBER"
    SUM = "SUM"


NUMBERS = frozenset({Kind.CARD, Kind.PHONE, Kind.ID, Kind.IBAN, Kind.ACCOUNT, Kind.BORN, Kind.SECRET, Kind.NUMBER})

# Of several cues the one nearest to the number counts. None stands for what no one is known by.
_CUES: tuple[tuple[Kind | None, str], ...] = (
    (
        Kind.ID,
        (
            r"social(?: security)?(?: number)?|ssn|national insurance|\bni number|aadha+r|pan|passport|"
            r"licen[cs]e|nhs|medicare|"
            r"medicaid|(?:tax|tin|national|identity|voter|member|membership|insurance|policy ?holder|patient)"
            r"(?: member| card)? (?:id|number|no)|id (?:number|card)"
        ),
    ),
    (
        Kind.SECRET,
        (
            r"cvv|cvc|security code|pins?|pass(?:word|code|phrase)|one[ -]time (?:code|password)|otp|"
            r"(?:verification|access|secret) code|code (?:we|i|you) (?:just )?(?:sent|texted)|on the back"
        ),
    ),
    (Kind.IBAN, r"iban"),
    (Kind.ACCOUNT, r"accounts?|acct|routing|sort code|swift|bic|savings|checking|current account"),
    (Kind.CARD, r"cards?|visa|master ?card|amex|american express|discover|rupay|maestro"),
    (Kind.BORN, r"born|birth(?:day|date)?|dob|d o b"),
    (Kind.ADDRESS, r"zip(?: code)?|post(?:al)? ?code|postcode"),
    (
        Kind.PHONE,
        (
            r"phone|mobile|cell(?:phone)?|telephone|landline|whatsapp|fax|reach (?:me|you|us|him|her|them)|"
            r"(?:call|ring|text|phone) (?:me|you|him|her|us|them)|call(?:ed)? (?:back|from)|please call|you can text|"
            r"(?:my|wife's|husband's|office|work|home|best|contact|callback) (?:number|line)|area code|country code|"
            r"extension|ext|ring|text"
        ),
    ),
    (
        None,
        (
            r"orders?|bookings?|reservations?|references?|confirmation|invoices?|tickets?|cases?|tracking|parcels?|"
            r"packages?|flights?|gates?|bus|rooms?|seats?|models?|versions?|serial|items?|options?|channels?|chapters?|"
            r"sizes?|tables?|press|what time|"
            r"(?:which|what) (?:day|date)|when|how (?:many|much|long|far|big|old)|amount|"
            r"quantity|price|costs?|total|year|since|until|opens?|appointment"
        ),
    ),
)
_CUE = tuple((kind, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for kind, words in _CUES)
_BEHIND = re.compile(r"^[\s,]*(?:that'?s|is|are|that is|on|of|from|it'?s|as|for)\s+(?:my |the |where )", re.IGNORECASE)
_WHOLE = (
    (Kind.EMAIL, re.compile(r"\be-?mail\b", re.IGNORECASE)),
    (Kind.PLACE, re.compile(r"\b(?:city|town)\b", re.IGNORECASE)),
    (Kind.ADDRESS, re.compile(r"\b(?:address|street|live|deliver(?:ed)? to|ship(?:ped)? to)\b", re.IGNORECASE)),
    (Kind.NAME, re.compile(r"\b(?:name|who am i|who is (?:calling|this)|spell)\b", re.IGNORECASE)),
)
_SENTENCE = re.compile(r"[.?!](?=\s)")


def cue_before(text: str) -> tuple[Kind | None, bool]:
    """What the last cue of this text is of, and whether there is one at all."""
    found = [(match.end(), kind) for kind, cue in _CUE for match in cue.finditer(text)]
    return (max(found, key=lambda one: one[0])[1], True) if found else (None, False)


def cue_at(text: str, start: int, end: int) -> tuple[Kind | None, bool]:
    """What stands between `start` and `end` is of: "is my card" right behind it, or else the nearest cue before it in
    its sentence."""
    if behind := _BEHIND.match(text[end:]):
        kind, is_cued = cue_before(" ".join(text[end + behind.end() :].split()[:2]))
        if is_cued:
            return kind, True
    return cue_before(_SENTENCE.split(text[:start])[-1][-90:])


def asked_for(question: str) -> tuple[Kind | None, bool]:
    """What an answer to this would be of, and whether it was a question for anything that we know."""
    last = next((part for part in reversed(re.split(r"(?<=[.?!])\s+", plain(question))) if part.endswith("?")), "")
    last = last or plain(question)
    for kind, pattern in _WHOLE:
        if pattern.search(last):
            return kind, True
    return cue_before(last)
