"""The call store on a real SQLite and a real Postgres: the same suite."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.memory import database
from agent.memory.store import Store, StoredCall, StoredEvent
from tests.fakes.databases import full_disk, locked

START = datetime(2026, 11, 20, 17, 0, 0, 250_000, tzinfo=UTC)


def begun(call_id: str = "call-1", started_at: datetime = START) -> StoredCall:
    """A call that has just begun."""
    return StoredCall(id=call_id, profile="shop", channel="browser", started_at=started_at)


def event(position: int) -> StoredEvent:
    """Some event of a call."""
    fields = {"turn": position, "e2e_ms": 412.5, "had_tools": True, "stt_ms": None, "flag": "wants_human"}
    return StoredEvent(position=position, at=START + timedelta(seconds=position), kind="TurnEnded", fields=fields)


def test_a_call_that_lasts_is_kept_without_an_end(store: Store) -> None:
    """A job that dies leaves this, and it says so: no end, no reason."""
    store.save(begun(), [])
    assert store.call("call-1") == begun()


def test_a_call_that_ended_is_the_same_row_with_everything_in_it(store: Store) -> None:
    """Saved again and again, it is one call."""
    over = StoredCall(
        id="call-1", profile="shop", channel="phone", started_at=START, ended_at=START + timedelta(seconds=61),
        end_reason="caller_goodbye", turns=5, interruptions=1, tool_calls=3, tool_failures=1, provider_failures=2,
        connection_losses=1, flags=("wants_human", "upset"), e2e_p50_ms=512.5, e2e_p95_ms=1024.0,
    )  # fmt: skip
    store.save(begun(), [])
    store.save(over, [])
    store.save(over, [])
    assert store.call("call-1") == over
    assert store.recent() == [over]


def test_events_come_back_in_order_with_their_fields_as_they_were(store: Store) -> None:
    """Numbers, truth and nothing keep their types."""
    store.save(begun(), [event(0), event(1)])
    store.save(begun(), [event(2)])
    assert store.events("call-1") == [event(0), event(1), event(2)]


def test_a_time_of_another_zone_is_the_same_moment(store: Store) -> None:
    """Stored as UTC, returned as UTC."""
    in_tokyo = START.astimezone(timezone(timedelta(hours=9)))
    store.save(begun(started_at=in_tokyo), [])
    found = store.call("call-1")
    assert found is not None
    assert found.started_at == in_tokyo
    assert found.started_at.utcoffset() == timedelta()


def test_a_batch_is_kept_whole_or_not_at_all(store: Store) -> None:
    """One event that is there already undoes the others and the call's new figures."""
    store.save(begun(), [event(0)])
    changed = StoredCall(id="call-1", profile="shop", channel="browser", started_at=START, turns=9)
    with pytest.raises(StoreError):
        store.save(changed, [event(1), event(0)])
    assert store.events("call-1") == [event(0)]
    assert store.call("call-1") == begun()


def test_the_newest_calls_come_first(store: Store) -> None:
    """As many as were asked for."""
    for minute in range(5):
        store.save(begun(f"call-{minute}", START + timedelta(minutes=minute)), [])
    assert [call.id for call in store.recent(2)] == ["call-4", "call-3"]


def test_an_unknown_call_is_none(store: Store) -> None:
    """And it has no events."""
    assert store.call("nobody") is None
    assert store.events("nobody") == []


def test_five_calls_write_at_once(store: Store) -> None:
    """Each job is a process; here each is a thread with its own connection."""

    def write(number: int) -> None:
        for position in range(10):
            store.save(begun(f"call-{number}"), [event(position)])

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(write, range(5)))
    assert [len(store.events(f"call-{number}")) for number in range(5)] == [10] * 5


def test_a_start_waits_for_anothers_migration(tmp_path: Path) -> None:
    """Which takes longer on a busy machine than an observer would wait."""
    path = tmp_path / "parley.db"
    Store(f"sqlite:///{path}").prepare()
    with ThreadPoolExecutor(1) as pool, locked(path):
        starting = pool.submit(Store(f"sqlite:///{path}").prepare)
        with pytest.raises(TimeoutError):
            starting.result(database.BUSY_S + 1.0)
        assert not starting.done()
    starting.result(0)


def test_preparing_again_changes_nothing(store: Store) -> None:
    """Every start of a worker does it."""
    store.save(begun(), [event(0)])
    store.prepare()
    assert store.events("call-1") == [event(0)]


def test_a_full_disk_is_one_sentence_with_the_cure(tmp_path: Path) -> None:
    """And it names the file and the variable."""
    path = tmp_path / "parley.db"
    store = Store(f"sqlite:///{path}")
    store.prepare()
    store.close()
    with full_disk(), pytest.raises(StoreError, match=r"parley.db failed: the disk is full; free some .*PARLEY_STORE"):
        store.save(begun(), [event(position) for position in range(500)])


def test_a_lock_of_another_program_is_one_sentence(tmp_path: Path) -> None:
    """After a second of waiting."""
    path = tmp_path / "parley.db"
    store = Store(f"sqlite:///{path}")
    store.prepare()
    with locked(path), pytest.raises(StoreError, match="another program holds it locked"):
        store.save(begun(), [])
    store.save(begun(), [])


def test_a_read_only_file_is_one_sentence(tmp_path: Path) -> None:
    """As on a disk that is mounted so."""
    path = tmp_path / "parley.db"
    Store(f"sqlite:///{path}").prepare()
    store = Store(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="it is read-only"):
        store.save(begun(), [])


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    """Somebody's notes."""
    path = tmp_path / "parley.db"
    path.write_text("shopping list\n" * 100)
    with pytest.raises(StoreError, match="no SQLite database; move it away"):
        Store(f"sqlite:///{path}").prepare()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A file stands where the folder should."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="its folder exists"):
        Store(f"sqlite:///{tmp_path / 'file' / 'parley.db'}").prepare()


def test_a_server_that_is_away_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    """Nor does the sentence show the driver's own text."""
    store = Store(f"postgresql+psycopg://parley:hunter2@/postgres?host={tmp_path}")
    with pytest.raises(StoreError, match="it cannot be reached") as error:
        store.prepare()
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("url", ["", "nonsense", "nosuch://host/x"])
def test_what_is_no_database_url_names_the_variable(url: str) -> None:
    """Already when the store is made."""
    with pytest.raises(StoreError, match="PARLEY_STORE_URL is not a database URL"):
        Store(url)


def test_a_failed_migration_leaves_nothing_half_made(tmp_path: Path) -> None:
    """Once there is space, the next start makes it whole."""
    path = tmp_path / "parley.db"
    with full_disk(pages=4), pytest.raises(StoreError, match="the disk is full"):
        Store(f"sqlite:///{path}").prepare()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    Store(f"sqlite:///{path}").prepare()
