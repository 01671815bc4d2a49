"""How strangers write a day, a time, a count and a sum: the forms that are looked for in their sentences, and in which
another value takes the place of theirs. Nothing here is the agent's: what it reads must not be what it was made from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
DAY, TIME, COUNT, SUM, TEXT = "day", "time", "count", "sum", "text"
_EVENING = 16  # from here on strangers say evening as well as afternoon


@dataclass(frozen=True, slots=True)
class Form:
    """A way of saying a value; `name` is the same for every value that can be said so."""

    name: str
    text: str


def nth(number: int) -> str:
    """1st, 2nd, 23rd."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def days(value: date, today: date) -> Iterator[Form]:
    """A day, the surest forms first."""
    month, number = f"{value:%B}", nth(value.day)
    yield Form("month nth", f"{month} {number}")
    yield Form("nth of month", f"{number} of {month}")
    yield Form("month number", f"{month} {value.day}")
    yield Form("number month", f"{value.day} {month}")
    if (value.year, value.month) == (today.year, today.month):
        yield Form("nth of this month", f"{number} of this month")
        yield Form("nth of the month", f"{number} of the month")
        yield Form("nth", number)
    ahead = (value - today).days
    if 0 < ahead < 7:
        yield Form("this weekday", f"this {value:%A}")
        yield Form("weekday", f"{value:%A}")
    if ahead in {0, 1, 2}:
        yield Form(f"{ahead} days ahead", ("today", "tomorrow", "day after tomorrow")[ahead])


def times(value: time) -> Iterator[Form]:
    """A time of day, the surest forms first."""
    hour = value.hour % 12 or 12
    half = "am" if value.hour < 12 else "pm"
    clocks = [("clock", f"{hour}:{value.minute:02d}")]
    if value.minute == 0:
        clocks += [("hour", f"{hour}"), ("hour word", NUMBERS[hour])]
    for minute, said in ((15, "quarter past"), (30, "half past")):
        if value.minute == minute:
            clocks += [(said, f"{said} {hour}"), (f"{said} word", f"{said} {NUMBERS[hour]}")]
    for name, said in clocks:
        yield Form(f"{name} pm", f"{said} {half}")
        yield Form(f"{name}pm", f"{said}{half}")
        for part in parts(value):
            yield Form(f"{name} in the part", f"{said} in the {part}")
            yield Form(f"{name} o'clock in the part", f"{said} o'clock in the {part}")
            yield Form(f"part {name}", f"{part} {said}")
    yield Form("24 hours", f"{value.hour:02d}:{value.minute:02d}")
    if hour == value.hour or value.hour > 12:
        yield from (Form(name, said) for name, said in clocks if name == "clock")


def parts(value: time) -> list[str]:
    """The parts of the day that a time is said to be in, the likeliest first."""
    if value.hour < 12:
        return ["morning"]
    found = ["evening"] if value.hour >= _EVENING + 2 else ["afternoon"]
    return found + (["evening"] if _EVENING <= value.hour < _EVENING + 2 else [])


def counts(value: int) -> Iterator[Form]:
    """Some people."""
    yield Form("digits", str(value))
    if value < len(NUMBERS):
        yield Form("word", NUMBERS[value])


def sums(value: int) -> Iterator[Form]:
    """Whole dollars."""
    for digits, name in ((f"{value:,}", "grouped"), (str(value), "plain")):
        yield Form(f"$ {name}", f"${digits}")
        yield Form(f"dollars {name}", f"{digits} dollars")
        yield Form(f"bucks {name}", f"{digits} bucks")


def forms(kind: str, value: object, today: date) -> list[Form]:
    """Every form of a value of that kind."""
    match value:
        case date() if kind == DAY:
            return list(days(value, today))
        case time() if kind == TIME:
            return list(times(value))
        case int() if kind == COUNT:
            return list(counts(value))
        case int() if kind == SUM:
            return list(sums(value))
    return [Form("text", str(value))]


def said(kind: str, value: object, today: date, form: str) -> str:
    """A value in that form; where it has none, in the one that is nearest to it."""
    there = forms(kind, value, today)
    same = next((one for one in there if one.name == form), None)
    if same:
        return same.text
    ending = next((mark for mark in ("in the part", "pm") if form.endswith(mark)), "")
    near = [one for one in there if ending and one.name.endswith(ending)]
    if form.startswith("nth"):
        near = [one for one in there if one.name == "nth of month"]
    return (near or there)[0].text


def find(kind: str, value: object, today: date, text: str) -> tuple[int, int, str] | None:
    """Where the value stands in the text, and in which form; None where it does not, or twice."""
    for form in sorted(forms(kind, value, today), key=lambda one: -len(one.text)):
        places = list(re.finditer(rf"(?<![\w$:]){re.escape(form.text)}(?![\w:])", text, re.IGNORECASE))
        if len(places) == 1:
            return places[0].start(), places[0].end(), form.name
        if places:
            return None
    return None


def coming(weekday: int, today: date) -> date:
    """The next such day after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
