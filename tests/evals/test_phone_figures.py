"""Figures of the telephone's ear: each set and end apart, and a run that goes on from another's turns."""

from collections import Counter
from pathlib import Path

import pytest

from evals.figures import SetName
from evals.phone_figures import End, Heard, Measured, summary, table
from evals.servers import NotStarted
from evals.stages import Stages

STAGES = Stages(inbound=100, stt=300, waiting=200, llm=0, tts=0, output=0, residual=0, outbound=100)


def answer(end: End, asked: SetName, ms: float | None, verdict: str = "counted") -> Heard:
    """One answer."""
    stages = STAGES if ms is not None and end == "phone" else None
    return Heard(end=end, what="answer", asked=asked, text="hello", verdict=verdict, ms=ms, stages=stages)


def barge_in(end: End, asked: SetName, ms: float | None, *, is_ok: bool | None) -> Heard:
    """One interruption."""
    return Heard(end=end, what="barge_in", asked=asked, text="stop", verdict="", ms=ms, is_ok=is_ok)


def some() -> Measured:
    """Two sets at both ends."""
    turns = [
        *(answer("phone", "strangers", ms) for ms in (500, 600, 700)),
        answer("phone", "strangers", None, "silent"),
        answer("phone", "declared", 400),
        answer("browser", "strangers", 450),
        answer("browser", "declared", 350),
        barge_in("phone", "strangers", 300, is_ok=True),
        barge_in("phone", "strangers", None, is_ok=False),
        barge_in("phone", "strangers", None, is_ok=None),
    ]
    return Measured(turns, Counter(strangers=1, declared=1))


def test_each_set_and_end_has_its_own_figures_and_all_together_one_line() -> None:
    """What proves nothing is in no figure, and what was lost is told by why."""
    found = summary(some())
    assert (found["p50_ms"], found["n"], found["browser_p50_ms"], found["lost"]) == (550, 4, 400, {"silent": 1})
    assert (found["strangers_p50_ms"], found["strangers_n"], found["strangers_browser_p50_ms"]) == (600, 3, 450)
    assert (found["declared_p50_ms"], found["declared_n"], found["declared_lost"]) == (400, 1, {})
    assert (found["barge_in_p50_ms"], found["barge_in_ok"], found["barge_in_n"]) == (300, 1, 2)
    assert (found["browser_barge_in_p50_ms"], found["browser_barge_in_n"]) == (None, 0)


def test_the_table_tells_what_the_slowest_are_made_of() -> None:
    """Stage by stage, and by their words."""
    told = table(some())
    assert "inbound 100 + stt 300 + waiting 200" in told and "700 ms: 'hello'" in told


def test_a_run_goes_on_from_what_another_kept(tmp_path: Path) -> None:
    """All of it is there again; a first run begins with nothing."""
    path = tmp_path / "runs" / "turns.json"
    assert Measured.read(path) == Measured()
    some().write(path)
    assert Measured.read(path) == some()


@pytest.mark.parametrize("text", ["", "[]", '{"calls": {}}', '{"calls": {}, "turns": [{"end": "phone"}]}'])
def test_a_file_of_something_else_is_said_to_be(text: str, tmp_path: Path) -> None:
    """Before anything is started."""
    path = tmp_path / "turns.json"
    path.write_text(text)
    with pytest.raises(NotStarted, match="--add"):
        Measured.read(path)
