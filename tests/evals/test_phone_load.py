"""What is told of many calls at once, and of a death: who counts as served."""

import pytest

from evals.jitter import Arrivals
from evals.phone_kills import Aftermath, Seen
from evals.phone_load import Load, Served

MEMORY = [{"worker": 900}, {"worker": 910}, {"worker": 905}]


def served(**changes: object) -> Served:
    """One telephone that had two answers."""
    one = {"was_greeted": True, "asked": 2, "waits_ms": [400.0, 600.0], "network": Arrivals(100, 1, 2, 1.0, 5.0)}
    return Served(**(one | changes))  # type: ignore[arg-type]  # its own fields


def test_all_calls_are_summed() -> None:
    """Waits of all together, the network's faults, memory as it was measured."""
    load = Load([served(), served(waits_ms=[800.0, 1000.0])], MEMORY)
    told = load.summary()
    assert load.is_served
    assert (told["calls"], told["asked"], told["answered"], told["wait_p50_ms"]) == (2, 4, 4, 700)
    assert (told["rtp_expected"], told["rtp_lost"], told["rtp_late"]) == (200, 2, 4)
    assert (told["memory_mb_begin"], told["memory_mb_end"]) == ({"worker": 900}, {"worker": 910})


@pytest.mark.parametrize(
    "changes",
    [
        {"was_greeted": False, "asked": 0, "waits_ms": []},
        {"was_cut_off": True},
        {"waits_ms": [400.0]},
        {"asked": 0, "waits_ms": []},
    ],
    ids=["not greeted", "cut off", "an answer is missing", "never asked"],
)
def test_one_who_was_not_served_is_enough(changes: dict[str, object]) -> None:
    """The run has failed then."""
    assert not Load([served(), served(**changes)], MEMORY).is_served


def test_an_open_row_is_no_service() -> None:
    """Somebody's call is on record as going on for ever."""
    assert not Load([served()], MEMORY, rows_open=1).is_served


def test_a_death_is_survived_when_nothing_stays_open_and_the_next_caller_is_served() -> None:
    """Whatever those heard who were on the line."""
    after = Aftermath("sip", [Seen(spoke_on_s=0.1)], next_served_s=4.0)
    assert after.is_well
    assert after.summary()["kill"] == "sip" and after.summary()["next_served_s"] == 4.0
    assert not Aftermath("sip", rows_open=1, next_served_s=4.0).is_well
    assert not Aftermath("sip").is_well
