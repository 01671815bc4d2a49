"""The counting of turns: kinds and agents apart, what does not count counted by reason."""

import json
from typing import Any

from evals.figures import Turn, late, percentile, rows, spread, summary, table
from evals.stages import Stages

STAGES = Stages(inbound=50, stt=100, waiting=150, llm=10, tts=20, output=5, residual=15, outbound=80)


def turn(**changed: Any) -> Turn:
    """A plain turn of ours, 430 ms."""
    fields: dict[str, Any] = {
        "agent": "ours", "call": 0, "question": "?", "voice": "joe", "kind": "plain", "verdict": "counted", "ms": 430.0,
    }  # fmt: skip
    return Turn(**{**fields, **changed})


TURNS = [
    *(turn(ms=400.0 + n, stages=STAGES if n else None, was_prepared=n % 4 > 0) for n in range(101)),
    *(turn(agent="plain", ms=900.0) for _ in range(10)),
    turn(kind="tool", ms=700.0),
    turn(kind="tool", ms=900.0),
    turn(kind="filler", ms=300.0),
    turn(verdict="cut_off", ms=None),
    turn(verdict="disagree", ms=None),
    turn(verdict="disagree", ms=None),
    turn(agent="plain", verdict="silent", ms=None),
]


def test_percentiles_are_interpolated_and_of_one_value_that_value() -> None:
    """And of none there are none."""
    assert percentile([float(n) for n in range(101)], 95) == 95
    assert percentile([7.0], 99) == 7
    assert spread([]) is None


def test_the_summary_says_what_was_heard() -> None:
    """Kinds apart, the ratio of the medians, discards by reason, stages, all fit for JSON. A turn of which the worker
    told nothing does not add up."""
    found = json.loads(json.dumps(summary(TURNS, band="wide", callers=1)))
    assert (found["p50_ms"], found["p95_ms"], found["p99_ms"], found["n"]) == (450, 495, 499, 101)
    assert (found["plain_p50_ms"], found["plain_n"], found["ratio"]) == (900, 10, 0.5)
    assert (found["tool_p50_ms"], found["tool_n"], found["filler_n"]) == (800, 2, 1)
    assert (found["discarded"], found["plain_discarded"]) == (3, 1)
    assert found["discarded_by_reason"] == {"cut_off": 1, "disagree": 2}
    assert (found["band"], found["callers"], found["adds_up"]) == ("wide", 1, "100/101")
    assert found["stages"]["waiting"] == 150
    assert found["prepared_pct"] == 74.3


def test_a_run_without_turns_has_no_figures() -> None:
    """Null, not zero: nothing was measured."""
    found = summary([turn(verdict="silent", ms=None)], band="phone", callers=5)
    assert (found["p50_ms"], found["ratio"], found["stages"], found["n"], found["discarded"]) == (
        None,
        None,
        None,
        0,
        1,
    )


def test_tool_turns_that_left_the_caller_in_silence_are_counted() -> None:
    """Neither filler nor answer within 800 ms; plain turns are another figure."""
    assert late([*TURNS, turn(ms=2000.0), turn(kind="filler", ms=850.0)]) == 2


def test_the_table_has_a_line_for_each_kind_there_was() -> None:
    """And says why turns were discarded, and how many are explained."""
    assert [name for name, _ in rows(TURNS)] == [
        "ours, plain turns", "ours, tool turns", "ours, filler turns", "plain agent, plain turns",
    ]  # fmt: skip
    text = table(TURNS)
    assert "discarded, ours: 3 (cut_off 1, disagree 2)" in text
    assert "= 430 ms" in text
    assert "100 of 101 turns are explained within 40 ms" in text
