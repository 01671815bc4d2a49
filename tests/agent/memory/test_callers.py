"""Callers across calls, on a real SQLite and a real Postgres."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.memory.callers import Callers, Remembered, Who
from agent.memory.store import Store, StoredCall, StoredEvent

NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
ANNA = Who(profile="shop", number="+15550100199")
KNOWN = Remembered(
    name="Anna", language="en", open_matters=("check_shipping",), summary="asked about order 4571", called_at=NOW
)


@pytest.fixture
def callers(store: Store, store_url: str) -> Iterator[Callers]:  # noqa: ARG001  # prepares it
    """The callers in it."""
    callers = Callers(store_url)
    yield callers
    callers.close()


def call_of(call_id: str, started_at: datetime = NOW) -> StoredCall:
    """A call's own record."""
    return StoredCall(id=call_id, profile="shop", channel="phone", started_at=started_at)


def test_a_caller_is_found_by_number_in_the_same_profile_only(callers: Callers) -> None:
    """As it was kept; nobody else's."""
    assert callers.keep(ANNA, KNOWN, "call-1")
    assert callers.find(ANNA) == KNOWN
    assert callers.find(replace(ANNA, number="+15550100200")) is None
    assert callers.find(replace(ANNA, profile="bank")) is None
    assert callers.find(Who(profile="shop")) is None


def test_a_verified_customer_is_found_from_any_telephone(callers: Callers) -> None:
    """The number belongs to the first call, the customer to both."""
    anna = replace(ANNA, customer="c1")
    callers.keep(ANNA, KNOWN, "call-1")
    callers.keep(anna, KNOWN, "call-2")
    elsewhere = Who(profile="shop", number="+15550100777", customer="c1")
    assert callers.find(elsewhere) == KNOWN
    later = replace(KNOWN, summary="asked where order 4571 is", called_at=NOW + timedelta(days=1))
    callers.keep(elsewhere, later, "call-3")
    assert callers.find(anna) == later
    assert callers.find(Who(profile="shop", number="+15550100777")) == later


def test_another_customer_on_the_same_telephone_is_another_caller(callers: Callers) -> None:
    """A family shares it: neither hears the other's business once verified, and the first keeps the number."""
    anna, otto = replace(ANNA, customer="c1"), replace(ANNA, customer="c2")
    callers.keep(anna, KNOWN, "call-1")
    assert callers.find(otto) is None
    callers.keep(otto, replace(KNOWN, name="Otto"), "call-2")
    assert [found.name for who in (anna, otto, ANNA) if (found := callers.find(who))] == ["Anna", "Otto", "Anna"]


def test_who_is_not_verified_does_not_rewrite_a_customer(callers: Callers) -> None:
    """Whoever holds the telephone may not rename its owner, nor have them forgotten."""
    anna = replace(ANNA, customer="c1")
    callers.keep(anna, KNOWN, "call-1")
    assert not callers.keep(ANNA, replace(KNOWN, name="Mallory"), "call-2")
    assert callers.forget(ANNA) == 0
    assert callers.find(anna) == KNOWN


def test_forget_deletes_the_caller_and_the_records_of_their_calls(callers: Callers, store: Store) -> None:
    """And nobody else's."""
    other = replace(ANNA, number="+15550100200")
    for who, call_id in ((ANNA, "call-1"), (ANNA, "call-2"), (other, "call-3")):
        callers.keep(who, KNOWN, call_id)
        store.save(call_of(call_id), [StoredEvent(position=0, at=NOW, kind="TurnEnded", fields={"turn": 1})])
    assert callers.forget(ANNA) == 1
    assert callers.find(ANNA) is None
    assert [call.id for call in store.recent()] == ["call-3"]
    assert store.events("call-1") == [] and len(store.events("call-3")) == 1
    assert callers.find(other) == KNOWN
    assert callers.forget(ANNA) == 0


def test_an_operator_forgets_in_all_profiles_by_number_or_customer(callers: Callers, store: Store) -> None:
    """Everywhere."""
    callers.keep(ANNA, KNOWN, "call-1")
    callers.keep(Who(profile="bank", number=ANNA.number, customer="c1"), KNOWN, "call-2")
    store.save(call_of("call-2"), [])
    assert callers.forget_everywhere(ANNA.number) == 2
    assert store.recent() == []
    callers.keep(Who(profile="bank", customer="c1"), KNOWN, "call-4")
    assert callers.forget_everywhere("c1") == 1
    assert callers.forget_everywhere("c1") == 0


def test_what_is_old_goes(callers: Callers, store: Store) -> None:
    """Callers by their last call, calls by their beginning."""
    old, new = NOW - timedelta(days=91), NOW - timedelta(days=89)
    callers.keep(ANNA, replace(KNOWN, called_at=old), "call-1")
    other = replace(ANNA, number="+15550100200")
    callers.keep(other, replace(KNOWN, called_at=new), "call-2")
    store.save(call_of("call-1", old), [StoredEvent(position=0, at=old, kind="TurnEnded", fields={})])
    store.save(call_of("call-2", new), [])
    assert callers.expire(NOW - timedelta(days=90)) == 2
    assert callers.find(ANNA) is None and callers.find(other) is not None
    assert [call.id for call in store.recent()] == ["call-2"]


def test_two_calls_of_one_caller_end_at_once(callers: Callers) -> None:
    """One row, whoever comes first."""
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda n: callers.keep(ANNA, KNOWN, f"call-{n}"), range(8)))
    assert all(kept)
    assert callers.forget(ANNA) == 1


def test_what_is_kept_has_its_bounds(callers: Callers) -> None:
    """A name that an LLM made up of a whole sentence, and matters without end."""
    long = replace(KNOWN, name="x" * 500, summary="y" * 5000, open_matters=tuple(f"tool_{n}" for n in range(50)))
    callers.keep(ANNA, long, "call-1")
    found = callers.find(ANNA)
    assert found is not None
    assert (len(found.name), len(found.summary), found.open_matters[-1]) == (80, 600, "tool_49")
    assert len(found.open_matters) == 10
