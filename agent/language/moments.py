"""What a text says of days and times of day, with the places where it says so; which parser reads it is decided here.

`Moment.day` and `Moment.at` hold what was said and nothing else: "next week" names no day, "from ten to eleven" no
time.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from typing import Protocol

from agent.language.packs import ENGLISH


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, a time of day, or both. `start` and `end` are its characters in the text.

    `day` is the one that was named; `days` are the first and the last of several among which none was named. `at` is
    HH:MM: one time, or two where morning or evening was not said. `since` and `until` (HH:MM, "" where open) are a part
    of the day or a range of times. `is_bare` is a number that only a question for a time makes one.
    """

    start: int
    end: int
    day: date | None = None
    days: tuple[date, date] | None = None
    at: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    is_bare: bool = False

    @property
    def has_time(self) -> bool:
        """True when a time of day was said, exactly or as a range."""
        return bool(self.at or self.since or self.until)

    @property
    def has_day(self) -> bool:
        """True when a day was said, or several."""
        return self.day is not None or self.days is not None


ANY_DAY = date(2001, 3, 14)  # for what is the same on every day: a time alone, or whether a day is named at all


class Parser(Protocol):
    """A module is one. `NAME` is what an operator reads."""

    NAME: str

    def read(self, text: str, today: date, *, is_day_first: bool, language: str = ENGLISH) -> tuple[Moment, ...]:
        """The moments in the order said, none inside another; none in a language that it does not know."""
        ...


def parser() -> Parser:
    """Duckling where its wheel is installed, else the patterns, which know fewer ways to say a day."""
    if find_spec("duckling") is not None:
        from agent.language import duckling_parser

        return duckling_parser
    from agent.language.en import pattern_parser

    return pattern_parser


def warm() -> None:
    """Load what reading takes, some 0.3 s, so that no caller waits for it. In the process that reads: Haskell's runtime
    does not survive a fork."""
    moments("tomorrow at eight", ANY_DAY)


@lru_cache(maxsize=2048)
def moments(text: str, today: date, *, is_day_first: bool = False, language: str = ENGLISH) -> tuple[Moment, ...]:
    """All that the text says of days and times, in the order said. `today` is the caller's day; days without a year
    are the next to come. `is_day_first` reads 3/5 as the third of May, in English; other languages have one order."""
    return parser().read(text, today, is_day_first=is_day_first, language=language)
