"""The day and the time of day that a caller says, one of each or none: what was denied, left open or said as a range is
asked rather than guessed. agent/language reads what stands in the words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from agent.language.moments import ANY_DAY, Moment, moments
from agent.understanding.reading.words import FILLERS, content_words, words

FIRST_HOUR = 8
_IS_ASKED = re.compile(r"\?|\b(?:what|when|which|is|are)\b")
_DENIED = re.compile(
    r"\b(?:not|no|except|besides|never|isn't|can't(?: do| make)?|instead of|rather than|other than|apart from|"
    r"(?:anything|any ?(?:day|time)|every ?day) but)(?: on| for| at| the| until| till)*\s*$"
)
# "move it to eight thirty": a parser that knows no tools takes that for a number
_AT = re.compile(r"\b(?:at|around|about|by|till|until|to|from|after|say)\s+(?:about\s+|around\s+)?$")
_ALTERNATIVE = re.compile(r"^[\s,]*or(?: on| at| the| maybe| even)*\s*$")
# "one morning" is some morning, and an ordinal before a thing is no day
_SOME = re.compile(r"\b(?:one|1) (?=(?:morning|afternoon|evening|night|day|weekend|week)\b)")
_NTH = re.compile(
    r"(?:^|(?P<on>\bon )?\b(?:the|that|this|my|your) |\bon )(?:first|second|third|fourth|fifth|\d{1,2}(?:st|nd|rd|th)) "
    r"(?P<follows>[a-z]+)"
)
_OF_A_DAY = re.compile(
    r"(?:around|about|before|after|between|until|till|through|thru|instead|preferably|maybe|though|too|either|then|"
    r"works?|suits?|sounds?|looks?|fits?|might|may|could|would|will|[a-z]+ing)"
)
_NO_DAY = re.compile(r"\b(?:a|one|1|per) (?:sec(?:ond)?s?|2nd)\b|\bthe \w+ of (?:us|you|them)\b")  # "the four of us"


@lru_cache(maxsize=1024)
def find_date(text: str, today: date, *, is_day_first: bool = False) -> date | None:
    """The last day said; a weekday or "the 24th" is the next one to come, and a weekday is not today unless it is
    "this" one. None without a day, and when the words leave it open: "next week", "Friday or Saturday"."""
    said = _said(text, today, is_day_first=is_day_first)
    days = [(moment, is_one) for moment, is_one in said if moment.has_day]
    if not days or not days[-1][1]:
        return None
    last = days[-1][0]
    if last.days is None:
        return last.day
    within = [moment.day for moment, _ in days if moment.day and last.days[0] <= moment.day <= last.days[1]]
    return within[-1] if within else None


@lru_cache(maxsize=1024)
def find_time(
    text: str, first_hour: int = FIRST_HOUR, *, is_marked: bool = False, is_answer: bool = False
) -> str | None:
    """The last time of day said, as HH:MM; one that is marked ("at eight", "8 pm") before one that is only a number,
    which does not count at all with `is_marked`, and which counts nothing else ("my two orders") unless a time was
    asked for. A bare hour before `first_hour` is taken for the afternoon."""
    said = _said(text, ANY_DAY)
    exact = [
        one
        for one in said
        if one[0].at and not (one[0].is_bare and (is_marked or _is_number(one[0], text, is_answer=is_answer)))
    ]
    marked = [one for one in exact if not one[0].is_bare]
    if not (chosen := marked or exact) or not chosen[-1][1]:
        return None
    at = chosen[-1][0].at
    if len(at) == 1:
        return at[0]
    part = next((moment for moment, _ in said if moment.since and not moment.at), None)
    if part is not None:
        return at[1] if part.since >= "12:00" else at[0]
    is_written_so = text[chosen[-1][0].start : chosen[-1][0].end].lstrip("at ").startswith("0")  # "07:45"
    hour = int(at[0][:2])
    return at[0] if (is_written_so and hour) or hour >= first_hour else at[1]


def _is_number(bare: Moment, text: str, *, is_answer: bool) -> bool:
    """ "1234" is a code, whatever is asked, and two orders are two; "7 30" may be a time."""
    following = words(text[bare.end :].split(",", 1)[0])[:1] if text[bare.end : bare.end + 1] == " " else []
    is_count = not is_answer and bool(following and content_words(following[0]))
    return is_count or bool(re.search(r"\d{3}", text[bare.start : bare.end]))


def without_moments(text: str, *, but_led_by_figures: bool = False) -> str:
    """The words without their days and times, so that "the 27th" is no 27 and "at 8" no eight. A bare number stays;
    `but_led_by_figures`, so does a day with an hour that begins with one, "3 tonight"."""
    kept = text
    for moment in reversed(moments(_readable(text), ANY_DAY)):
        is_left = but_led_by_figures and moment.has_day and moment.has_time and text[moment.start].isdigit()
        if not moment.is_bare and not is_left:
            kept = f"{kept[: moment.start]} {kept[moment.end :]}"
    return kept


@lru_cache(maxsize=512)
def is_only_moment(text: str) -> bool:
    """True when nothing but a day or a time was said: "on the fourth of December", "so, tomorrow at eight"."""
    found = moments(_readable(text), ANY_DAY)
    if not any(moment.has_day or (moment.has_time and not moment.is_bare) for moment in found):
        return False
    rest = [word for word in words(without_moments(text)) if word not in FILLERS]
    return not content_words(" ".join(rest)) and not _IS_ASKED.search(text.lower())


def _said(text: str, today: date, *, is_day_first: bool = False) -> list[tuple[Moment, bool]]:
    """What was not denied, and whether it is the only one meant: of "Friday or Saturday" neither is."""
    readable = _readable(text)
    found = moments(readable, today, is_day_first=is_day_first)
    found = tuple(
        replace(moment, is_bare=False) if moment.is_bare and _AT.search(readable[: moment.start]) else moment
        for moment in found
    )
    kept = [moment for moment in found if not _DENIED.search(readable[: moment.start])]
    return [(moment, not _has_alternative(moment, number, kept, readable)) for number, moment in enumerate(kept)]


def _has_alternative(moment: Moment, number: int, kept: Sequence[Moment], text: str) -> bool:
    if not number:
        return False
    before = kept[number - 1]
    is_alike = bool(before.has_day and moment.has_day) or bool(before.at and moment.at)
    return is_alike and bool(_ALTERNATIVE.match(text[before.end : moment.start]))


def _readable(text: str) -> str:
    """In lower case, with every place where it was."""
    said = text.replace("\u2019", "'")
    lower = said.lower()
    said = lower if len(lower) == len(said) else said
    said = _SOME.sub(lambda m: "some "[: len(m[0])].ljust(len(m[0])), said)
    said = _NO_DAY.sub(lambda m: "x" * len(m[0]), said)
    return _NTH.sub(lambda m: m[0] if _is_day(m) else "x" * len(m[0]), said)


def _is_day(nth: re.Match[str]) -> bool:
    """Whether "the first" is a day, by the word behind it: "the first please", "the first works", and not "the first
    dentist"; "on the first" is one, whatever is behind it ("on the first show me both")."""
    follows = nth["follows"]
    if follows == "one":
        return False
    is_day = not content_words(follows) or bool(nth["on"]) or bool(_OF_A_DAY.fullmatch(follows))
    return is_day or any(moment.has_day or moment.days for moment in moments(follows, ANY_DAY))
