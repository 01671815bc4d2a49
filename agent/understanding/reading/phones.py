"""A telephone number as callers give it: in pieces, the area code behind it, with a piece said again. A number that may
be two, or that lacks its end, is none: it is asked for again."""

import re
from collections.abc import Iterator
from contextlib import suppress

import phonenumbers

from agent.understanding.reading.codes import MARKERS, find_codes, sounds_as_digits
from agent.understanding.reading.trailing import is_aside
from agent.understanding.reading.words import with_digits

SHORTEST, LONGEST = 7, 15
_LOCAL, _NATIONAL = 7, 10
_LABEL = r"\b(?:with |and )?(?:the |my )?{} code(?: is| was| of| (?:would|will|should) be|'s|:)?[\s,]*"
_AREA = re.compile(_LABEL.format("area") + r"(?P<digits>\d(?:[\s-]?\d){1,4})\b(?P<more>[\s-]+\d)?")
_COUNTRY = re.compile(_LABEL.format("country") + r"(?:plus |\+)?(?P<digits>\d(?:[\s-]?\d){0,2})\b(?P<more>(?!))?")
_EXTENSION = re.compile(r"[\s,]*\b(?:extension|ext)\.?(?: number)?[\s:]*\d[\d\s]*.*$")
_AGAIN = re.compile(rf"(?:[\s,.]*\b(?:{MARKERS}|oops|hang on|hold on|let me start over)\b[\s,.]*)+(?=\D{{0,12}}\d)")
_CHOICE = re.compile(r"\d[\s,]+or(?: maybe| is it| it's)?[\s,]+[\d(]")
_PLUS = re.compile(r"\+\s?\d|\bplus\b")
_AREA_SIZE = 3
_PLAN = "US"  # numbers of ten digits without a country's code are North America's


def find_phone(text: str, shortest: int = SHORTEST, longest: int = LONGEST, *, is_answer: bool = False) -> str | None:
    """Its digits in the order of the number, with a + in front where one was said, or the country's code by its name;
    None when none was said, or not all of it. Which country a number without + is in, nobody said."""
    spoken = _EXTENSION.sub("", re.sub(r"[()]", " ", with_digits(text)))
    if is_answer:
        spoken = sounds_as_digits(spoken)
    if _CHOICE.search(spoken) or is_aside(_behind(spoken)):
        return None
    country, rest = _taken(_COUNTRY, spoken)
    area, rest = _taken(_AREA, rest)
    is_international = bool(country or _PLUS.search(rest))
    if area or country or (is_answer and _AGAIN.search(rest)):
        number = _joined(country, area, rest)
    else:
        number = find_codes(rest, max(shortest, SHORTEST), min(longest, LONGEST), is_answer).last or ""
    is_whole = max(shortest, SHORTEST) <= len(number) <= min(longest, LONGEST)
    if not is_whole or not (is_international or _may_be(number)):
        return None
    return f"+{number}" if is_international else number


def area_last(local: str, area: str) -> str:
    """A local number with the area code that was said behind it; "" where the digits are a number as they were said,
    or are none in either order."""
    if (len(local), len(area)) != (_LOCAL, _AREA_SIZE) or _is_assigned(local + area):
        return ""
    return area + local if _is_assigned(area + local) else ""


def _is_assigned(number: str) -> bool:
    with suppress(phonenumbers.NumberParseException):
        return phonenumbers.is_valid_number(phonenumbers.parse(number, _PLAN))
    return False


def _may_be(number: str) -> bool:
    """Whether there is a number of so many digits: a local one, one with its area, or with its country's code."""
    if len(number) in {_LOCAL, _NATIONAL} or (len(number) == _NATIONAL + 1 and number[0] in "01"):
        return True
    if len(number) <= _NATIONAL + 1:
        return False  # a local number and half of an area code, or a digit that got lost
    with suppress(phonenumbers.NumberParseException):
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{number}"))
    return False


def _behind(spoken: str) -> str:
    """What was said after the last digit."""
    return spoken[max((match.end() for match in re.finditer(r"\d", spoken)), default=0) :]


def _taken(label: re.Pattern[str], spoken: str) -> tuple[str, str]:
    """The digits that are named so, and the words without them. Of a longer row the first three are an area code."""
    match = label.search(spoken)
    if match is None:
        return "", spoken
    digits, end = match["digits"], match.end("digits")
    if match["more"]:
        ends = [at.end() for at in re.finditer(r"\d", digits)]
        end = match.start("digits") + ends[min(_AREA_SIZE, len(ends)) - 1]
        digits = spoken[match.start("digits") : end]
    return re.sub(r"\D", "", digits), f"{spoken[: match.start()]}, {spoken[end:]}"


def _joined(country: str, area: str, rest: str) -> str:
    """All of it in order: what is dialled before an area code stays before it."""
    pieces = _AGAIN.split(rest)
    digits = _pieces(pieces[0])
    for piece in pieces[1:]:
        digits = _said_again(digits, _pieces(piece), len(area))
    if sum(map(len, digits)) >= _NATIONAL:
        area = ""  # "area code 904, sorry, 940 555 0121"
    if area and len(digits) > 1 and len(digits[0]) <= _AREA_SIZE and _PLUS.search(rest):
        return digits[0] + area + "".join(digits[1:])  # "plus one, area code 713, 555 0127"
    return country + area + "".join(digits)


def _pieces(spoken: str) -> list[str]:
    """The digits as they were grouped: by commas and words."""
    return [found for part in re.split(r"[,.;]|[a-z]+", spoken) if (found := re.sub(r"\D", "", part))]


def _said_again(before: list[str], again: list[str], known: int) -> list[str]:
    """The number with the end said anew: from the place that makes it as long as a number is."""
    whole = "".join(again)
    for kept in _beginnings(before):
        size = len(kept) + len(whole) + known
        if size == _NATIONAL or (size == _NATIONAL + 1 and not known and f"{kept}{whole}"[0] in "01"):
            return [kept, *again] if kept else again
    return again if len(whole) + known >= SHORTEST else [*before[:-1], *again]


def _beginnings(pieces: list[str]) -> Iterator[str]:
    """What may be kept of the pieces: whole ones first, the longest before the shorter."""
    for count in range(len(pieces) - 1, -1, -1):
        yield "".join(pieces[:count])
    digits = "".join(pieces)
    yield from (digits[:end] for end in range(len(digits) - 1, 0, -1))
