"""Calls that we make, in the record: wanted once, decided with reasons, rung by one process at a time, on each kind of
database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from agent.memory.dialled import CALLING, DONE, WAITING, Dial, Dialled
from agent.memory.store import Store
from agent.rules.dialling import Decision, Known, Outcome, Reason, Verdict

NOW = datetime(2026, 11, 30, 17, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
NUMBER, OTHER = "+15185550142", "+13125550142"


def dial(row: str = "1", number: str = NUMBER, name: str = "monday", **more: object) -> Dial:
    """One that is wanted now."""
    values: dict[str, object] = {"profile": "dental", "purpose": "reminder", "fields": {"about": "on Tuesday"}, **more}
    return Dial(id=f"{name}-{row}", list=name, row=row, number=number, next_at=NOW, **values)  # type: ignore[arg-type]


@pytest.fixture
def dialled(store: Store, store_url: str) -> Iterator[Dialled]:
    """An empty record of each kind."""
    assert store.recent() == []
    found = Dialled(store_url)
    yield found
    found.close()


def begun(dialled: Dialled, wanted: Dial, at: datetime = NOW) -> str:
    """An attempt that has begun."""
    attempt = dialled.begin(wanted, at, at + timedelta(hours=5))
    assert attempt is not None
    return attempt


def test_a_row_is_wanted_once_however_often_its_list_is_read(dialled: Dialled) -> None:
    """What has become of it stays; rows that are new come to it."""
    (first,) = dialled.want([dial()])
    dialled.ended(begun(dialled, first), Outcome.PERSON, NOW, has_rung=True, next_at=None)
    again = dialled.want([dial(), dial("2", OTHER)])
    assert [(one.row, one.state, one.outcome, one.attempts) for one in again] == [
        ("1", DONE, "person", 1),
        ("2", WAITING, None, 0),
    ]
    assert again[0].fields == {"about": "on Tuesday"}
    assert dialled.want([]) == []


def test_the_call_that_is_due_first_comes_first(dialled: Dialled) -> None:
    """Of one list, and none of another."""
    dialled.want([dial("1"), dial("2", OTHER)])
    dialled.want([dial("3", name="tuesday")])
    (first, second) = dialled.of("monday")
    dialled.decided(first, Decision(Verdict.LATER, Reason.OUT_OF_HOURS, LATER), NOW)
    found = dialled.next_of("monday")
    assert found is not None and found.row == second.row
    dialled.decided(second, Decision(Verdict.NEVER, Reason.OPTED_OUT), NOW)
    found = dialled.next_of("monday")
    assert found is not None and (found.row, found.next_at) == ("1", LATER)


def test_every_decision_is_kept_with_its_reason(dialled: Dialled) -> None:
    """The latest decides; those before it stay to be looked at."""
    (one,) = dialled.want([dial()])
    dialled.decided(one, Decision(Verdict.LATER, Reason.OUT_OF_HOURS, LATER), NOW)
    dialled.decided(one, Decision(Verdict.NEVER, Reason.NO_CONSENT), LATER)
    assert dialled.decisions(one) == [(NOW, "later", "out_of_hours"), (LATER, "never", "no_consent")]
    (kept,) = dialled.of("monday")
    assert (kept.state, kept.outcome) == (DONE, "no_consent")


def test_a_number_is_never_rung_twice_at_once(dialled: Dialled) -> None:
    """Not for another list or purpose either, until the first call has ended."""
    (one,) = dialled.want([dial()])
    (other,) = dialled.want([dial(name="tuesday", purpose="survey")])
    attempt = begun(dialled, one)
    assert dialled.known(other, NOW).is_in_a_call
    assert dialled.begin(other, NOW, LATER) is None
    assert dialled.begin(one, NOW, LATER) is None
    dialled.ended(attempt, Outcome.BUSY, NOW, has_rung=True, next_at=LATER)
    assert not dialled.known(other, NOW).is_in_a_call
    assert dialled.begin(other, NOW, LATER) is not None


def test_of_many_that_want_the_same_call_one_gets_it(dialled: Dialled) -> None:
    """At the same moment, from several threads, as from several processes."""
    (one,) = dialled.want([dial()])
    with ThreadPoolExecutor(8) as threads:
        begun_by = list(threads.map(lambda _: dialled.begin(one, NOW, LATER), range(8)))
    assert sum(attempt is not None for attempt in begun_by) == 1


def test_a_number_that_a_dead_process_held_is_free_after_a_while(dialled: Dialled) -> None:
    """Nobody is locked out of being called for ever."""
    (one,) = dialled.want([dial()])
    (other,) = dialled.want([dial(name="tuesday")])
    assert dialled.begin(one, NOW, LATER) is not None
    assert dialled.begin(other, LATER + timedelta(seconds=1), LATER + timedelta(hours=5)) is not None


def test_attempts_count_when_something_rang(dialled: Dialled) -> None:
    """A trunk that is out of order annoys nobody; what was two days ago is not today, wherever that is."""
    (one,) = dialled.want([dial()])
    dialled.ended(begun(dialled, one), Outcome.TRUNK_FAILED, NOW, has_rung=False, next_at=NOW)
    assert dialled.known(one, NOW) == Known()
    dialled.ended(begun(dialled, one), Outcome.BUSY, NOW, has_rung=True, next_at=NOW)
    assert dialled.known(one, NOW).attempts == (NOW,)
    assert dialled.known(one, NOW + timedelta(days=3)).attempts == ()
    assert dialled.of("monday")[0].attempts == 1


def test_what_a_dead_run_left_open_is_found_with_what_the_agent_told(dialled: Dialled) -> None:
    """And closed by whoever goes on."""
    (one,) = dialled.want([dial()])
    attempt = begun(dialled, one)
    dialled.answered(attempt, "person")
    (open_one,) = dialled.unfinished("monday")
    assert (open_one.id, open_one.answered_by, open_one.dial.number, open_one.dial.state) == (
        attempt, "person", NUMBER, CALLING
    )  # fmt: skip
    dialled.ended(attempt, Outcome.PERSON, LATER, has_rung=True, next_at=None)
    assert dialled.unfinished("monday") == []
    found = dialled.attempt(attempt)
    assert found is not None and (found.outcome, found.dial.state) == ("person", DONE)
    assert dialled.attempt("nobody's") is None


def test_an_opt_out_is_for_every_profile_and_for_ever(dialled: Dialled) -> None:
    """A second one changes nothing; neither retention nor forgetting the person takes it away."""
    (one,) = dialled.want([dial(purpose="survey", profile="shop")])
    dialled.opt_out(NUMBER, "call 1", NOW)
    dialled.opt_out(NUMBER, "call 2", LATER)
    assert dialled.known(one, NOW).has_opted_out
    assert dialled.forget(NUMBER) == 1
    assert dialled.expire(NOW + timedelta(days=4000)) == 0
    assert dialled.has_opted_out(NUMBER) and not dialled.has_opted_out(OTHER)


def test_a_consent_is_for_one_purpose_of_one_profile(dialled: Dialled) -> None:
    """And goes with the person who is forgotten."""
    (one,) = dialled.want([dial()])
    (other,) = dialled.want([dial(name="tuesday", purpose="survey")])
    dialled.consent(NUMBER, "dental", "reminder", "web form of 3 November", NOW)
    dialled.consent(NUMBER, "dental", "reminder", "again", LATER)
    assert dialled.known(one, NOW).has_consented and not dialled.known(other, NOW).has_consented
    dialled.forget(NUMBER)
    assert not dialled.known(one, NOW).has_consented


def test_old_calls_go_with_all_that_was_written_of_them(dialled: Dialled) -> None:
    """Those that are younger stay."""
    (old,) = dialled.want([dial()])
    dialled.decided(old, Decision(Verdict.CALL, Reason.ALLOWED), NOW)
    dialled.ended(begun(dialled, old), Outcome.BUSY, NOW, has_rung=True, next_at=LATER)
    dialled.want([dial("2", OTHER, name="tuesday")])
    assert dialled.expire(NOW + timedelta(hours=1)) == 1
    assert [one.list for name in ("monday", "tuesday") for one in dialled.of(name)] == ["monday"]
    assert dialled.expire(LATER + timedelta(hours=1)) == 1
    assert dialled.decisions(old) == []
