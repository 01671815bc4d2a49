"""Which days are meant by "last month", "in March", "since January", "2025" ... as people ask about their spending.

Past periods only, by calendar: a month without a year is the latest that has begun.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_BEFORE_MAY = "|".join(f"(?<={word} )" for word in ("in", "of", "and", "to", "with", "since", "for", "last", "from"))
_MAY = rf"(?:{_BEFORE_MAY})may|may(?= 20\d\d)"  # "may I" is none
_MONTH = rf"(?:{'|'.join(name for name in _MONTHS if name != 'may')}|{_MAY})"
_YEAR = r"20\d\d"
_DAY = r"20\d\d-\d\d-\d\d"
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS = {word: str(number) for number, word in enumerate(_NUMBERS, 2)}
_PAIR = re.compile(r"\b20 (?=[0-3]\d\b)")  # "twenty twenty-four", with its numbers as digits
_COUNT = re.compile(rf"\b({'|'.join(_WORDS)})(?= (?:day|week|month|year)s\b)")
_OF_YEAR = rf"(?:,? (?:of )?(?P<{{}}>{_YEAR}|(?:last|this) year))?"
_PERIOD = re.compile(
    r"\b(?P<since>(?:since|starting|beginning)(?: from| in| with)? (?:the )?(?:(?:start|beginning) of )?)?"
    rf"(?:(?P<first>{_DAY}) (?:to|until|till|through|and) (?P<final>{_DAY})"
    rf"|from (?P<begin>{_MONTH}) (?:to|until|till|through) (?P<end>{_MONTH}|may){_OF_YEAR.format('endyear')}"
    rf"|from (?:(?P<open>{_MONTH}){_OF_YEAR.format('openyear')}|(?P<openonly>{_YEAR}))"
    r" (?:on(?:ward|wards)?|(?:to|until|till|up to) (?:now|today|date))"
    rf"|(?:the )?(?:last|past) (?P<count>\d{{1,3}}) (?P<unit>day|week|month|year)s?"
    rf"|(?P<which>this|last|past|previous) (?P<span>week|month|year)"
    rf"|(?P<before>(?:the )?year before last)"
    rf"|(?P<day>today|yesterday)"
    rf"|(?:(?:last|past|this) )?(?P<month>{_MONTH}){_OF_YEAR.format('year')}"
    rf"|(?P<only>{_YEAR}))\b"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` to `until`, both included; `said` is how a caller calls it, "" when its dates say it better."""

    since: date
    until: date
    said: str = ""

    def before(self) -> "Period":
        """The period of the same kind right before it: of a month the month before, of a year the year before."""
        last = self.since - timedelta(days=1)
        if self.since.day == 1 and self.since.month == 1 and (self.until - self.since).days > 31:
            return Period(last.replace(month=1, day=1), last)
        if self.since.day == 1 and self.until.month == self.since.month:
            return Period(last.replace(day=1), last)
        return Period(last - (self.until - self.since), last)


def find_periods(text: str, today: date) -> tuple[Period, ...]:
    """All periods of a text in the order said; years must be digits, "2024" or "20 24"."""
    found = (_period(match, today) for match in _PERIOD.finditer(_plain(text)))
    return tuple(period for period in found if period is not None)


def without_periods(text: str) -> str:
    """The text's other words, in lower case."""
    return " ".join(_PERIOD.sub(" ", _plain(text)).split())


def _plain(text: str) -> str:
    said = _PAIR.sub("20", " ".join(text.lower().split()))
    return _COUNT.sub(lambda match: _WORDS[match[1]], said)


def _period(match: re.Match[str], today: date) -> Period | None:
    found = next(read for name, read in _READERS if match[name])(match, today)
    return Period(found.since, max(found.since, today)) if found and match["since"] else found


def _between(match: re.Match[str], _: date) -> Period | None:
    """As a large model writes it; the days may be none, or the wrong way round."""
    with suppress(ValueError):
        since, until = sorted(date.fromisoformat(match[name]) for name in ("first", "final"))
        return Period(since, until)
    return None


def _from_month_to_month(match: re.Match[str], today: date) -> Period:
    until = _of_month(match["end"], match["endyear"], today).until
    begin = _MONTHS.index(match["begin"]) + 1
    return Period(date(until.year - (begin > until.month), begin, 1), until)


def _counted(match: re.Match[str], today: date) -> Period:
    count, unit = max(int(match["count"]), 1), match["unit"]
    days = {"day": count, "week": 7 * count}.get(unit)
    since = today - timedelta(days=days - 1) if days else _months_before(today, count * (12 if unit == "year" else 1))
    return Period(since, today, f"in the last {count} {unit}{'' if count == 1 else 's'}")


def _spanned(match: re.Match[str], today: date) -> Period:
    start = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[match["span"]]
    if match["which"] == "this":
        return Period(start, today, f"this {match['span']}")
    until = start - timedelta(days=1)
    since = {"week": start - timedelta(days=7), "month": until.replace(day=1), "year": until.replace(month=1, day=1)}
    return Period(since[match["span"]], until, f"last {match['span']}")


def _day(match: re.Match[str], today: date) -> Period:
    day = today if match["day"] == "today" else today - timedelta(days=1)
    return Period(day, day, match["day"])


def _from(match: re.Match[str], today: date) -> Period:
    only = match["openonly"]
    begun = _of_year(int(only), today) if only else _of_month(match["open"], match["openyear"], today)
    return Period(begun.since, max(begun.since, today))


def _of_month(name: str, year: str | None, today: date) -> Period:
    month = _MONTHS.index(name) + 1
    named = {"this year": today.year, "last year": today.year - 1}
    chosen = named.get(year) or int(year) if year else today.year - (month > today.month)
    until = date(chosen, month, monthrange(chosen, month)[1])
    return Period(until.replace(day=1), min(until, max(today, until.replace(day=1))))


def _of_year(year: int, today: date) -> Period:
    return Period(date(year, 1, 1), min(date(year, 12, 31), max(today, date(year, 1, 1))))


def _months_before(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    year = max(year, 1)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_READERS: tuple[tuple[str, Callable[[re.Match[str], date], Period | None]], ...] = (
    ("first", _between),
    ("begin", _from_month_to_month),
    ("count", _counted),
    ("which", _spanned),
    ("before", lambda _, today: _of_year(today.year - 2, today)),
    ("day", _day),
    ("open", _from),
    ("openonly", _from),
    ("month", lambda match, today: _of_month(match["month"], match["year"], today)),
    ("only", lambda match, today: _of_year(int(match["only"]), today)),
)
