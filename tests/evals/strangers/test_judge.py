"""What came of a call, by its rows and by what was asked."""

from zoneinfo import ZoneInfo

from evals.records import Snapshot
from evals.strangers.judge import Said, loop, rows

ZONE = ZoneInfo("UTC")
OLD: dict[str, object] = {"id": 1, "name": "Baker", "cancelled_at": None}
NEW: dict[str, object] = {"id": 2, "name": "Novak", "cancelled_at": None}
BEFORE: Snapshot = {"bookings": (OLD,), "claims": ()}


def test_the_row_that_was_wanted_is_right() -> None:
    """And what the system of record notes beside it counts for nothing."""
    after: Snapshot = {"bookings": (OLD, NEW), "claims": ({"at": 1},)}
    assert rows(BEFORE, after, "bookings", {"name": "Novak"}, {"claims"}, ZONE) == (True, [])


def test_a_second_row_is_wrong() -> None:
    """Though it is like the first."""
    after = {**BEFORE, "bookings": (OLD, NEW, NEW | {"id": 3})}
    is_there, wrong = rows(BEFORE, after, "bookings", {"name": "Novak"}, {"claims"}, ZONE)
    assert is_there
    assert len(wrong) == 1


def test_another_row_than_the_wanted_one_is_wrong() -> None:
    """A value nobody said, and a row that is gone."""
    is_there, wrong = rows(BEFORE, {**BEFORE, "bookings": (NEW,)}, "bookings", {"name": "Ruiz"}, {"claims"}, ZONE)
    assert not is_there
    assert wrong == ["bookings: name Novak (wanted Ruiz)"]
    assert rows(BEFORE, {**BEFORE, "bookings": ()}, "", {}, {"claims"}, ZONE)[1] == [
        "bookings lost id 1, name Baker, cancelled_at None"
    ]


def test_a_row_that_was_to_be_changed_is_found_by_what_it_must_hold() -> None:
    """Any moment of cancelling does."""
    after = {**BEFORE, "bookings": (OLD | {"cancelled_at": "now"},)}
    assert rows(BEFORE, after, "bookings", {"id": 1, "cancelled_at": "*"}, {"claims"}, ZONE) == (True, [])


def test_the_same_question_answered_three_times_is_a_loop() -> None:
    """A question aside, answered with nothing, does not count."""
    turns = [Said("a", "b", "slot day"), Said("a", "b", ""), Said("a", "b", "slot day")]
    assert loop(turns) == ""
    assert loop([*turns, Said("a", "b", "slot day")]) == "slot day"
