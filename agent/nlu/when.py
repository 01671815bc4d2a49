"""Dates and times as people say them: "the third of march", "next friday", "half past three", "seven in the evening".

The phrase is cut out of the sentence here; dateparser reads dates, times are read here.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

import dateparser

from agent.nlu.words import with_digits

MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"\b(?:(next|this|last|coming)\s+)?({'|'.join(DAYS)})\b")
_NEXT_WEEK = re.compile(rf"\b({'|'.join(DAYS)})(?: of)? next week\b|\bnext week(?:,? on)?,? ({'|'.join(DAYS)})\b")
_ORDINALS = {w: n for n, w in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}
_DATE = re.compile(
    r"\b(?:"
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTHS})\b(?:,?\s+\d{{4}})?|"
    rf"(?:{MONTHS})\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?|"
    r"day after tomorrow|day before yesterday|a week from (?:today|tomorrow)|"
    r"today|tonight|this (?:morning|afternoon|evening)|tomorrow|yesterday|"
    r"in (?:a|an|\d+) (?:day|week|month)s?|(?:a|\d+) (?:day|week|month)s? ago|(?:next|last) (?:week|month)|"
    r"(?<!\ba )\d{1,2}(?:st|nd|rd|th)(?! (?:thing|option|offer|time|slot|floor)\b)"
    r")\b"
)
SAID_DAY = rf"(?:(?:next|this|last|coming) )?(?:{'|'.join(DAYS)})|{_DATE.pattern}"
_PARTS = {"morning": 0, "afternoon": 12, "evening": 12, "night": 12, "tonight": 12}
_TIME = re.compile(
    r"\b(?:(?P<rel>half past|quarter past|quarter to|\d{1,2} (?:minutes )?(?:past|to))\s+(?P<relhour>\d{1,2})|"
    r"(?P<hour>\d{1,2})(?!\d|st\b|nd\b|rd\b|th\b)(?:(?:[:.]|\s+)(?P<minute>[0-5]\d)(?!\d))?(?:\s*o'?\s?clock)?)"
    r"\s*(?P<half>a\.?\s?m\b|p\.?\s?m\b)?"
)
_AT = re.compile(r"\b(?:at|around|about|by|till|until|to|from|after|say)\s+(?:about\s+|around\s+)?$")
FIRST_HOUR = 8


@lru_cache(maxsize=512)
def find_date(text: str, today: date) -> date | None:
    """The last date said; a weekday or "the 24th" is the next one to come, and a weekday is not today unless it is
    "this" one. None without a date."""
    spoken = with_ordinals(with_digits(text))
    spoken = _NEXT_WEEK.sub(lambda m: _in_next_week(m[1] or m[2], today).isoformat(), spoken)
    found = [(m.start(), _weekday(m, today)) for m in _WEEKDAY.finditer(spoken)]
    found += [(m.start(), day) for m in _DATE.finditer(spoken) if (day := _read(m[0], today))]
    # "friday the 27th": the date wins over the weekday that stands before it.
    return max(found)[1] if found else None


@lru_cache(maxsize=512)
def find_time(text: str, first_hour: int = FIRST_HOUR, *, is_marked: bool = False) -> str | None:
    """The last time of day said, as HH:MM; one that is marked ("at eight", "8 pm") before one that is only a number,
    which does not count at all with `is_marked`. A bare hour before `first_hour` is taken for the afternoon."""
    spoken = _without_dates(with_digits(text))
    if re.search(r"\bnoon\b|\bmid\s?day\b", spoken):
        return "12:00"
    if re.search(r"\bmidnight\b", spoken):
        return "00:00"
    part = next((p for p in _PARTS if re.search(rf"\b{p}\b", spoken)), None)
    found = [(_is_marked(m, spoken), t) for m in _TIME.finditer(spoken) if (t := _clock(m, part, first_hour))]
    marked = [at for is_sure, at in found if is_sure]
    times = marked or [at for _, at in found if not is_marked]
    return times[-1] if times else None


def without_days(spoken: str) -> str:
    """The words without its dates and weekdays, so that "the 27th" is no 27."""
    return _WEEKDAY.sub(" ", _without_dates(spoken))


def without_times(spoken: str) -> str:
    """The words without its times of day, those that are marked as such."""
    return _TIME.sub(lambda m: " " if _is_marked(m, spoken) else m[0], spoken)


def _is_marked(match: re.Match[str], spoken: str) -> bool:
    said = match[0]
    is_clock = bool(match["rel"] or match["minute"] or match["half"] or "clock" in said)
    return is_clock or bool(_AT.search(spoken[: match.start()]))


def with_ordinals(spoken: str) -> str:
    """ "the second of may" is not "the 2nd of may" to text2num when the word also means other things."""
    pattern = rf"\b({'|'.join(_ORDINALS)})\b(?=\s+(?:of\s+)?(?:{MONTHS})\b)"
    spoken = re.sub(pattern, lambda m: f"{_ORDINALS[m[1]]}th", spoken)
    return re.sub(r"(?<=\d)(st|nd|rd|th) of (?=[a-z])", r"\1 ", spoken)


def _weekday(match: re.Match[str], today: date) -> date:
    ahead = (DAYS.index(match[2]) - today.weekday()) % 7
    if match[1] == "last":
        return today - timedelta(days=7 - ahead if ahead else 7)
    if match[1] != "this" and ahead == 0:
        ahead = 7  # who means today says so
    return today + timedelta(days=ahead)


def _in_next_week(weekday: str, today: date) -> date:
    """Weeks begin on Monday."""
    return today + timedelta(days=7 - today.weekday() + DAYS.index(weekday))


def _read(phrase: str, today: date) -> date | None:
    phrase = re.sub(r"^this (?:morning|afternoon|evening)$", "today", phrase)
    phrase = {"tonight": "today", "day after tomorrow": "in 2 days", "day before yesterday": "2 days ago"}.get(
        phrase, phrase
    )
    phrase = re.sub(r"\ba (?=day|week|month)", "1 ", phrase).replace("1 week from today", "in 1 week")
    phrase = phrase.replace("1 week from tomorrow", "in 8 days").replace("next week", "in 1 week")
    base = datetime(today.year, today.month, today.day)  # noqa: DTZ001  a day in the caller's zone; no instant is meant
    found = dateparser.parse(phrase, languages=["en"], settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future"})
    if found is None:
        return None
    is_today = (found.month, found.day) == (today.month, today.day) and not re.search(r"\d{4}", phrase)
    return today if is_today else found.date()  # dateparser takes today's own name for next year's


def _without_dates(spoken: str) -> str:
    clock = re.sub(r"\bo'?\s?clock\b", "o'clock", with_ordinals(spoken))
    return _DATE.sub(lambda m: m[0] if m[0].startswith(("tonight", "this ")) else " ", clock)


def _clock(match: re.Match[str], part: str | None, first_hour: int) -> str | None:
    minute = int(match["minute"] or 0)
    hour = int(match["relhour"] or match["hour"])
    if match["rel"]:
        hour, minute = _relative(match["rel"], hour)
    hour = _hour24(hour, re.sub(r"[.\s]", "", match["half"] or ""), part, first_hour)
    return f"{hour % 24:02d}:{minute:02d}" if hour <= 24 and minute < 60 else None


def _relative(words: str, hour: int) -> tuple[int, int]:
    amount = words.split(maxsplit=1)[0]
    away = {"half": 30, "quarter": 15}.get(amount) or int(amount)
    return (hour, away) if words.endswith("past") else ((hour - 2) % 12 + 1, 60 - away)


def _hour24(hour: int, half: str, part: str | None, first_hour: int) -> int:
    if half == "am" or (part == "morning" and not half):
        return hour % 12
    if half == "pm" or (part and hour < 12):
        return hour % 12 + 12
    return hour + 12 if 1 <= hour < min(first_hour, 12) else hour
