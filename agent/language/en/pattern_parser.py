"""Days and times read by patterns, for machines that have no wheel of Duckling (Linux on ARM, Intel Macs).

Weekdays, days of a month, "tomorrow", "in three weeks" and clock times are read; holidays and ranges of times are not.
"""

import re
from datetime import date, datetime, timedelta

import dateparser

from agent.language.en.calendar_words import DATE, DAYS, NTH, WEEKDAY, with_ordinals
from agent.language.moments import Moment
from agent.language.packs import ENGLISH

NAME = "patterns"
_DAY = re.compile(
    rf"\b(?:(?P<duration>(?:a|\d+)) (?P<unit>day|week)s? (?:from|after) )?(?:the )?(?:(?P<nth>{NTH})"
    rf"(?:(?: of)? (?P<month>this|next) month)?|{WEEKDAY}(?P<nextweek>(?: of)? next week)?(?: the (?P<also>\d{{1,2}})"
    rf"(?:st|nd|rd|th)?)?|(?P<date>{DATE})|(?P<several>(?:this|next|last) (?:week|month|year)|(?:the )?weekend))\b"
)
_PARTS = {"morning": ("00:00", "12:00"), "afternoon": ("12:00", "19:00"), "evening": ("18:00", "00:00")}
_PARTS |= {"night": _PARTS["evening"], "tonight": _PARTS["evening"]}
_PART = re.compile(rf"\b(?:in the |at |this )?(?P<part>{'|'.join(_PARTS)})\b")
_CLOCK = re.compile(
    r"\b(?P<mark>(?:at|around|about|by|till|until|after|say)\s+(?:about\s+|around\s+)?)?"
    r"(?:(?P<rel>half past|half|quarter past|quarter to|\d{1,2} (?:minutes )?(?:past|to))\s+(?P<relhour>\d{1,2})|"
    r"(?P<name>noon|midday|midnight)|"
    r"(?P<hour>\d{1,2})(?!\d|st\b|nd\b|rd\b|th\b|,\d)(?:(?:[:.]|\s+)(?P<minute>[0-5]\d)(?!\d))?(?P<clock>\s*o'?\s?clock)?)"
    r"(?:\s*(?P<half>a\.?\s?m\b|p\.?\s?m\b)|(?= ))?(?:\s*in the (?P<part>morning|afternoon|evening))?"
)


def read(text: str, today: date, *, is_day_first: bool = False, language: str = ENGLISH) -> tuple[Moment, ...]:
    """The moments in the order said, none inside another; none in another language."""
    if language != ENGLISH:
        return ()
    spoken = _same_length(text)
    days = [moment for match in _DAY.finditer(spoken) if (moment := _day(match, today, is_day_first=is_day_first))]
    taken = [*days]
    for match in _CLOCK.finditer(spoken):
        moment = _clock(match)
        if moment and all(moment.end <= other.start or moment.start >= other.end for other in taken):
            taken.append(moment)
    for match in _PART.finditer(spoken):
        since, until = _PARTS[match["part"]]
        moment = Moment(start=match.start(), end=match.end(), since=since, until=until)
        if all(moment.end <= other.start or moment.start >= other.end for other in taken if other.at):
            taken.append(moment)
    return tuple(sorted(taken, key=lambda one: one.start))


def _same_length(text: str) -> str:
    """In lower case, unless that changes the places."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text


def _day(match: re.Match[str], today: date, *, is_day_first: bool) -> Moment | None:
    start, end = match.span()
    if match["several"]:
        return Moment(start=start, end=end, days=(today, today + timedelta(days=31)))
    found = _named(match, today, is_day_first=is_day_first)
    if found is None:
        return None
    other = _nth(int(match["also"]), today) if match["also"] and found.day != int(match["also"]) else None
    if other:
        return Moment(start=start, end=end, days=(min(found, other), max(found, other)))
    if match["duration"]:
        count = 1 if match["duration"] == "a" else int(match["duration"])
        found += timedelta(days=count * (7 if match["unit"] == "week" else 1))
    return Moment(start=start, end=end, day=found)


def _named(match: re.Match[str], today: date, *, is_day_first: bool) -> date | None:
    if match["nth"]:
        number = int(re.sub(r"\D", "", match["nth"]))
        return _nth(
            number, (today.replace(day=28) + timedelta(days=4)).replace(day=1) if match["month"] == "next" else today
        )
    if match["weekday"]:
        ahead = (DAYS.index(match["weekday"]) - today.weekday()) % 7
        if match["nextweek"]:
            return today + timedelta(days=7 - today.weekday() + DAYS.index(match["weekday"]))
        if match["which"] == "last":
            return today - timedelta(days=7 - ahead if ahead else 7)
        return today + timedelta(days=ahead or (0 if match["which"] == "this" else 7))
    return _date(match["date"], today, is_day_first=is_day_first)


def _nth(number: int, today: date) -> date | None:
    """The next day of that number, today included; None when no month has one."""
    day = today
    while day.day != number and (day - today).days < 62:
        day += timedelta(days=1)
    return day if day.day == number else None


def _date(phrase: str, today: date, *, is_day_first: bool) -> date | None:
    phrase = re.sub(r"^(?:tonight|this (?:morning|afternoon|evening))$", "today", with_ordinals(phrase))
    phrase = {"day after tomorrow": "in 2 days", "day before yesterday": "2 days ago"}.get(phrase, phrase)
    phrase = re.sub(r"\ba (?=day|week|month)", "1 ", phrase).replace("1 week from today", "in 1 week")
    base = datetime(today.year, today.month, today.day)  # noqa: DTZ001  a day in the caller's zone; no instant is meant
    settings = {
        "RELATIVE_BASE": base,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY" if is_day_first else "MDY",
    }
    found = dateparser.parse(phrase.replace("1 week from tomorrow", "in 8 days"), languages=["en"], settings=settings)
    if found is None:
        return None
    is_today = (found.month, found.day) == (today.month, today.day) and not re.search(r"\d{4}", phrase)
    return today if is_today else found.date()  # dateparser takes today's own name for next year's


def _clock(match: re.Match[str]) -> Moment | None:
    hour, minute = int(match["relhour"] or match["hour"] or 12), int(match["minute"] or 0)
    if match["rel"]:
        hour, minute = _relative(match["rel"], hour)
    if hour > 24 or minute > 59:
        return None
    half = re.sub(r"[.\s]", "", match["half"] or "") or {"morning": "am"}.get(
        match["part"] or "", "pm" if match["part"] else ""
    )
    marks = (match["mark"], match["rel"], match["name"], match["minute"], match["half"], match["clock"], match["part"])
    at = _hours(0 if match["name"] == "midnight" else hour % 24, half, is_exact=bool(match["name"]))
    return Moment(
        start=match.start(),
        end=match.end(),
        at=tuple(f"{one:02d}:{minute:02d}" for one in at),
        is_bare=not any(marks),
    )


def _hours(hour: int, half: str, *, is_exact: bool) -> tuple[int, ...]:
    if half:
        return (hour % 12 + (12 if half == "pm" else 0),)
    return (hour,) if is_exact or hour > 12 else (hour % 12, hour % 12 + 12)


def _relative(words: str, hour: int) -> tuple[int, int]:
    """Half seven is half past seven, as in Britain."""
    amount = words.split(maxsplit=1)[0]
    away = {"half": 30, "quarter": 15}.get(amount) or int(amount)
    return ((hour - 2) % 12 + 1, 60 - away) if words.endswith("to") else (hour, away)
