"""What a scenario's expectations mean, one by one, without a call."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from evals.expecting import Made, Outcome, Played, failures, holds, lasting
from evals.records import fits
from evals.scenario import Scenario, Script
from tests.fakes.calls import NOON, shop

ZONE = shop().zone
SHIPPED: dict[str, object] = {"number": "4571", "status": "shipped", "at": datetime(2026, 11, 20, 17, 30, tzinfo=UTC)}
PACKED = SHIPPED | {"number": "4575", "status": "packed"}
TURN = Played("where is 4571", "Order four five seven one was shipped.", (Made("check", {"number": "4571", "n": 2}),))


def judged(turn: dict[str, Any] | None = None, went: Outcome | None = None, **scenario: Any) -> list[str]:
    """The failures of a call of one turn."""
    turns = [{"say": "where is 4571", **(turn or {})}]
    written = Scenario.model_validate({"name": "one", "turns": turns, **scenario})
    script = Script(written, "file", ("where is 4571",), NOON, frozenset(written.may_change))
    return failures(script, went or Outcome((TURN,)), shop())


@pytest.mark.parametrize(
    "turn",
    [
        {"said": ["ORDER four, five", ["lost", "shipped"]], "never": ["order four six", "ship"]},
        {"calls": ["check"]},
        {"calls": [{"tool": "check", "arguments": {"number": "4571"}}]},
        {"calls": [{"tool": "check", "arguments": {"n": "2"}}]},
    ],
)
def test_what_is_as_expected_passes(turn: dict[str, Any]) -> None:
    """Whole words in any case and punctuation; a part of the arguments."""
    assert judged(turn) == []


@pytest.mark.parametrize(
    ("turn", "failure"),
    [
        ({"said": [["lost", "gone"]]}, "turn 1: “lost | gone” was not said"),
        ({"never": ["shipped"]}, "turn 1: “shipped” was said"),
        ({"said": ["sentences.welcome"]}, "turn 1: “sentences.welcome” was not said"),
        ({"calls": []}, "turn 1: check(number=4571, n=2) was called"),
        ({"calls": ["check", "check"]}, "turn 1: check() was not called"),
        ({"calls": [{"tool": "check", "arguments": {"other": 1}}]}, "turn 1: check(other=1) was not called"),
    ],
)
def test_what_is_not_as_expected_is_said(turn: dict[str, Any], failure: str) -> None:
    """With the turn it belongs to."""
    assert failure in judged(turn)


@pytest.mark.parametrize(
    ("heard", "phrase"),
    [
        ("Order 4571 was shipped with UPS.", "order four five seven one"),
        ("Order 4571 was shipped with UPS.", "U P S"),
        ("Order four five seven one was shipped with U P S.", "Order 4571"),
        ("I have 5:30 PM, or 9 PM on Sunday.", "five thirty P M"),
        ("I have five thirty P M, or nine P M on Sunday.", "5:30 PM, or 9 PM"),
        ("It is $54.90 in all.", "fifty-four dollars and ninety cents"),
        ("Your savings account has ₹3,76,000.", "three lakh seventy-six thousand rupees"),
        ("A table for four, on Tuesday, November 24.", "table for 4"),
        ("A table for four, on Tuesday, November 24.", "November twenty-fourth"),
        ("Call +1 555 010 0199.", "five five five, zero one zero, zero one nine nine"),
        ("tracking number ending in 482", "482"),
        ("tracking number ending in four eight two", "482"),
        ("We open at 8:00.", "eight o clock"),
        ("You can pay Ellen O'Brien.", "pay Ellen OBrien"),
    ],
)
def test_what_is_written_and_what_is_spoken_are_the_same(heard: str, phrase: str) -> None:
    """Scenario files are in either form."""
    assert holds(heard, phrase, shop())


@pytest.mark.parametrize(
    ("heard", "phrase"),
    [
        ("Order 4571 was shipped.", "order 457"),
        ("$54.90", "$54.09"),
        ("at 5:30 PM", "5:30 AM"),
        ("November 24", "November 2"),
    ],
)
def test_another_value_is_another_in_either_form(heard: str, phrase: str) -> None:
    """A part of a number is not the number."""
    assert not holds(heard, phrase, shop())


def test_a_turn_without_an_answer_fails_without_being_asked() -> None:
    """Silence on the line is never right."""
    assert judged(went=Outcome((Played("hello", " "),))) == ["turn 1: the caller hears nothing"]


def test_what_holds_for_the_whole_call_is_judged_over_all_turns() -> None:
    """Calls, words, flags and the end."""
    assert judged(said=["was shipped"], calls=["check"], never_calls=["pay"]) == []
    assert judged(never=["shipped"], never_calls=["check"], flags=["wants_human"], ends="caller_goodbye") == [
        "“shipped” was said",
        "check was called",
        "the flag wants_human was not raised",
        "the call ended as nothing: it goes on",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        {"table": "orders", "where": {"number": "4571"}, "values": {"status": "shipped", "at": "2026-11-20T12:30"}},
        {"table": "orders", "where": {"status": ["shipped", "packed"]}, "count": 2},
        {"table": "orders", "where": {"at": date(2026, 11, 20), "number": "1"}, "count": 0},
        {"table": "orders", "where": {"number": "4571"}, "unchanged": True},
    ],
)
def test_rows_that_are_as_expected_pass(rows: dict[str, Any]) -> None:
    """By column, with the profile's time."""
    went = Outcome((TURN,), {"orders": (SHIPPED,)}, {"orders": (SHIPPED, PACKED)})
    assert judged(went=went, database=[rows], may_change=["orders"]) == []


@pytest.mark.parametrize(
    ("rows", "failure"),
    [
        ({"where": {"number": "4572"}}, "orders where number 4572: 0 rows instead of 1"),
        ({"count": 1}, "orders: 2 rows instead of 1"),
        (
            {"where": {"number": "4571"}, "values": {"status": "lost"}},
            "orders where number 4571: status shipped instead of lost",
        ),
        ({"where": {"status": "packed"}, "unchanged": True}, "orders where status packed changed: new is number 4575"),
    ],
)
def test_rows_that_are_not_as_expected_are_shown(rows: dict[str, Any], failure: str) -> None:
    """What was expected, and how many there were."""
    went = Outcome((TURN,), {"orders": (SHIPPED,)}, {"orders": (SHIPPED, PACKED)})
    found = judged(went=went, database=[{"table": "orders", **rows}], may_change=["orders"])
    assert len(found) == 1 and found[0].startswith(failure)


def test_a_table_that_nobody_named_must_be_as_it_was() -> None:
    """Otherwise a second payment would go unseen."""
    went = Outcome((TURN,), {"orders": (SHIPPED,)}, {"orders": ()})
    assert judged(went=went)[0].startswith("orders changed: gone is number 4571")
    assert judged(went=went, may_change=["orders"]) == []


@pytest.mark.parametrize(
    ("value", "expected", "is_fit"),
    [
        (datetime(2026, 11, 20, 17, 30, tzinfo=UTC), datetime(2026, 11, 20, 12, 30), True),  # noqa: DTZ001  # as YAML
        (datetime(2026, 11, 21, 2, 0, tzinfo=UTC), date(2026, 11, 20), True),
        (date(2026, 11, 20), "2026-11-20", True),
        (time(19, 0), "19:00", True),
        (True, True, True),
        (None, None, True),
        (None, "x", False),
        (4, "4", True),
        (4, [3, 4], True),
        (4, [3], False),
    ],
)
def test_a_value_is_compared_as_one_writes_it(value: object, expected: object, is_fit: bool) -> None:
    """Days and times in the profile's zone."""
    assert fits(value, expected, ZONE) is is_fit


def test_what_outlasts_a_call_is_its_end_and_the_database() -> None:
    """Not its words, nor which tools were called in which turn."""
    turns = [{"say": "where is 4571", "said": ["tomorrow"], "calls": []}]
    written = Scenario.model_validate({"name": "one", "turns": turns, "ends": "caller_goodbye"})
    script = Script(written, "file", ("where is 4571",), NOON, frozenset())
    went = Outcome(
        (TURN,), before={"orders": (SHIPPED,)}, after={"orders": (PACKED,)}, problems=("turn 2: it had ended",)
    )
    found = lasting(script, went, shop())
    assert found[:2] == ["turn 2: it had ended", "the call ended as nothing: it goes on"]
    assert len(found) == 3 and found[2].startswith("orders changed")
    assert len(failures(script, went, shop())) == 5
