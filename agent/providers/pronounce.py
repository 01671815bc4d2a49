"""Written English into words that a TTS reads as a person would: money, times, dates, long numbers, addresses.

What a number means is left to the text: "order 4571" is spoken as a number, "order 4 5 7 1" digit by digit.
"""

import re
from collections.abc import Callable
from datetime import date
from re import Match

from num2words import num2words

_MINOR = {"$": ("dollar", "cent"), "€": ("euro", "cent"), "£": ("pound", "penny")}
_PLURALS = {"penny": "pence"}
_FIRST_HALF = "January", "February", "March", "April", "May", "June"
_MONTHS = *_FIRST_HALF, "July", "August", "September", "October", "November", "December"


def spoken(text: str) -> str:
    """The text as it should be said."""
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    return " ".join(text.split())


def _say(number: int) -> str:
    return str(num2words(number)).replace("-", " ").replace(",", "")


def _digits(match: Match[str]) -> str:
    return ", ".join(" ".join(_say(int(digit)) for digit in group) for group in re.findall(r"\d+", match[0]))


def _money(match: Match[str]) -> str:
    major, minor = _MINOR[match["sign"]]
    whole, part = int(match["whole"].replace(",", "")), int(match["part"] or 0)
    said = [_counted(whole, major)] if whole or not part else []
    return " and ".join([*said, *([_counted(part, minor)] if part else [])])


def _counted(number: int, unit: str) -> str:
    return f"{_say(number)} {unit if number == 1 else _PLURALS.get(unit, unit + 's')}"


def _time(match: Match[str]) -> str:
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"]
    middle = "" if not minute else f" oh {_say(minute)}" if minute < 10 else f" {_say(minute)}"
    if half:
        return f"{_say(hour)}{middle} {' '.join(half.replace('.', '').upper())}"
    return f"{_say(hour)}{middle or (' o clock' if 0 < hour <= 12 else ' hundred')}"


def _date(match: Match[str]) -> str:
    try:
        day = date.fromisoformat(match[0])
    except ValueError:
        return match[0]
    year = str(num2words(day.year, to="year")).replace("-", " ")
    return f"{_MONTHS[day.month - 1]} {str(num2words(day.day, to='ordinal')).replace('-', ' ')}, {year}"


def _address(match: Match[str]) -> str:
    return match[0].replace("@", " at ").replace(".", " dot ").replace("_", " underscore ").replace("-", " dash ")


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[Match[str]], str]], ...] = (
    (re.compile(r"\*{1,3}|`{1,3}|(?<!\w)_{1,2}|_{1,2}(?!\w)|^#+\s", re.MULTILINE), ""),  # Markdown of a chatty LLM
    (re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]"), ""),  # emoji
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), _address),
    (re.compile(r"(?P<sign>[$€£])\s?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d\d))?(?!\d|\.\d)"), _money),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), _date),
    (re.compile(r"\b(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?:\s?(?P<half>[AaPp]\.?[Mm]\b\.?))?(?!\d|:)"), _time),
    (re.compile(r"\b(?P<hour>\d{1,2})(?P<minute>)\s?(?P<half>[AaPp]\.?[Mm]\b)"), _time),
    (re.compile(r"\b24/7\b"), "twenty four seven"),
    (re.compile(r"#(?=\d)"), "number "),
    (re.compile(r"\+\d+(?:[-\s]\d+)+|\(\d{3}\)\s?\d{3}-\d{4}|\b\d{3}-\d{3,4}(?:-\d{4})?\b"), _digits),  # telephones
    (re.compile(r"(?<![\d.,])(?:0\d+|\d{7,})(?!\d|[.,]\d)"), _digits),  # nobody counts so far: a code
    (re.compile(r"\s&\s"), " and "),
)
