"""Whether words tell a caller that no person speaks: several laws want that said at the start of a call."""

import re

_AI = re.compile(
    r"\b(?:a\.?\s?i\.?|artificial intelligence)(?=\W|$)|"
    r"\b(?:automated|automatic|virtual|digital|artificial|computer|machine|robotic)\s+(?:\w+\s+)?"
    r"(?:assistant|agent|attendant|system|voice|receptionist|helper|service|operator)\b|"
    r"\b(?:robot|chatbot|voicebot)\b|\bnot (?:a )?(?:real |live )?(?:person|human)\b",
    re.IGNORECASE,
)


def discloses_ai(text: str) -> bool:
    """True when these words say that an AI, or a machine, speaks."""
    return bool(_AI.search(text))
