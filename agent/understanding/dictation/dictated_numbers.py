"""Whether a code, a telephone number or a quantity was dictated to its end, by length and last word."""

import re

from agent.understanding.dictation.expected import Expected
from agent.understanding.reading.spelling import spelled
from agent.understanding.reading.trailing import (
    NONE,
    OPEN,
    UNFINISHED,
    WHOLE,
    Completeness,
    Tail,
    before_value,
    ends_round,
    promises,
    tail,
)
from agent.understanding.reading.words import NOISES

_NATIONAL = 10  # digits in most countries, without the 0 or 1 in front
_LOCAL = 7
_LONGEST_PHONE = {"1": 11, "7": 11, "44": 12, "91": 12, "33": 11, "34": 11, "49": 13, "61": 11}
_LEADS_TO_CODE = re.compile(
    r"is|it's|was|number|code|orders?|reference|account|bookings?|reservations?|tickets?|cases?|invoices?|pin|id|with|"
    r"digits|um|uh|policy|claim|phone|be|at|on|call|in"
)


def judge_code(said: str, wanted: Expected) -> Completeness:
    """By its length; "double", "and" or "no" at the end ask for more."""
    if wanted.has_letters and (signs := spelled(said)):
        return _by_length(len(signs), wanted)
    found = tail(said)
    if len(found.digits) < wanted.min_length:
        sounds = tail(said, with_homophones=True)
        found = sounds if len(sounds.digits) <= wanted.max_length else found
    if not found.groups:
        return _promised(said)
    if found.goes_on or _is_quantity(found):
        return NONE
    if found.hangs:
        return OPEN if found.hangs in NOISES and _by_length(len(found.digits), wanted) is WHOLE else UNFINISHED
    judged = _by_length(len(found.digits), wanted)
    if judged is UNFINISHED and _may_be_end(found, wanted):
        return OPEN  # "no, seven one" may mean the end of the number before
    return OPEN if judged is WHOLE and ends_round(said, found.groups) else judged


def _may_be_end(found: Tail, wanted: Expected) -> bool:
    """A correction after a whole number, or of one that the agent said, unless it begins like that number."""
    is_whole = not found.previous or len(found.previous) >= wanted.min_length
    return found.is_correction and is_whole and not (found.previous and found.previous.startswith(found.digits))


def _by_length(size: int, wanted: Expected) -> Completeness:
    """Two whole codes one after the other are whole as well."""
    if size < wanted.min_length:
        return UNFINISHED
    if wanted.min_length == wanted.max_length:
        return WHOLE if size % wanted.max_length == 0 else OPEN
    return WHOLE if size >= wanted.max_length else OPEN


def _promised(said: str) -> Completeness:
    return UNFINISHED if promises(said) else before_value(said)


def _is_quantity(found: Tail) -> bool:
    """ "I ordered two": one short number after other words that do not lead to a code."""
    is_short = len(found.groups) == 1 and len(found.digits) < 3  # fewer are a day, a count
    return found.has_other and is_short and not found.previous and not _LEADS_TO_CODE.fullmatch(found.before)


def judge_phone(said: str, wanted: Expected) -> Completeness:
    """Ten digits are whole, or eleven with the 0 or 1 in front; with a country's code as many as it has."""
    found = tail(said)
    if not found.groups:
        return _promised(said)
    if found.goes_on or _is_quantity(found):
        return NONE
    if found.hangs and not (found.hangs in NOISES and len(found.digits) >= _NATIONAL):
        return UNFINISHED
    is_declared = (wanted.min_length, wanted.max_length) != (7, 15)
    return _by_length(len(found.digits), wanted) if is_declared else _by_country(found.digits, said)


def _by_country(digits: str, said: str) -> Completeness:
    if len(digits) < _LOCAL:
        return UNFINISHED
    if "plus" in said or "+" in said:
        longest = next((n for code, n in _LONGEST_PHONE.items() if digits.startswith(code)), 12)
    else:
        longest = _NATIONAL + (digits[0] in "01")
    return WHOLE if len(digits) >= longest else OPEN


def judge_number(said: str) -> Completeness:
    """A quantity: whole at once, unless "twenty" may become "twenty-five"."""
    found = tail(said)
    if not found.groups:
        return before_value(said)
    if found.goes_on:
        return NONE
    if found.hangs:
        return UNFINISHED
    return OPEN if ends_round(said, ()) else WHOLE
