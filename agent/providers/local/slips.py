"""Slips of Moonshine's tiny-en: what it writes where something else was said. They are its own, so they are mended in
its text alone, before anybody reads it; another STT's text stays as it came.

A slip is mended only where nobody says what was written: at the pause before a value, inside of a number that is asked
for or announced and lacks digits as it is written, or as all that is said over the agent's voice. What may have been
meant is left to understanding/reading/misheard: "D. Ship to Canada" sounds like a declared sentence, "D. Johnson"
like none.
"""

import re
from dataclasses import dataclass

from agent.intent import SlotKind
from agent.understanding.dictation.expected import Expected
from agent.understanding.reading.codes import digits_only, find_codes
from agent.understanding.reading.trailing import THING, promises


@dataclass(frozen=True, slots=True)
class Slip:
    """Where the pattern `written` is found, `said` was said; it may refer to the pattern's groups."""

    written: re.Pattern[str]
    said: str


def _slips(*pairs: tuple[str, str]) -> tuple[Slip, ...]:
    return tuple(Slip(re.compile(written, re.IGNORECASE), said) for written, said in pairs)


_ONES = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
_NUMBER = rf"(?:\d+|{_ONES}|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"

_QUOTES = re.compile(r"(?<!\w)['\"]+|['\"]+(?!\w)")  # around what was said, or the half of it: '"'No,' I said Ray.'
BEFORE_VALUES = _slips(  # "order number", "my e-mail address is info at"
    (rf"\b({THING}[,\s-]+)(?:n[aou]mb?|n[ao]mbers?)(?=\W*$)", r"\1number"),
    (r"\bordered[,\s-]+numb(?=\W*$)", "order number"),
    (
        r"^(my) (?:e-?\s?)?mail addresses (in|is)\b(?! (?:your|the|my|our|this|that|these|those)\b)",
        r"\1 e-mail address is \2",
    ),
)
_COUNTED = r"(?:people|persons|guests|adults|children|seats)"
COUNTS = _slips(  # "make it four people"; "a table for people with dogs" is somebody's question
    (rf"\b((?:make|made) (?:it|that)|(?:we|there|they) ?(?:are|'re|will be|'ll be)) for(?= {_COUNTED}\b)", r"\1 four"),
    (rf"^for(?= {_COUNTED}\W*$)|\bfor(?= of us\b)", "four"),
    (r"\bto(?=[- ]thousand\b)", "two"),  # a year: a range has an "a" or a "one" in it
    (rf"^to(?= {_COUNTED}\W*$)|\bto(?= of us\b)", "two"),
)
COUNT_ALONE = _slips(  # the end of an answer to "how many"; nobody ends one like that
    (r"(^|[,.;]\s*)for(?=\W*$)", r"\1four"),
    (r"(^|[,.;]\s*)(?:to|too)(?=\W*$)", r"\1two"),
)
OVER_AGENT = _slips(  # all that is said
    (r"^(?:anon|and on)\W*$", "Hang on."),
    (r"^step\W*$", "Stop."),
    (r"^(?:time time|i'm (?:fun|h[aou][mn]))\W*$", "Mm-hm."),
    (r"^yet\W*$", "Yep."),
)
IN_DIGITS = _slips(
    (rf"\b({_NUMBER})'s(?=[\s,]+{_NUMBER}\b)", r"\1"),  # "one's zero, zero, six"
    (rf"\b({_NUMBER}[\s,]+)day or(?=[\s,]+zero\b)", r"\1zero"),
)
IN_CODES = _slips(
    (rf"\b({_NUMBER})[,.]?\s+(?:no|or)(?=\s+{_NUMBER}\b)", r"\1 oh"),  # with a comma behind it, "no" corrects
    (rf"\b({_NUMBER}[\s,.]+)free\b", r"\1three"),
    (r"\bit'?s no(?=\W*$)", "it's number"),
)


def mended(text: str, wanted: Expected | None = None, *, is_over_agent: bool = False) -> str:
    """The text as it was said, as far as that is sure. `wanted` is the value that it announces or was asked for."""
    kind = wanted.kind if wanted else None
    text = _QUOTES.sub("", text)
    if kind is not SlotKind.NAME:  # somebody is called Nam
        text = _applied(COUNTS, _applied(BEFORE_VALUES, text))
    if is_over_agent:
        text = _applied(OVER_AGENT, text)
    if kind is SlotKind.NUMBER:
        text = _applied(COUNT_ALONE, text)
    if wanted and kind in {SlotKind.CODE, SlotKind.PHONE}:
        text = _completed(IN_DIGITS, text, wanted, may_join=False)
    if wanted and kind is SlotKind.CODE:
        text = _completed(IN_CODES, text, wanted, may_join=True)
    return text


def _completed(slips: tuple[Slip, ...], text: str, wanted: Expected, *, may_join: bool) -> str:
    """Mended where it lacks digits as it is written and makes a value, or the beginning of one, as it was said. With
    `may_join` digits count together that have other words between them: "four or five, seven, one" is whole."""
    low, high = wanted.min_length, wanted.max_length
    said = _applied(slips, text)
    if said == text or find_codes(text, low, high, may_join).values:
        return text
    meant = find_codes(said, low, high, is_answer=True)
    is_value = meant.values or (meant.partial and digits_only(said)) or promises(said)
    return said if is_value else text


def _applied(slips: tuple[Slip, ...], text: str) -> str:
    for slip in slips:
        text = slip.written.sub(slip.said, text)
    return text
