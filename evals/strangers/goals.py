"""What a caller wants: a tool, its values, and what must stand in the database when they have got it. wishes.py makes
them."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Loose:
    """A wish that leaves the day or the time open: how it is said, and what does for it."""

    words: tuple[str, ...]
    fits: Callable[[date, time], bool]


@dataclass(frozen=True, slots=True)
class Goal:
    """One caller's wish. `said_as` is what the strangers' file calls it; `values` are by the tool's parameter, `proofs`
    who they are, `row` the columns of the one row of `table` that may be new or changed; no table: none may.
    `loose` says what day and time must be like where no value does. `tools` are those that fulfil it."""

    profile: str
    tools: tuple[str, ...]
    said_as: str
    values: Mapping[str, object]
    table: str = ""
    row: Callable[[Mapping[str, object]], Mapping[str, object]] = field(default=lambda _: {})
    proofs: Mapping[str, object] = field(default_factory=dict)
    side_tables: frozenset[str] = frozenset()
    loose: Loose | None = None

    @property
    def everything(self) -> Mapping[str, object]:
        """All that the caller can say."""
        return {**self.values, **self.proofs}


def left_open(now: datetime) -> tuple[Loose, ...]:
    """Ways of leaving day or time open, on that day."""
    monday = now.date() - timedelta(days=now.weekday())
    from_, to = monday + timedelta(days=14), monday + timedelta(days=20)
    return (
        Loose(("mornings only", "I can only do mornings", "it has to be in the morning"), lambda _, at: at.hour < 12),
        Loose(("some day before noon", "any day, but before noon"), lambda _, at: at <= time(12)),
        Loose(("only after three in the afternoon", "any afternoon after 3 pm"), lambda _, at: at >= time(15)),
        Loose(("any day except Tuesday", "any day but Tuesday works"), lambda day, _: day.weekday() != 1),
        Loose(("not on a Monday please", "any day, just not Monday"), lambda day, _: day.weekday() != 0),
        Loose(("sometime the week after next", "the week after next"), lambda day, _: from_ <= day <= to),
        Loose(("the earliest you have", "as soon as possible", "the soonest you can"), lambda *_: True),
        Loose(("Thursday or Friday", "either Thursday or Friday"), lambda day, _: day.weekday() in {3, 4}),
        Loose(("Monday afternoon", "a Monday afternoon"), lambda day, at: day.weekday() == 0 and at.hour >= 12),
    )


def moment(values: Mapping[str, object]) -> str:
    """Day and time as the judge compares them."""
    day, at = values.get("day"), values.get("at")
    if not isinstance(day, date) or not isinstance(at, time):
        return "no moment"  # it was never agreed to
    return f"{day.isoformat()}T{at:%H:%M}"


def a_day(rng: random.Random, now: datetime, weekdays: frozenset[int]) -> date:
    """One of the next three weeks."""
    there = [now.date() + timedelta(days=ahead) for ahead in range(1, 22)]
    return rng.choice([day for day in there if day.weekday() in weekdays])


def a_time(rng: random.Random, hours: tuple[int, ...], minutes: tuple[int, ...] = (0, 30)) -> time:
    """One at which the house is open."""
    return time(rng.choice(hours), rng.choice(minutes))
