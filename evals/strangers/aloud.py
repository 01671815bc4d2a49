"""A written sentence as its caller says it: figures one by one, but for days, sums and counts; no sign and no digit is
left for a voice to guess at."""

import re

from agent.speaking.pronounce import spoken

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_FIGURES = re.compile(
    rf"(?P<kept>(?:{_MONTHS})(?: \d{{1,2}}(?:st|nd|rd|th)?,?)? \d{{4}}\b"  # a day with its year
    r"|\$[\d,]+|\b[\d,]+ (?:dollars|bucks)\b"
    r"|\(?\b\d{3}\)?[ -]?\d{3}[ -]?\d{4}\b)"  # a telephone number, which is said in groups
    r"|\b(?P<hour>1[3-9]|2[0-3]):(?P<minute>[0-5]\d)\b"
    r"|(?P<code>\b\d{3,}\b)"
)


def aloud(sentence: str) -> str:
    """The words of it: letters, spaces and .,?!'- only."""
    return spoken(_FIGURES.sub(_said, sentence))


def _said(found: re.Match[str]) -> str:
    if found["kept"]:
        return found["kept"]
    if found["hour"]:  # "20:00" is written; nobody says twenty hundred at a restaurant
        return f"{int(found['hour']) - 12}:{found['minute']} pm"
    return " ".join(found["code"])
