"""The audit log on a real SQLite and a real Postgres: added to, forgotten from, and always whole."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from agent.memory.chain import Finding, Record
from agent.memory.ledger import Ledger
from agent.memory.store import Store

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
KEY = "a" * 32


def record(number: int, call: str = "call-1", kind: str = "TRANSCRIPT", at: datetime = NOW) -> Record:
    """One of many."""
    return Record(id=f"id-{call}-{number}", call_id=call, kind=kind, at=at, body=f'{{"text": "{call} said {number}"}}')


@pytest.fixture
def open_ledger(store: Store, store_url: str) -> Iterator[Callable[..., Ledger]]:
    """Opens the log of a prepared database, and closes it behind the test."""
    assert store.recent() == []
    opened: list[Ledger] = []

    def open_it(key: str = KEY, clock: Callable[[], datetime] = lambda: NOW) -> Ledger:
        opened.append(Ledger(store_url, key, clock))
        return opened[-1]

    yield open_it
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[..., Ledger]) -> Ledger:
    """Empty, with a key."""
    return open_ledger()


def test_records_are_there_in_their_order_and_the_chain_holds(ledger: Ledger) -> None:
    """Batch by batch, with a signed head."""
    assert ledger.append([record(1), record(2)]) == 2
    assert ledger.append([]) == 0
    ledger.append([record(3)])
    assert [link.body for link in ledger.of("call-1")] == [record(number).body for number in (1, 2, 3)]
    assert [link.position for link in ledger.all()] == [1, 2, 3]
    assert ledger.verify() == ledger.verify([ledger.public_key]) == []
    (head,) = ledger.heads()
    assert (head.day, head.position) == ("2026-11-20", 3)


def test_a_record_that_is_there_is_not_added_again(ledger: Ledger) -> None:
    """A process may be killed between the database's yes and its own note of it."""
    ledger.append([record(1), record(2)])
    assert ledger.append([record(2), record(3), record(3)]) == 1
    assert len(ledger.of("call-1")) == 3
    assert not ledger.verify()


def test_writers_that_write_at_once_make_one_chain(ledger: Ledger, open_ledger: Callable[..., Ledger]) -> None:
    """Each call's job is a process of its own."""
    others = [open_ledger() for _ in range(4)]

    def write(which: int) -> None:
        for number in range(15):
            others[which].append([record(number, call=f"call-{which}")])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert [link.position for link in ledger.all()] == [*range(1, 61)]
    assert not ledger.verify()


def test_what_is_forgotten_says_nothing_any_more_and_the_chain_holds(ledger: Ledger) -> None:
    """The proof of consent stays, and so does everybody else's."""
    ledger.append([record(1), record(2, kind="CONSENT"), record(3, call="call-2"), record(4)])
    assert ledger.erase(["call-1"], "forget") == {"erased": 2, "kept": 1}
    assert [link.kind for link in ledger.of("call-1")] == ["CONSENT"]
    assert len(ledger.of("call-2")) == 1
    assert not [link for link in ledger.all() if "call-1 said" in (link.body or "") and link.kind != "CONSENT"]
    assert ledger.verify() == []
    assert ledger.erase(["call-1"], "forget") == {"erased": 0, "kept": 1}


def test_what_is_too_old_goes_kind_by_kind(ledger: Ledger) -> None:
    """Words first, facts later, and the record of that stays."""
    old, new = NOW - timedelta(days=100), NOW
    ledger.append([record(1, at=old), record(2, kind="TASK", at=old), record(3, at=new)])
    assert ledger.expire(NOW - timedelta(days=90), ["TRANSCRIPT"]) == 1
    assert [link.kind for link in ledger.of("call-1")] == ["TASK", "TRANSCRIPT"]
    assert ledger.expire(NOW - timedelta(days=90)) == 1
    assert ledger.expire(NOW - timedelta(days=90)) == 0
    assert ledger.verify() == []


def test_a_log_without_a_key_holds_and_is_not_signed(open_ledger: Callable[..., Ledger]) -> None:
    """Whoever asks for signatures is told."""
    ledger = open_ledger("")
    ledger.append([record(1)])
    assert ledger.verify() == []
    assert ledger.verify(["00" * 32]) == [Finding(1, "is the head of 2026-11-20, which is not signed")]


def test_each_day_has_its_head(open_ledger: Callable[..., Ledger]) -> None:
    """By the time of writing, in UTC."""
    days = iter([NOW, NOW, NOW + timedelta(days=1), NOW + timedelta(days=1)])
    ledger = open_ledger(clock=lambda: next(days))
    for number in range(4):
        ledger.append([record(number)])
    assert [(head.day, head.position) for head in ledger.heads()] == [("2026-11-20", 2), ("2026-11-21", 4)]
    assert ledger.verify() == []
