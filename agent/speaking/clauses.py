"""Text into the clauses that a TTS speaks one at a time: short enough that the first is heard at once."""

import re

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])|\n+")
_SHORTENED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Ave|Blvd|Rd|Apt|Jr|Sr|Inc|Ltd|Corp|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|vs|etc|approx|sq|ft|"
    r"e\.g|i\.e|a\.m|p\.m|(?<![AP] )[A-Z])\.$"
)
_BEFORE_NUMBER = re.compile(  # "No. 5" goes on, "I said no." is over
    r"\b(?:[Nn]os?|Rs|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|[Ee]xt|[Tt]el|[Vv]ol|est|ca|Ste|Fig|pp?)\.$"
)
_MARK = re.compile(r"(?<=[,;:])\s+|\s+[\u2013\u2014-]\s+")
_JOINT = re.compile(r"\s+(?=(?:and|but|or|because|so|which|that|if|when)\s)")
_SEAM = re.compile(r"\s+(?=(?:at|by|for|from|in|on|until|with|within)\s)")
LONGEST_WORDS = 14  # a slow voice needs 0.2 s for so many; a longer clause would delay its own first sound
_SHORTEST_WORDS = 4
OPENING_WORDS = 7
_FEWEST_WORDS = 4  # fewer would be over before the next clause is made


def clauses(text: str, *, is_opening: bool = False) -> list[str]:
    """The text's sentences, long ones cut where a speaker would breathe. Joined by spaces they are the text again.

    With `is_opening` the first is shorter still: a reply is heard as soon as its first clause is made.
    """
    found = [clause for sentence in sentences(text) for clause in _cut(sentence)]
    return [*_opened(found[0]), *found[1:]] if is_opening and found else found


def sentences(text: str) -> list[str]:
    """The text at its sentence ends; "Dr. No. 4" is one."""
    found: list[str] = []
    for part in _SENTENCE_END.split(text):
        if found and is_shortened(found[-1], part):
            found[-1] = f"{found[-1]} {part.strip()}"
        elif part.strip():
            found.append(part.strip())
    return found


def begun(written: str) -> list[str]:
    """The whole sentences of what was written so far, and last the one that may still go on."""
    found = sentences(written)
    if not found:
        return [written]
    gap = written[len(written.rstrip()) :]  # the next piece may begin in the middle of a word or after a space
    return [*found[:-1], found[-1] + gap]


def is_shortened(before: str, after: str) -> bool:
    """True when the dot that ends `before` belongs to an abbreviation that goes on in `after`."""
    is_number = after.lstrip()[:1].isdigit()
    return bool(_SHORTENED.search(before) or (is_number and _BEFORE_NUMBER.search(before)))


def _opened(clause: str) -> list[str]:
    """A first clause of more than a breath in two: at its first mark, else conjunction, else preposition."""
    if len(clause.split()) <= OPENING_WORDS:
        return [clause]
    for most, patterns in ((OPENING_WORDS, (_MARK, _JOINT, _SEAM)), (LONGEST_WORDS, (_MARK, _JOINT))):
        for gap in (gap for pattern in patterns for gap in pattern.finditer(clause)):
            head, rest = clause[: gap.start()], clause[gap.end() :]
            if _FEWEST_WORDS <= len(head.split()) <= most and len(rest.split()) >= _FEWEST_WORDS:
                return [head, rest]
    return [clause]


def _cut(sentence: str) -> list[str]:
    """At its marks first; what is still long at its conjunctions; what is still long anywhere."""
    marked = _cut_at(_MARK, sentence)
    joined = [piece for part in marked for piece in _cut_at(_JOINT, part)]
    return [piece for part in joined for piece in _broken(part)]


def _cut_at(pattern: re.Pattern[str], text: str) -> list[str]:
    parts: list[str] = []
    for part in pattern.split(text):
        if parts and _belongs(parts[-1], part):
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts.append(part)
    return parts


def _belongs(before: str, after: str) -> bool:
    """True while the two together are still quick to say, or one of them is too short to stand alone."""
    words = len(before.split()), len(after.split())
    return sum(words) <= LONGEST_WORDS or min(words) < _SHORTEST_WORDS


def _broken(clause: str) -> list[str]:
    """A clause without any mark in it, in pieces of at most twice the wanted length: better than a long silence."""
    words = clause.split()
    most = LONGEST_WORDS * 2
    return [" ".join(words[i : i + most]) for i in range(0, len(words), most)]
