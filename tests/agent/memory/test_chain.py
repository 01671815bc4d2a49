"""Twenty and more ways to tamper with the audit log, by somebody who can write to the database and has no key."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.memory import chain
from agent.memory.chain import Link, Record, Signer
from agent.memory.ledger import Ledger
from agent.memory.store import Store

START = datetime(2026, 11, 20, 17, tzinfo=UTC)
KEY = "a" * 32
Tamper = Callable[[sqlite3.Connection], object]


def _swap(column: str, one: int, other: int) -> Tamper:
    def tamper(db: sqlite3.Connection) -> None:
        values = [
            db.execute(f"SELECT {column} FROM audit_records WHERE position = ?", [p]).fetchone() for p in (one, other)
        ]
        names = ", ".join(f"{name} = ?" for name in column.split(", "))
        for position, value in zip((other, one), values, strict=True):
            db.execute(f"UPDATE audit_records SET {names} WHERE position = ?", [*value, position])

    return tamper


def _sql(*statements: str) -> Tamper:
    def tamper(db: sqlite3.Connection) -> None:
        for statement in statements:
            db.execute(statement)

    return tamper


def _rewritten(db: sqlite3.Connection) -> None:
    """The cleverest: change a record, and make every hash after it right again, the heads too."""
    db.execute('UPDATE audit_records SET body = \'{"text": "forged"}\' WHERE position = 5')
    columns = "position, id, call_id, kind, at, written_at, body, salt, digest, hash"
    before = chain.FIRST
    for row in db.execute(f"SELECT {columns} FROM audit_records ORDER BY position").fetchall():
        fields = dict(zip(columns.split(", "), row, strict=True))
        times = {name: datetime.fromisoformat(fields[name]).replace(tzinfo=UTC) for name in ("at", "written_at")}
        digest = Link(**{**fields, **times}).digest_now()
        before = chain.hash_of(fields["position"], before, digest)
        where = [digest, before, fields["position"]]
        db.execute("UPDATE audit_records SET digest = ?, hash = ? WHERE position = ?", where)
        db.execute("UPDATE audit_heads SET hash = ? WHERE position = ?", [before, fields["position"]])


def _signed_by_another(db: sqlite3.Connection) -> None:
    day, position, hash_ = db.execute("SELECT day, position, hash FROM audit_heads ORDER BY day LIMIT 1").fetchone()
    signature = Signer("b" * 32).sign(day, position, hash_)
    db.execute("UPDATE audit_heads SET signature = ? WHERE day = ?", [signature, day])


_COLUMNS = "id, call_id, kind, at, written_at, body, salt, digest, hash"
_BEHIND = "INSERT INTO audit_records SELECT 13, 'forged', call_id, kind, at, written_at, body, salt, digest, hash"
TAMPERINGS: dict[str, tuple[Tamper, int]] = {  # and the record that must be named
    "a word changed": (_sql("UPDATE audit_records SET body = replace(body, 'said 5', 'said 6') WHERE position = 5"), 5),
    "its kind changed": (_sql("UPDATE audit_records SET kind = 'TASK' WHERE position = 5"), 5),
    "given to another call": (_sql("UPDATE audit_records SET call_id = 'call-9' WHERE position = 5"), 5),
    "back-dated": (_sql("UPDATE audit_records SET at = '2026-11-01 10:00:00.000000' WHERE position = 5"), 5),
    "written at another time": (
        _sql("UPDATE audit_records SET written_at = '2026-11-01 10:00:00.000000' WHERE position = 5"), 5),
    "its salt changed": (_sql("UPDATE audit_records SET salt = '00' WHERE position = 5"), 5),
    "its digest changed": (_sql("UPDATE audit_records SET digest = hash WHERE position = 5"), 5),
    "its hash changed": (_sql("UPDATE audit_records SET hash = digest WHERE position = 5"), 5),
    "its id changed": (_sql("UPDATE audit_records SET id = 'another' WHERE position = 5"), 5),
    "one missing": (_sql("DELETE FROM audit_records WHERE position = 5"), 5),
    "the first missing": (_sql("DELETE FROM audit_records WHERE position = 1"), 1),
    "several missing": (_sql("DELETE FROM audit_records WHERE position BETWEEN 5 AND 7"), 5),
    "the last missing": (_sql("DELETE FROM audit_records WHERE position = 12"), 12),
    "a day's end missing": (_sql("DELETE FROM audit_records WHERE position = 6"), 6),
    "missing, and the rest moved up": (
        _sql("DELETE FROM audit_records WHERE position = 5",
             *(f"UPDATE audit_records SET position = {n - 1} WHERE position = {n}" for n in range(6, 13))), 5),
    "two contents swapped": (_swap("body", 5, 8), 5),
    "two records swapped": (_swap("call_id, kind, at, written_at, body, salt, digest, hash", 5, 8), 5),
    "two neighbours swapped, hashes too": (_swap("call_id, kind, at, written_at, body, salt, digest", 5, 6), 5),
    "its content wiped": (_sql("UPDATE audit_records SET body = NULL WHERE position = 5"), 5),
    "wiped like one that was forgotten": (
        _sql("UPDATE audit_records SET call_id = NULL, kind = NULL, at = NULL, written_at = NULL, body = NULL, "
             "salt = NULL WHERE position = 5"), 5),
    "wiped, with a forged record of an erasure": (
        _sql("UPDATE audit_records SET body = NULL WHERE position = 5",
             f"{_BEHIND} FROM audit_records WHERE position = 12",
             "UPDATE audit_records SET kind = 'ERASED', body = '{\"positions\": [[5, 5]]}' WHERE position = 13"), 13),
    "one added at the end": (_sql(f"{_BEHIND} FROM audit_records WHERE position = 12"), 13),
    "one said twice": (
        _sql("UPDATE audit_records SET body = (SELECT body FROM audit_records WHERE position = 4) "
             "WHERE position = 5"), 5),
    "all rewritten, hashes and heads too": (_rewritten, 6),
    "the end cut off with its day's head": (
        _sql("DELETE FROM audit_records WHERE position > 11", "DELETE FROM audit_heads WHERE position = 12"), 11),
    "a day's head missing": (_sql("DELETE FROM audit_heads WHERE position = 6"), 6),
    "a head moved to another record": (_sql("UPDATE audit_heads SET position = 5 WHERE position = 6"), 5),
    "a head's hash changed": (_sql("UPDATE audit_heads SET hash = 'abc' WHERE position = 6"), 6),
    "a signature changed": (_sql("UPDATE audit_heads SET signature = 'abcd' WHERE position = 6"), 6),
    "a signature taken off": (_sql("UPDATE audit_heads SET signature = '' WHERE position = 6"), 6),
    "signed by another key": (_signed_by_another, 6),
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of two days with six records each."""
    path = tmp_path / "parley.db"
    store = Store(f"sqlite:///{path}")
    store.prepare()
    store.close()
    times = iter(START + timedelta(days=n // 6, seconds=n) for n in range(12))
    now = START
    ledger = Ledger(f"sqlite:///{path}", KEY, lambda: now)
    for number in range(12):
        now = next(times)
        body = f'{{"text": "said {number + 1}"}}'
        ledger.append([Record(id=f"id-{number}", call_id=f"call-{number % 3}", kind="TRANSCRIPT", at=now, body=body)])
    ledger.close()
    return path


def test_a_log_that_nobody_touched_verifies(path: Path) -> None:
    """By its key, or by the public one alone."""
    ledger = Ledger(f"sqlite:///{path}", KEY, lambda: START)
    assert ledger.verify() == []
    assert Ledger(f"sqlite:///{path}", "", lambda: START).verify([ledger.public_key]) == []


@pytest.mark.parametrize("name", TAMPERINGS)
def test_every_tampering_is_found_and_located(path: Path, name: str) -> None:
    """The record that was touched is named."""
    tamper, position = TAMPERINGS[name]
    with sqlite3.connect(path) as db:
        tamper(db)
    findings = Ledger(f"sqlite:///{path}", KEY, lambda: START).verify()
    assert position in {finding.position for finding in findings}, findings


def test_positions_are_told_as_ranges() -> None:
    """However they are given."""
    assert chain.ranges([7, 1, 2, 3, 9, 10]) == [[1, 3], [7, 7], [9, 10]]
    assert chain.ranges([]) == []
    assert chain.within(2, [[1, 3]]) and not chain.within(4, [[1, 3], [7, 7]])
