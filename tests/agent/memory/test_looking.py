"""Looking at calls, on each kind of database."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.memory.looking import Looking, Wanted
from agent.memory.results import Results
from agent.memory.store import Store, StoredCall, StoredEvent

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)  # the evening before in New York


def event(position: int, kind: str, **fields: float | str) -> StoredEvent:
    """One of a call."""
    return StoredEvent(position=position, at=NOW + timedelta(seconds=position), kind=kind, fields=dict(fields))


@pytest.fixture
def looking(store: Store, store_url: str) -> Iterator[Looking]:
    """A live call, one that ended and was scored, and one of the day before."""
    live = StoredCall(id="AJ_live", profile="shop", channel="phone", started_at=NOW)
    ended = StoredCall(
        id="AJ_ended", profile="bank", channel="browser", started_at=NOW - timedelta(hours=1), ended_at=NOW,
        end_reason="caller_left", flags=("wants_human",), e2e_p50_ms=400.0,
    )  # fmt: skip
    old = StoredCall(id="AJ_o%d", profile="shop", channel="phone", started_at=NOW - timedelta(days=1), ended_at=NOW)
    store.save(live, [event(0, "CallJoined", profile="shop"), event(1, "CallerSpoke", turn=1)])
    store.save(ended, [event(0, "CallJoined", profile="bank"), event(1, "CallScored", handle_s=30.0)])
    store.save(old, [])
    results = Results(store_url)
    results.keep("AJ_ended", "bank", {"references": [{"of": "payment", "id": "P-77_1"}]}, NOW, is_due=False)
    results.close()
    found = Looking(store_url)
    yield found
    found.close()


def test_live_calls_come_with_what_happened_last(looking: Looking) -> None:
    """And when."""
    assert [(call.id, kind, at) for call, kind, at in looking.live()] == [
        ("AJ_live", "CallerSpoke", NOW + timedelta(seconds=1))
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["AJ_live", "AJ_ended", "AJ_o%d"]),
        (Wanted(profile="shop", channel="phone"), ["AJ_live", "AJ_o%d"]),
        (Wanted(reason="caller_left"), ["AJ_ended"]),
        (Wanted(flag="wants_human"), ["AJ_ended"]),
        (Wanted(search="AJ_o"), ["AJ_o%d"]),
        (Wanted(search="AJ_o%"), ["AJ_o%d"]),
        (Wanted(search="%"), []),
        (Wanted(search="P-77_1"), ["AJ_ended"]),
        (Wanted(search="P-77x1"), []),
        (Wanted(since=date(2026, 11, 29)), ["AJ_live", "AJ_ended"]),
        (Wanted(since=date(2026, 11, 29), zone=ZoneInfo("America/New_York")), []),
        (Wanted(until=date(2026, 11, 28), zone=ZoneInfo("America/New_York")), ["AJ_live", "AJ_ended", "AJ_o%d"]),
    ],
)
def test_calls_are_chosen(looking: Looking, wanted: Wanted, expected: list[str]) -> None:
    """The latest first; days end where they do in the zone, and no sign of a search is a pattern."""
    assert [call.id for call in looking.calls(wanted)] == expected


def test_a_page_of_calls_is_a_part_of_them(looking: Looking) -> None:
    """With as many as asked for, from where it was asked."""
    assert [call.id for call in looking.calls(Wanted(), limit=1, offset=1)] == ["AJ_ended"]
    assert looking.calls(Wanted(flag="wants_human"), limit=1, offset=1) == []


def test_scores_come_with_their_calls_latency(looking: Looking) -> None:
    """Only of calls that have one."""
    (scored,) = looking.scored(Wanted())
    assert (scored.fields, scored.e2e_p50_ms) == ({"handle_s": 30.0}, 400.0)
