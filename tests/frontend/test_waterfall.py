"""What a silence was made of: the page's own waterfall, run in Node on a turn's figures and the gap that was heard."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import find_program

pytestmark = pytest.mark.needs("node")

Picture = dict[str, Any]

# A plain turn of 400 ms as the worker saw it, begun 180 ms before the silence was long enough; heard after 520 ms.
PREPARED = {
    "endpointing_ms": 300.0, "stt_ms": 110.0, "llm_ttft_ms": 60.0, "tts_ttfb_ms": 160.0, "e2e_ms": 400.0,
    "had_tools": False, "speech_ended_at": 1000.0, "spoke_at": 1000.4, "was_prepared": True, "prepared_ms": 180.0,
    "output_ms": 20.0, "opened_by_filler": False,
}  # fmt: skip
PLAIN = {**PREPARED, "was_prepared": False, "prepared_ms": None, "e2e_ms": 560.0}
TOOLS = {**PLAIN, "had_tools": True, "e2e_ms": 1500.0}
TYPED = {**PLAIN, "endpointing_ms": None, "stt_ms": None, "e2e_ms": None, "speech_ended_at": None}
HEARD = {"gap_ms": 520, "is_typed": False, "is_overlap": False}


def picture(turn: dict[str, Any], gap: dict[str, Any] | None = None, tools: list[dict[str, Any]] | None = None) -> Any:
    """What the page draws of one turn; None when there is nothing to draw."""
    node = find_program("node")
    assert node is not None
    script = Path(__file__).with_name("waterfall_cases.mjs")
    given = json.dumps([[turn, gap, tools or []]])
    done = subprocess.run([node, script], input=given, capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)[0]


def bars(of: Picture) -> list[tuple[str, int, int, bool]]:
    """Every bar: its stage, where it begins and ends in ms, and whether it was done ahead."""
    return [
        (row["tool"] or row["stage"], round(span["from"]), round(span["to"]), span["isEarly"])
        for row in of["rows"]
        for span in row["spans"]
    ]


def parts(of: Picture) -> dict[str, int]:
    """The parts of the line, in ms."""
    return {part["stage"]: round(part["ms"]) for part in of["parts"]}


def test_what_was_prepared_lies_in_the_silence_that_was_waited_for() -> None:
    """The thought and most of the voice are done ahead; only what was left of the voice then was waited for."""
    seen = picture(PREPARED, HEARD)
    assert bars(seen) == [
        ("words", 0, 120, False),
        ("wait", 0, 300, False),
        ("llm", 120, 180, True),
        ("tts", 180, 300, True),
        ("tts", 300, 340, False),
        ("send", 340, 400, False),
        ("way", 400, 520, False),
    ]
    assert parts(seen) == {"words": 120, "wait": 180, "tts": 40, "send": 60, "way": 120}
    assert (seen["total"], seen["heardAt"], seen["notes"]) == (520, 520, ["prepared"])


def test_an_answer_that_was_not_prepared_comes_one_stage_after_the_other() -> None:
    """Nothing lies in the silence."""
    seen = picture(PLAIN, {**HEARD, "gap_ms": 700})
    assert parts(seen) == {"words": 110, "wait": 190, "llm": 60, "tts": 160, "send": 40, "way": 140}
    assert not any(is_early for *_, is_early in bars(seen))


@pytest.mark.parametrize("turn", [PREPARED, PLAIN, TOOLS, {**TOOLS, "was_prepared": True, "prepared_ms": 90.0}, TYPED])
@pytest.mark.parametrize("gap_ms", [None, 250, 520, 2100])
def test_the_parts_are_the_whole(turn: dict[str, Any], gap_ms: int | None) -> None:
    """Whatever the figures, the parts in the line add up to its total, and no bar lies outside."""
    seen = picture(turn, None if gap_ms is None else {**HEARD, "gap_ms": gap_ms, "is_typed": turn is TYPED})
    if seen is None:
        assert gap_ms is None
        assert turn is TYPED
        return
    assert sum(part["ms"] for part in seen["parts"]) == pytest.approx(seen["total"], abs=3)
    assert all(0 <= begin < end <= round(seen["total"]) for _, begin, end, _ in bars(seen))


def test_tools_stand_where_they_ran() -> None:
    """Two at once lie side by side; the thought that asked for them is before, the one that used them behind."""
    tools = [
        {"tool": "lookup_order", "from": 1_000_400.0, "to": 1_001_100.0},
        {"tool": "check_stock", "from": 1_000_410.0, "to": 1_000_900.0},
        {"tool": "of_an_earlier_turn", "from": 990_000.0, "to": 990_200.0},
    ]
    seen = picture(TOOLS, {**HEARD, "gap_ms": 1600}, tools)
    assert bars(seen) == [
        ("words", 0, 110, False),
        ("wait", 0, 300, False),
        ("llm", 300, 400, False),
        ("llm", 1260, 1320, False),
        ("lookup_order", 400, 1100, False),
        ("check_stock", 410, 900, False),
        ("tts", 1320, 1480, False),
        ("send", 1480, 1500, False),
        ("way", 1500, 1600, False),
    ]


def test_after_a_filler_the_line_ends_where_the_worker_spoke() -> None:
    """The page heard the filler; how long the answer itself was on its way nobody knows."""
    seen = picture({**TOOLS, "opened_by_filler": True}, {**HEARD, "gap_ms": 800})
    assert (seen["total"], seen["heardAt"], seen["notes"]) == (1500, 800, ["filler"])
    assert "way" not in parts(seen)


def test_a_soft_last_word_begins_the_workers_clock_earlier() -> None:
    """The page heard a shorter gap than the worker: what lies before its beginning is cut off, the end is the ear's."""
    seen = picture(PLAIN, {**HEARD, "gap_ms": 500})
    assert parts(seen) == {"words": 50, "wait": 190, "llm": 60, "tts": 160, "send": 40}
    assert seen["total"] == seen["heardAt"] == 500


def test_what_the_page_did_not_hear_is_as_the_worker_saw_it() -> None:
    """No end mark and no way, and a word about it; the same when the agent spoke into the caller's words."""
    for gap in (None, {**HEARD, "is_overlap": True}):
        seen = picture(PREPARED, gap)
        assert (seen["total"], seen["heardAt"], seen["notes"]) == (400, None, ["prepared", "unheard"])


def test_a_written_question_waits_for_no_silence() -> None:
    """Its clock is the page's; what the worker does not explain is the way and the tools."""
    seen = picture(TYPED, {**HEARD, "gap_ms": 400, "is_typed": True})
    assert parts(seen) == {"rest": 160, "llm": 60, "tts": 160, "send": 20}
    assert seen["notes"] == ["typed"]
