"""The counting of turns: kinds and agents apart, what does not count counted by reason."""

import json
from typing import Any

from evals.figures import SETS, Turn, late, percentile, ratio, rows, spread, summary, table
from evals.stages import Stages

STAGES = Stages(inbound=50, stt=100, waiting=150, llm=10, tts=20, output=5, residual=15, outbound=80)


def turn(**changed: Any) -> Turn:
    """A plain turn of ours, a declared question, 430 ms."""
    fields: dict[str, Any] = {
        "agent": "ours", "asked": "declared", "call": 0, "question": "?", "voice": "joe", "kind": "plain",
        "verdict": "counted", "ms": 430.0,
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


def test_each_set_has_its_own_figures() -> None:
    """What is declared is quick and moves neither the strangers' figures nor the people's; a filler is an answer to a
    stranger, and counted as what it is."""
    turns = [
        *TURNS,
        *(turn(asked="strangers", ms=1000.0 + n) for n in range(101)),
        turn(asked="strangers", kind="filler", ms=1050.0),
        turn(asked="strangers", verdict="silent", ms=None),
        *(turn(asked="people", ms=2000.0, question=str(n), voice=str(n)) for n in range(18)),
        *(turn(asked="people", verdict="cut_off", ms=None) for _ in range(2)),
        turn(asked="people", agent="plain", question="0", voice="0", ms=1000.0),
    ]
    found = json.loads(json.dumps(summary(turns, band="wide", callers=1)))
    assert (found["strangers_p50_ms"], found["strangers_p95_ms"], found["strangers_n"]) == (1050, 1095, 102)
    assert (found["strangers_filler_n"], found["strangers_discarded_by_reason"]) == (1, {"silent": 1})
    assert (found["people_p50_ms"], found["people_p95_ms"], found["people_n"]) == (2000, 2000, 18)
    assert (found["people_cutoff_pct"], found["people_discarded"], found["people_ratio"]) == (10.0, 2, 2.0)
    assert found["declared_p50_ms"] == found["p50_ms"] == 450
    assert found["strangers_ratio"] is None, "the plain agent was not asked"
    assert found["stages_of"] == "strangers"


def test_the_ratio_is_of_what_both_were_asked() -> None:
    """Not of easy questions on one side: the plain agent is asked fewer, and the same by another voice is another."""
    turns = [
        turn(asked="strangers", question="hard", ms=900.0),
        turn(asked="strangers", question="easy", ms=300.0),
        turn(asked="strangers", question="hard", voice="slt", ms=100.0),
        turn(asked="strangers", question="hard", agent="plain", ms=1000.0),
        turn(asked="strangers", question="easy", agent="plain", verdict="silent", ms=None),
    ]
    assert ratio(turns, "strangers") == 0.9
    assert ratio(turns, "people") is None


def test_words_that_were_misheard_are_counted_where_it_is_known_what_was_said() -> None:
    """A recording without its text says nothing of it; what was not heard at all is wrong."""
    turns = [
        turn(asked="people", question="give it back to me", heard="Give it black to me."),
        turn(asked="people", question="thank you", heard=""),
        turn(asked="people", question="007"),
    ]
    found = summary(turns, band="wide", callers=1)
    assert found["people_wer"] == 0.429
    assert found["strangers_wer"] is None


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
    turns = [turn(asked="people", kind="filler"), *TURNS, turn(asked="strangers")]
    assert [row.title for row in rows(turns)] == [
        "strangers' sentences, ours", "recordings of people, ours", "declared questions, plain, ours",
        "declared questions, tool, ours", "declared questions, filler, ours", "declared questions, plain, plain agent",
    ]  # fmt: skip
    text = table(turns)
    assert "discarded, declared questions, ours: 3 (cut_off 1, disagree 2)" in text
    assert "= 430 ms" in text
    assert "100 of 101 turns are explained within 40 ms" in text


REALTIME = [
    *(turn(agent="realtime", ms=600.0 + n, stages=STAGES) for n in range(11)),
    turn(agent="realtime", ms=1300.0, is_by_pipeline=True),
    turn(agent="realtime", verdict="silent", ms=None, is_by_pipeline=True),
    turn(agent="realtime", kind="tool", ms=2000.0),
    turn(agent="realtime", asked="strangers", ms=800.0),
]


def test_realtime_mode_has_figures_of_its_own() -> None:
    """Beside the pipeline's, whose figures and stages are what they are without it. What the pipeline answered in
    realtime mode was heard, and is in the figure; how much of it that is, is told."""
    without = summary(TURNS, band="wide", callers=1)
    found = json.loads(json.dumps(summary([*TURNS, *REALTIME], band="wide", callers=1)))
    assert (found["realtime_p50_ms"], found["realtime_p95_ms"], found["realtime_n"]) == (606, 920, 12)
    assert (found["realtime_discarded"], found["realtime_by_pipeline"]) == (1, 1)
    assert found["realtime_ratio"] == round(605.5 / 450, 2)
    assert (found["strangers_realtime_p50_ms"], found["people_realtime_p50_ms"]) == (800, None)
    changed = {"stages_of", "stages", "adds_up"}  # of the first set that was asked, which is another one here
    assert {name: found[name] for name in without if name not in changed} == {
        name: figure for name, figure in json.loads(json.dumps(without)).items() if name not in changed
    }


def test_without_modes_nothing_tells_of_them() -> None:
    """Neither the JSON nor the table."""
    assert not [name for name in summary(TURNS, band="wide", callers=1) if "realtime" in name]
    assert "realtime" not in table(TURNS)


def test_the_table_has_a_line_for_realtime_mode() -> None:
    """Next to the pipeline's, with what was discarded and what the pipeline answered."""
    text = table([*TURNS, *REALTIME])
    titles = [row.title for row in rows([*TURNS, *REALTIME])]
    assert "declared questions, plain, realtime mode" in titles and "strangers' sentences, realtime mode" in titles
    assert "discarded, declared questions, realtime mode: 1 (silent 1)" in text
    assert f"in realtime mode, but answered by the pipeline, {SETS['declared']}: 1" in text
    assert "100 of 101 turns are explained within 40 ms" in text
