"""Whether somebody wants something done, rather than to know about it: "I need a cleaning", "can I get a crown". A
sentence about cleanings is as near to both as a vector can tell."""

import re

from agent.understanding.reading.words import plain

_WANTS = re.compile(
    r"\b(?:i|we)(?:'d| would|'ll)? (?:(?:really|just|also|still|kind of) )*"
    r"(?:want|need|like|love|wish|prefer|(?:have|am looking|are looking) (?:to|for))\b|"
    r"\b(?:i'm|we're) looking (?:to|for)\b|"
    r"\b(?:can|could|may) (?:i|we) (?:please )?(?:get|have|come in for|book|schedule|arrange)\b"
)
_TO_KNOW = re.compile(
    r"\b(?:know|ask|asking|hear|learn|understand|find out|see (?:if|whether|what|how|which)|"
    r"check (?:if|whether|what|how)|questions?|information|info|details|advice|help with a question|wondering)\b"
)
_IS_IT = re.compile(
    r"^(?:(?:and|so|but|okay|ok|well|um|uh)\b[\s,]*)*(?:do|does|did|is|are|was|has|have|what|what's|which|who|how)\b"
)
_WHETHER = re.compile(r"\b(?:find out|know|tell me|check|see|wondering) (?:if|whether|what|how|which)\b")


def asks_to_know(text: str) -> bool:
    """True for a question about what is, which is no wish for it: "do they have outdoor seating"."""
    said = plain(text)
    return bool(_IS_IT.match(said) or _WHETHER.search(said))


def wants(text: str) -> bool:
    """True when it says what is wanted, and not that something is to be told."""
    said = plain(text)
    return bool(_WANTS.search(said)) and not _TO_KNOW.search(said)
