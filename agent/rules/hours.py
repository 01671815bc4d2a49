"""Hours as people write them, "mon-fri 09:00-17:00": whether they are on, and when they are next."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = rf"(?:{'|'.join(_DAYS)})"
_HOURS = re.compile(rf"(?P<first>{_DAY})(?:-(?P<last>{_DAY}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")
STEP, AHEAD = timedelta(minutes=15), timedelta(days=8)


def refuse_unreadable(lines: Sequence[str]) -> None:
    """Raises ValueError for a line that is none, or that closes before it opens."""
    for line in lines:
        found = _HOURS.fullmatch(line)
        if not found:
            raise ValueError(f"{line!r} is not like 'mon-fri 09:00-17:00'")
        if time.fromisoformat(found["opens"]) >= time.fromisoformat(found["closes"]):
            raise ValueError(f"{line!r} closes before it opens")


def are_on(lines: Sequence[str], now: datetime) -> bool:
    """Whether `now`, by its own zone, is within one of the lines, which are readable."""
    return any(_holds(_HOURS.fullmatch(line), now) for line in lines)


def next_on(is_on: Callable[[datetime], bool], now: datetime) -> datetime | None:
    """The first quarter of an hour from `now` at which it is so; None when there is none within a week."""
    at = now
    while at <= now + AHEAD:
        if is_on(at):
            return at
        at = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + STEP
    return None


def _holds(line: re.Match[str] | None, now: datetime) -> bool:
    assert line is not None, "checked when it was read"
    first, last = _DAYS.index(line["first"]), _DAYS.index(line["last"] or line["first"])
    is_day = first <= now.weekday() <= last if first <= last else now.weekday() >= first or now.weekday() <= last
    return is_day and time.fromisoformat(line["opens"]) <= now.time() < time.fromisoformat(line["closes"])
