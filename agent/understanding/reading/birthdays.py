"""The day somebody was born, as they say it: "the fifth of March eighty-five", "oh three oh five eighty-five".

Always in the past, unlike the dates of when.py. What a number without a month means depends on the country.
"""

import re
from contextlib import suppress
from datetime import date

from agent.language.en.calendar_words import MONTHS, with_ordinals
from agent.understanding.reading.words import plain, with_digits

_OLDEST = 125
_YEAR = r"(?P<year>(?:19|20) ?\d\d|'?\d\d(?! ?\d))"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NO_CENTURY = r"(?!(?:19|20)\s+\d\d\b)"  # "February nineteen ninety-nine" has no day
_FORMS = tuple(
    re.compile(rf"\b{form}\b")
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        rf"{_NTH}[\s,]+(?:day of |of |the )?(?P<month>{MONTHS})\.?[\s,]+(?:of )?(?:in )?{_YEAR}",
        rf"(?P<month>{MONTHS})\.?[\s,]+(?:the )?{_NO_CENTURY}{_NTH}[\s,]+(?:of )?(?:in )?{_YEAR}",
        rf"(?P<year>(?:19|20)\d\d)[\s,]+(?:on )?(?:the )?{_NTH}[\s,]+(?:of )?(?P<month>{MONTHS})",
        rf"(?P<year>(?:19|20)\d\d)[\s,]+(?:on )?(?P<month>{MONTHS})\.?[\s,]+(?:the )?{_NTH}",
    )
)
_NUMBERS = re.compile(rf"\b(?P<one>\d{{1,2}})[\s/.-]+(?P<two>\d{{1,2}})[\s/.-]+{_YEAR}\b")
_KEYED = re.compile(r"[\W_]*(?P<eight>\d{8})[\W_]*")  # and nothing else: "07141979", as a keypad has it
_MONTH_STARTS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def find_birth_date(text: str, today: date, *, is_day_first: bool = False) -> date | None:
    """The last whole date said that somebody alive can be born on; None without one. A year is needed.

    `is_day_first` reads 3/5/85 as the third of May; the other way is tried when only that is a date.
    """
    spoken = with_ordinals(with_digits(plain(text).replace(" hundred and ", " ").replace(" hundred ", " ")))
    if match := _last_form(spoken):
        return _day(match["year"], _month(match["month"]), match["day"], today)
    if keyed := _KEYED.fullmatch(spoken):
        return _keyed(keyed["eight"], today, is_day_first=is_day_first)
    numbers = [match.groupdict() for match in _NUMBERS.finditer(spoken)]
    if not numbers:
        return None
    one, two, year = numbers[-1]["one"], numbers[-1]["two"], numbers[-1]["year"]
    return _in_order(one, two, year, today, is_day_first=is_day_first)


def _in_order(one: str, two: str, year: str, today: date, *, is_day_first: bool) -> date | None:
    """Of month and day in the country's order, else in the other."""
    orders = ((two, one), (one, two)) if is_day_first else ((one, two), (two, one))
    return next((day for month, nth in orders if (day := _day(year, int(month), nth, today))), None)


def _keyed(eight: str, today: date, *, is_day_first: bool) -> date | None:
    """Two figures for the month, two for the day, four for the year, or the year first; whichever is a date."""
    year_last = _in_order(eight[:2], eight[2:4], eight[4:], today, is_day_first=is_day_first)
    return year_last or _day(eight[:4], int(eight[4:6]), eight[6:], today)


def without_birth_dates(text: str) -> str:
    """The text with spoken numbers as digits and a full stop in place of each date, so that no year is taken for a
    code."""
    spoken = with_ordinals(with_digits(plain(text).replace(" hundred and ", " ").replace(" hundred ", " ")))
    for form in (*_FORMS, _NUMBERS):
        spoken = form.sub(". ", spoken)
    return spoken


def _last_form(spoken: str) -> re.Match[str] | None:
    """The last date with its month in words; "march 19 85" is none inside "5th march 19 85"."""
    last: re.Match[str] | None = None
    found = [match for form in _FORMS for match in form.finditer(spoken)]
    for match in sorted(found, key=lambda one: one.start()):
        if last is None or match.start() >= last.end():
            last = match
    return last


def _month(said: str) -> int:
    return int(said) if said.isdigit() else _MONTH_STARTS.index(said[:3]) + 1


def _day(year: str, month: int, day: str, today: date) -> date | None:
    """The date in its century: of two digits, the latest that is not to come."""
    figures = int(re.sub(r"\D", "", year))
    years = (figures,) if figures > 99 else (2000 + figures, 1900 + figures)
    for candidate in years:
        with suppress(ValueError):
            born = date(candidate, month, int(day))
            if born <= today and today.year - born.year <= _OLDEST:
                return born
    return None
