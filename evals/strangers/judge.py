"""What came of a call: judged by the database before and after it, and by what was asked. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from evals.records import Row, Snapshot, plain

LOOP = 3  # times the same question, each of them answered
ANY = "*"  # a column that must hold something


@dataclass(frozen=True, slots=True)
class Said:
    """A turn: the caller's words, the agent's, the key of the question that the caller's words answered, and what the
    agent took them for where it had to listen."""

    words: str
    reply: str
    answered: str = ""
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one call. `wrong` are rows as they should not be, in words; `is_spelled_otherwise` when the caller agreed to a
    name that only sounds like theirs."""

    is_completed: bool
    wrong: tuple[str, ...]
    loop: str
    turns: int
    problem: str = ""
    is_spelled_otherwise: bool = False

    @property
    def is_right(self) -> bool:
        """Nothing to be looked at."""
        return self.is_completed and not self.wrong and not self.loop


def changed(before: Snapshot, after: Snapshot, but: Collection[str]) -> list[tuple[str, Row]]:
    """Every row that is new or another than before, by table."""
    return [
        (table, row)
        for table, rows in after.items()
        if table not in but and rows != before.get(table, ())
        for row in rows
        if row not in before.get(table, ())
    ]


def gone(before: Snapshot, after: Snapshot, but: Collection[str]) -> list[tuple[str, Row]]:
    """Every row that is not there any more, though the table has no other in its place."""
    return [
        (table, row)
        for table, rows in before.items()
        if table not in but and len(after.get(table, rows)) < len(rows)
        for row in rows
        if row not in after[table]
    ]


def fits(row: Row, expected: Mapping[str, object], zone: ZoneInfo) -> bool:
    """Whether the row is the one that was wanted."""
    return all(
        row[name] is not None if value == ANY else plain(row[name], zone) == plain(value, zone)
        for name, value in expected.items()
    )


def rows(
    before: Snapshot, after: Snapshot, table: str, expected: Mapping[str, object], but: Collection[str], zone: ZoneInfo
) -> tuple[bool, list[str]]:
    """Whether the one row that was wanted is there, and what is there or gone besides."""
    right, wrong = 0, []
    for name, row in changed(before, after, but):
        if name == table and fits(row, expected, zone) and not right:
            right += 1
        else:
            wrong.append(f"{name}: {_shown(row, expected, zone)}")
    wrong += [f"{name} lost {_shown(row, expected, zone)}" for name, row in gone(before, after, but)]
    return right == 1, wrong


def loop(turns: Sequence[Said]) -> str:
    """The question that was asked so often although it was answered each time; "" for none."""
    answered = Counter(turn.answered for turn in turns if turn.answered)
    return next((key for key, count in answered.items() if count >= LOOP), "")


def _shown(row: Row, expected: Mapping[str, object], zone: ZoneInfo) -> str:
    said = [
        f"{name} {plain(row[name], zone)} (wanted {plain(expected[name], zone)})" for name in expected if name in row
    ]
    return ", ".join(said or [f"{name} {plain(value, zone)}" for name, value in row.items()])
