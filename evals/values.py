"""`python -m evals values --file F`: how often days, times, counts, sums and telephone numbers are read right.

Each line of the file is a text, its kind (date, time, party, amount or phone), the value that was meant, and the day it
was said on, separated by tabs; a line of column names may stand first. The value "?" is for words that leave it open:
there only a question is right. docs/understanding.md says what was measured.
"""

import argparse
import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from statistics import median

from agent.errors import ConfigError
from agent.intent import Slot, SlotKind
from agent.language.moments import parser
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import Value

OPEN = "?"
_PEOPLE = ("people", "persons", "guests", "adults", "of us", "seats", "seat", "tickets", "ticket", "travelers")
_GROUPS = ("party of {}", "group of {}", "we are {}", "we're {}", "just {}", "for {}")
SLOTS = {
    "date": Slot(name="day", kind=SlotKind.DATE, ask="For which day?"),
    "time": Slot(name="at", kind=SlotKind.TIME, ask="At what time?"),
    "party": Slot(
        name="party",
        kind=SlotKind.NUMBER,
        ask="For how many people?",
        max_length=2,
        cues=(*(f"{{}} {who}" for who in (*_PEOPLE, "passengers", "riders")), *_GROUPS),
    ),
    "amount": Slot(name="amount", kind=SlotKind.MONEY, ask="How much?"),
    "phone": Slot(name="phone", kind=SlotKind.PHONE, ask="What is your number?", min_length=7, max_length=15),
}
_BOOKING = ("date", "time", "party")  # what a booking takes is read together, as in a call


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file; `value` is as it stands there."""

    text: str
    kind: str
    value: str
    today: date


@dataclass(slots=True)
class Score:
    """One kind: what was right, what was asked instead of read, what was read wrong with text, meant and read."""

    right: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many lines."""
        return self.right + len(self.asked) + len(self.wrong)

    @property
    def percent(self) -> float:
        """How many of them were right."""
        return round(100 * self.right / self.total, 2)


def rows(path: Path) -> Iterator[Row]:
    """The lines of a file. Raises ConfigError that names the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({type(error).__name__})") from None
    for number, cells in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
        if not cells or (number == 1 and cells[1:2] == ["kind"]):
            continue
        if len(cells) != 4 or cells[1] not in SLOTS:
            raise ConfigError(f"{path}, line {number}: needs text, kind ({', '.join(SLOTS)}), value and today, by tabs")
        try:
            yield Row(cells[0], cells[1], cells[2], date.fromisoformat(cells[3]))
        except ValueError:
            raise ConfigError(f"{path}, line {number}: {cells[3]!r} is no ISO date such as 2026-11-20") from None


def said(row: Row) -> str:
    """What the agent takes for the value when it has asked for it; "" when it would ask again."""
    slot = SLOTS[row.kind]
    slots = [SLOTS[kind] for kind in _BOOKING] if row.kind in _BOOKING else [slot]
    now = datetime(row.today.year, row.today.month, row.today.day, 12, tzinfo=UTC)
    values: Sequence[Value] = read(slots, row.text, now, slot.name).get(slot.name, ())
    return str(values[-1]) if values else ""


def is_same(kind: str, value: str, meant: str) -> bool:
    """Whether the value is the one that was meant, however it is written."""
    if kind == "phone":
        digits, wanted = re.sub(r"\D", "", value), re.sub(r"\D", "", meant)
        return digits == wanted or f"1{digits}" == wanted or digits == f"1{wanted}"
    if kind == "amount":
        figure, _, currency = value.partition(" ")
        wanted, _, named = meant.partition(" ")
        try:
            return Decimal(figure) == Decimal(wanted) and (not named or currency == named)
        except InvalidOperation:
            return False
    return value == meant


def measure(found: Sequence[Row]) -> tuple[dict[str, Score], list[float]]:
    """The score of each kind, and the milliseconds of each line."""
    scores = {kind: Score() for kind in Counter(row.kind for row in found)}
    took_ms: list[float] = []
    for row in found:
        started = time.perf_counter()
        value = said(row)
        took_ms.append((time.perf_counter() - started) * 1000)
        score, meant = scores[row.kind], "" if row.value == OPEN else row.value
        if (not value and not meant) or (value and meant and is_same(row.kind, value, meant)):
            score.right += 1
        elif value:
            score.wrong.append((row.text, row.value, value))
        else:
            score.asked.append((row.text, row.value))
    return scores, took_ms


def main() -> int:
    """0 when the file was read, 2 when it is wrong."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--file", type=Path, required=True, help="the lines to be read")
    arguments.add_argument("--misses", action="store_true", help="print what was not right")
    chosen = arguments.parse_args()
    try:
        found = list(rows(chosen.file))
        if not found:
            raise ConfigError(f"{chosen.file}: has no lines")
    except ConfigError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    said(found[0])  # the parser is loaded once a process
    scores, took_ms = measure(found)
    print(f"days and times are read by {parser().NAME}\n\nkind     lines   right   asked   wrong       %")
    for kind, score in scores.items():
        cells = (score.total, score.right, len(score.asked), len(score.wrong))
        print(f"{kind:7}" + "".join(f"{cell:7} " for cell in cells) + f"{score.percent:7.2f}")
    for kind, score in scores.items() if chosen.misses else ():
        for text, meant in score.asked:
            print(f"{kind} asked: {text!r}, meant {meant}")
        for text, meant, value in score.wrong:
            print(f"{kind} wrong: {text!r}, meant {meant}, read {value}")
    result = {kind: scores[kind].percent if kind in scores else None for kind in SLOTS}
    print(json.dumps({**result, "ms": round(median(took_ms), 2)}))
    return 0
