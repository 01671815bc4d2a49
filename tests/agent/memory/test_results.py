"""Results that are kept and lent out one at a time, on each kind of database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import StoreError
from agent.memory.callers import Callers
from agent.memory.outbox import GIVE_UP_AFTER, LEASE, LONGEST_WAIT
from agent.memory.results import Results
from agent.memory.store import Store, StoredCall

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
RESULT: dict[str, object] = {"outcome": "completed", "values": {"party": 4, "note": None}}


@pytest.fixture
def results(store: Store, store_url: str) -> Iterator[Results]:
    """One with the records of three calls."""
    for number in range(3):
        row = StoredCall(id=f"call-{number}", profile="shop", channel="phone", started_at=NOW - timedelta(days=number))
        store.save(row, [])
    found = Results(store_url)
    yield found
    found.close()


def keep(results: Results, number: int = 0, at: datetime = NOW) -> bool:
    """The result of a call, to be posted."""
    return results.keep(f"call-{number}", "shop", RESULT, at, is_due=True)


def test_a_result_is_found_as_it_was_kept_and_stands(results: Results) -> None:
    """A second one of the same call changes nothing."""
    assert keep(results) and not results.keep("call-0", "shop", {"outcome": "dropped"}, NOW, is_due=True)
    assert results.find("call-0") == RESULT
    assert results.find("call-1") is None


def test_what_is_only_kept_is_never_lent(results: Results) -> None:
    """A profile without a webhook."""
    results.keep("call-0", "shop", RESULT, NOW, is_due=False)
    assert results.claim("shop", NOW) == []


def test_of_two_who_ask_one_gets_it(results: Results, store_url: str) -> None:
    """Until the lease is over: whoever had it may have died."""
    keep(results)
    other = Results(store_url)
    assert [due.key for due in results.claim("shop", NOW)] == ["call-0"]
    assert other.claim("shop", NOW) == []
    assert other.claim("bank", NOW) == []
    assert [due.key for due in other.claim("shop", NOW + LEASE)] == ["call-0"]
    other.close()


def test_what_has_arrived_never_comes_again(results: Results) -> None:
    """Not even after its lease."""
    keep(results)
    results.claim("shop", NOW)
    results.sent("call-0")
    assert results.claim("shop", NOW + timedelta(days=1)) == []


def waits_of(results: Results, tries: int) -> list[float]:
    """After how many seconds each next try is due, found by asking every five of them."""
    found, now = [], NOW
    for _ in range(tries):
        results.later("call-0", now)
        asked = now
        while not results.claim("shop", now) and now - asked <= LONGEST_WAIT:
            now += timedelta(seconds=5)
        found.append((now - asked).total_seconds())
    return found


def test_each_wait_is_longer_up_to_an_hour(results: Results) -> None:
    """A receiver that is down for a night is not asked ten thousand times."""
    keep(results)
    results.claim("shop", NOW)
    assert waits_of(results, 10) == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_what_has_not_arrived_in_three_days_is_given_up(results: Results) -> None:
    """It stays kept."""
    keep(results)
    results.claim("shop", NOW)
    results.later("call-0", NOW + GIVE_UP_AFTER)
    assert results.claim("shop", NOW + 2 * GIVE_UP_AFTER) == []
    assert results.find("call-0") == RESULT


def test_a_result_goes_with_its_call(results: Results, store_url: str) -> None:
    """Retention and forgetting delete calls."""
    for number in range(3):
        keep(results, number)
    callers = Callers(store_url)
    callers.expire(NOW - timedelta(days=1, hours=1))
    callers.close()
    assert [results.find(f"call-{number}") is None for number in range(3)] == [False, False, True]


def test_a_call_without_a_record_has_no_result(results: Results) -> None:
    """It would be found by nobody, and go with nothing."""
    with pytest.raises(StoreError):
        results.keep("call-9", "shop", RESULT, NOW, is_due=True)
