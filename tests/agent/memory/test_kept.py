"""What is kept of running calls: sealed, gone with the call, and claimed by one heir, on each kind of database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from agent.memory.kept import KeptCalls, Seal
from agent.memory.store import Store, StoredCall

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SECRET = "a secret of more than thirty-two characters"
WORDS = b'{"heard": "my birthday is the third of May"}'


@pytest.fixture
def kept(store: Store, store_url: str) -> Iterator[KeptCalls]:
    """An empty one of each kind."""
    assert store.recent() == []
    found = KeptCalls(store_url, SECRET)
    yield found
    found.close()


def test_a_kept_call_is_found_by_its_room(kept: KeptCalls) -> None:
    """With its latest state, and by no other room."""
    kept.keep("call-1", "room-1", "worker-1", b"old", NOW)
    kept.keep("call-1", "room-1", "worker-2", WORDS, NOW)
    found = kept.find("room-1")
    assert found is not None and (found.call_id, found.worker, found.state) == ("call-1", "worker-2", WORDS)
    assert kept.find("room-2") is None


def test_nothing_stays_of_a_call_that_is_over(kept: KeptCalls) -> None:
    """It is kept for the life of the call alone; a second end does no harm."""
    kept.keep("call-1", "room-1", "worker-1", WORDS, NOW)
    kept.drop("call-1")
    kept.drop("call-1")
    assert kept.find("room-1") is None and kept.of(["worker-1"]) == []


@pytest.mark.parametrize("table", ["kept_calls", "calls", "workers", "call_events"])
def test_neither_words_nor_the_rooms_name_can_be_read_in_the_database(
    kept: KeptCalls, store_url: str, table: str
) -> None:
    """A room may be named after a telephone number."""
    kept.keep("call-1", "call-_+15550100_x", "worker-1", WORDS, NOW)
    engine = create_engine(store_url)
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT * FROM {table}")).all()
    rows = [str([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in found]
    engine.dispose()
    assert not any(secret in row for row in rows for secret in ("birthday", "15550100", "third of May"))


def test_another_secret_or_another_call_opens_nothing() -> None:
    """Each call has a key of its own, from LiveKit's secret."""
    sealed = Seal(SECRET).close("call-1", WORDS)
    assert Seal(SECRET).open("call-1", sealed) == WORDS
    assert Seal(SECRET + "x").open("call-1", sealed) is None
    assert Seal(SECRET).open("call-2", sealed) is None
    assert Seal(SECRET).open("call-1", sealed[:-8] + b"AAAAAAA=") is None


def test_one_heir_gets_the_calls_of_a_dead_worker(kept: KeptCalls) -> None:
    """Of two who saw its death at the same moment."""
    for number in (1, 2):
        kept.keep(f"call-{number}", f"room-{number}", "dead", WORDS, NOW)
    kept.keep("call-3", "room-3", "third", WORDS, NOW)
    assert [kept.claim("dead", heir) for heir in ("first", "second")] == [2, 0]
    assert [one.call_id for one in kept.of(["first"])] == ["call-1", "call-2"]
    assert [one.call_id for one in kept.of(["third"])] == ["call-3"]


def test_beats_count_up_and_end_with_the_worker(kept: KeptCalls) -> None:
    """One who has calls and was never seen to beat counts as standing still."""
    kept.keep("call-1", "room-1", "silent", WORDS, NOW)
    kept.beat("one", NOW)
    assert kept.beat("two", NOW) == {"silent": 0, "one": 1, "two": 1}
    assert kept.beat("one", NOW)["one"] == 2
    kept.leave("one")
    assert "one" not in kept.beat("two", NOW)


def test_records_that_nobody_keeps_are_closed(kept: KeptCalls, store: Store) -> None:
    """No row stays open for ever; those of calls that run, have ended, or have only begun stay as they are."""
    hour, moment = timedelta(hours=1), timedelta(seconds=5)
    for name, ago in {"lost": hour, "kept": hour, "new": moment, "ended": hour}.items():
        ended = {"ended_at": NOW, "end_reason": "caller_left"} if name == "ended" else {}
        call = StoredCall(id=name, profile="shop", channel="browser", started_at=NOW - ago, **ended)  # type: ignore[arg-type]
        store.save(call, [])
    kept.keep("kept", "room-1", "worker-1", WORDS, NOW)
    assert kept.close_lost(NOW, timedelta(minutes=1)) == 1
    assert {call.id: call.end_reason for call in store.recent()} == {
        "lost": "crashed", "kept": None, "new": None, "ended": "caller_left"
    }  # fmt: skip


def test_a_call_that_cannot_be_taken_up_is_buried(kept: KeptCalls, store: Store) -> None:
    """Its record is closed and nothing is kept; one that had ended keeps its reason."""
    for name, reason in {"open": None, "over": "caller_goodbye"}.items():
        call = StoredCall(id=name, profile="shop", channel="phone", started_at=NOW, end_reason=reason)
        store.save(replace(call, ended_at=NOW if reason else None), [])
        kept.keep(name, f"room-{name}", "worker-1", WORDS, NOW)
        kept.bury(name, NOW)
    assert {call.id: call.end_reason for call in store.recent()} == {"open": "crashed", "over": "caller_goodbye"}
    assert kept.of(["worker-1"]) == []
