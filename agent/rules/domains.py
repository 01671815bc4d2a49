"""The ends of domains as they are meant: an STT hears "con" and "orc", and no domain ends on these."""

import re

_MISHEARD = {"con": "com", "tom": "com", "come": "com", "calm": "com", "comb": "com", "orc": "org", "ork": "org"}
_END = re.compile(rf"((?:@|\bat\b)[^@]*?(?:\.|\bdot ))({'|'.join(_MISHEARD)})\b(?! at\b|@)", re.IGNORECASE)


def as_meant(text: str) -> str:
    """The text with the domains in it that there are: "at example dot con" is "at example dot com"; in front of the
    "at", where people are called Tom, nothing changes."""
    return _END.sub(lambda end: end[1] + _MISHEARD[end[2].lower()], text)
