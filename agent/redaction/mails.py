"""E-mail addresses in a sentence: written, dictated, spelled, and as speech recognition mishears them."""

import re
from collections.abc import Iterator

from agent.redaction.figures import EMAIL

_EMAIL_BEFORE = re.compile(r"\be-?mail(?: address)?(?:\s+is|'s|:)\s+(?P<rest>(?:[\w'.-]+[\s,]+){1,6})$", re.IGNORECASE)
# "… underscore seven seven at mail.example.net": a host as it is written, behind what only an address has
_AT_WRITTEN = re.compile(
    r"(?:(?<=\be-mail is\s)|(?<=\bemail is\s)|[\w+-]+\s+(?:underscore|dash|hyphen|dot|plus)\s)"
    r"[^.?!]{0,60}?\bat\s+[\w-]+(?:\.[a-z]{2,})+",
    re.IGNORECASE,
)
_SPELLED_BEFORE = re.compile(r"(?<![\w'\u2019])\w(?:[\s,.-]+\w(?!\w))+(?=(?:[\s,]+\w{2,4}){0,2}[\s,]*$)")
_HOSTS = "gmail|google ?mail|hotmail|outlook|yahoo|icloud|proton(?:mail)?|aol|gmx|live|msn"
_AT_HOST = re.compile(
    rf"(?:\b\w\s+)*\b[\w+.-]+(?:\s+(?:dot|underscore|dash|hyphen|plus)\s+[\w+-]+)*\s+at\s+(?:{_HOSTS})\b", re.I
)
# "maria.lopez at example.com": only the sign was heard as a word
_AT_ALONE = re.compile(r"\b[a-z][\w+-]*(?:\.[\w+-]+)+\s+at\s+[\w-]+(?:\.[a-z]{2,})+", re.IGNORECASE)
_HOST = re.compile(r"\bat\b.*\b(?:dot|point|period)\b|\bat\s+\w+$|\bat\s+[\w-]+\.[\w.-]+$", re.IGNORECASE)


def mails(text: str) -> Iterator[tuple[int, int]]:
    """Where each stands; what was said of it before its host may be another stretch."""
    for pattern in (EMAIL, _AT_WRITTEN, _AT_HOST, _AT_ALONE):
        for match in (one for one in pattern.finditer(text) if _is_address(one[0])):
            yield match.span()
            if before := _EMAIL_BEFORE.search(text[: match.start()]):  # "my email is quentin dot oss, good at": of it
                yield before.start("rest"), match.start()
            elif before := _SPELLED_BEFORE.search(text[: match.start()]):  # "W I L B, you are at": its beginning
                yield before.span()


def _is_address(said: str) -> bool:
    """Not "look at example": a dictated address has a dot in its host, or a host that everybody knows."""
    return "@" in said or bool(_HOST.search(said))
