"""Written dates and times as words: "2026-11-21", "March 5th", "5/3/2026", "Mon-Fri", "9am-5pm", "17:00"."""

import re
from datetime import date
from re import Match

from agent.speaking.amounts import cardinal, ordinal, year

_FIRST_HALF = "January", "February", "March", "April", "May", "June"
MONTHS = *_FIRST_HALF, "July", "August", "September", "October", "November", "December"
_DAYS = "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
_BY_SHORT = {month[:3]: month for month in MONTHS} | {"Sept": "September"}
_MONTH = rf"(?P<month>{'|'.join(MONTHS)}|(?:{'|'.join(['Sept', *_BY_SHORT])})\b\.?)"
_YEAR = r"(?P<year>(?:1[1-9]|20)\d\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_TO_DAY = r"(?:\s?[-\u2013\u2014]\s?(?P<last>[0-3]?\d)(?:st|nd|rd|th)?)?"
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s{_DAY}{_TO_DAY}\b(?!:|\s?[ap]\.?m\b|\d)(?:,?\s{_YEAR}\b)?")
_DAY_FIRST = re.compile(rf"\b(?P<the>[Tt]he\s)?{_DAY}{_TO_DAY}\s(?:of\s)?{_MONTH}(?!\w)(?:,?\s{_YEAR}\b)?")
_MONTH_YEAR = re.compile(rf"\b{_MONTH}\s{_YEAR}\b")
_ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)(?!\d)(?:T(?=\d\d:\d\d))?")
_ZULU = re.compile(r"(?<=\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z\b")
_NUMERIC = re.compile(
    r"(?<![\w/.-])(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:19|20)\d\d|\d\d)(?![\w/-]|\.\d)"
)
_SHORT_DAY = r"Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun"
_ANY_DAY = rf"(?:{_SHORT_DAY})\b\.?|{'|'.join(_DAYS)}"
_DAY_RANGE = re.compile(rf"\b(?P<a>{_ANY_DAY})\s?[-\u2013\u2014]\s?(?P<b>{_ANY_DAY})(?!\w)")
_DAYS_LISTED = re.compile(
    rf"\b(?:{_ANY_DAY})(?:(?:\s?[,&/+]\s?|,?\s(?:and|or|to|through|until)\s|,\s?(?:and|or|&)\s)(?:{_ANY_DAY})(?!\w))+"
)
_DOTTED_DAY = re.compile(r"\b(?P<day>Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun)\.(?=,?\s(?:[a-z\d]|at\b|from\b))")
_DAY_BEFORE_DATE = re.compile(rf"\b(?P<day>{_SHORT_DAY})\b\.?(?=,?\s(?:\d|{'|'.join(_BY_SHORT)}))")
_HALF = r"(?P<half>[AaPp](?:\.[Mm]\.|\.?[Mm]\b))"
_DASH = r"\s?[-\u2013\u2014]\s?"
_TIME_RANGE = re.compile(
    rf"(?<=[\dmM.]){_DASH}(?=\d{{1,2}}(?::\d\d|\s?[AaPp]\.?[Mm]\b))|(?<=[AaPp][Mm]){_DASH}(?=\d)|(?<=:\d\d){_DASH}(?=\d)"
)
_CLOCK = re.compile(rf"\b(?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?!\d|:)(?:\s?{_HALF})?")
_HOUR = re.compile(rf"\b(?P<hour>\d{{1,2}})(?P<minute>)\s?{_HALF}")
_O_CLOCK = " o'clock"
_NEW_SENTENCE = re.compile(r"\s+[A-Z](?!\w*day\b)|\s*$")


def dates(text: str, locale: str) -> str:
    """Every date; numbers between slashes are month first in en-US and day first elsewhere."""
    text = _DAY_RANGE.sub(lambda m: f"{_day(m['a'])} to {_day(m['b'])}", text)
    text = _DAYS_LISTED.sub(lambda m: re.sub(_ANY_DAY, lambda day: _day(day[0]), m[0]), text)
    text = _DOTTED_DAY.sub(lambda m: _day(m["day"]), text)
    text = _DAY_BEFORE_DATE.sub(lambda m: _day(m["day"]), text)
    text = _ISO.sub(lambda m: _written(m[0], int(m[1]), int(m[2]), int(m[3])), _ZULU.sub("", text))
    text = _NUMERIC.sub(lambda m: _numeric(m, locale), text)
    text = _MONTH_FIRST.sub(lambda m: _named(m, is_day_first=False), text)
    text = _DAY_FIRST.sub(lambda m: _named(m, is_day_first=True), text)
    return _MONTH_YEAR.sub(lambda m: f"{_month(m['month'])} {year(int(m['year']))}", text)


def times(text: str) -> str:
    """Every time of day."""
    text = _TIME_RANGE.sub(" to ", text)
    for pattern in (_CLOCK, _HOUR):
        text = pattern.sub(_time, text)
    return text


def _day(written: str) -> str:
    return next(day for day in _DAYS if day.startswith(written[:3]))


def _month(written: str) -> str:
    return _BY_SHORT[written[:3]]


def _written(written: str, in_year: int, month: int, day: int) -> str:
    try:
        date(in_year, month, day)
    except ValueError:
        return written
    return f"{MONTHS[month - 1]} {ordinal(day)}, {year(in_year)} "


def _numeric(match: Match[str], locale: str) -> str:
    a, b, in_year = int(match["a"]), int(match["b"]), int(match["year"])
    in_year += 2000 if in_year < 70 else 1900 if in_year < 100 else 0  # as people shorten years
    month, day = (a, b) if locale == "en-US" and match["mark"] != "." else (b, a)
    if month > len(MONTHS):
        month, day = day, month
    return _written(match[0], in_year, month, day).rstrip()


def _named(match: Match[str], *, is_day_first: bool) -> str:
    days = [int(day) for day in (match["day"], match["last"]) if day]
    if not all(1 <= day <= 31 for day in days):  # days of a month
        return match[0]
    said = " to ".join(ordinal(day) for day in days)
    month = _month(match["month"])
    said = f"{match['the'] or 'the '}{said} of {month}" if is_day_first else f"{month} {said}"
    return f"{said}, {year(int(match['year']))}" if match["year"] else said


def _time(match: Match[str]) -> str:
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"]
    middle = "" if not minute else f" oh {cardinal(str(minute))}" if minute < 10 else f" {cardinal(str(minute))}"
    if half:
        is_end = half.endswith(".") and _NEW_SENTENCE.match(match.string, match.end())
        return f"{cardinal(str(hour))}{middle} {' '.join(half.replace('.', '').upper())}{'.' if is_end else ''}"
    return f"{cardinal(str(hour))}{middle or (_O_CLOCK if 0 < hour <= 12 else ' hundred')}"
