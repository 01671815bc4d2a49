"""Which scenes a headline counts, and what the page shows of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals.playing import Played
from evals.scenes import Item
from evals.scores import Heard, Score, judged, summary
from evals.turns_report import rows, write
from evals.verdicts import Span, Take, Told, Verdict

OK, WRONG, UNSURE = (
    Verdict(True, "waited", 500.0),
    Verdict(False, "spoke 1.00 s before the caller was done"),
    Verdict(None, "?"),
)
VOICES = {"clear": Heard(1, 20), "mumbled": Heard(12, 20)}


def score(scene: str, verdict: Verdict, voice: str = "clear", kind: str = "filler") -> Score:
    """One scene's."""
    return Score(scene=scene, kind=kind, text="I'd like to, um, | go.", voice=voice, pause_s=0.8, verdict=verdict)


def test_cut_offs_count_voices_that_are_understood_and_say_so_of_all() -> None:
    """One of two clear ones is cut off; the mumbled one is in the other figure only."""
    scores = [score("hesitations", OK), score("hesitations", WRONG), score("hesitations", WRONG, "mumbled")]
    figures = summary(scores, VOICES)
    assert (figures["cutoff_pct"], figures["cutoff_n"]) == (50.0, 2)
    assert (figures["cutoff_all_voices_pct"], figures["cutoff_all_voices_n"]) == (66.7, 3)


def test_people_who_hesitate_have_a_figure_of_their_own() -> None:
    """Which synthetic pauses do not move, nor the other way round; every person counts, however they are understood."""
    scores = [score("people", OK, "007", "people"), score("people", WRONG, "008", "people"), score("hesitations", OK)]
    figures = summary(scores, VOICES)
    assert (figures["people_cutoff_pct"], figures["people_cutoff_n"]) == (50.0, 2)
    assert (figures["cutoff_pct"], figures["cutoff_n"]) == (0.0, 1)
    assert [row[0] for row in rows(scores)] == ["hesitations, filler", "people, people"]


def test_barge_in_is_measured_over_what_yielded() -> None:
    """An interruption that was not heeded has no time to silence; it lowers the rate."""
    yields = [score("interruptions", Verdict(True, "fell silent", ms)) for ms in (200.0, 300.0, 400.0)]
    figures = summary([*yields, score("interruptions", Verdict(False, "spoke on", None))], {})
    assert figures["barge_in_p50_ms"] == 300
    assert figures["interruption_ok_pct"] == 75.0


def test_dictation_counts_what_the_stt_heard_right() -> None:
    """A value that the STT cannot hear is no fault of the turn's end."""
    scores = [
        replace(score("dictation", OK), was_heard=True),
        replace(score("dictation", WRONG), was_heard=True),
        replace(score("dictation", WRONG), was_heard=False),
    ]
    figures = summary(scores, {})
    assert (figures["dictation_ok_pct"], figures["dictation_ok_n"]) == (50.0, 2)
    assert figures["dictation_all_n"] == 3


def test_murmurs_and_noises_are_told_apart_and_a_moment_of_silence_is_a_yield_for_tau() -> None:
    """Resumed within the second is ok here, and a selectivity error there."""
    resumed = Verdict(True, "resumed", 700.0)
    scores = [
        replace(score("backchannels", resumed, kind="backchannel"), was_unmoved=False, resume=Verdict(True, "")),
        replace(score("backchannels", OK, kind="backchannel"), was_unmoved=True, control=Verdict(True, "")),
        replace(score("backchannels", WRONG, kind="noise"), was_unmoved=False),
    ]
    figures = summary(scores, {})
    assert (figures["backchannel_ok_pct"], figures["noise_ok_pct"]) == (100.0, 0.0)
    assert (figures["resume_ok_pct"], figures["resume_n"], figures["resume_control_n"]) == (100.0, 1, 1)
    tau = figures["tau"]
    assert isinstance(tau, dict)
    assert (tau["selectivity_backchannel"], tau["selectivity_vocal_tic"]) == (0.5, 0.0)


def test_empty_parts_have_no_figure_rather_than_a_good_one() -> None:
    """A run of one part says nothing of the others."""
    figures = summary([score("hesitations", UNSURE)], VOICES)
    assert figures["cutoff_pct"] is None
    assert figures["interruption_ok_pct"] is None
    assert figures["not_judged"] == 1


@pytest.mark.parametrize(
    ("judge", "is_ok"),
    [("cut off", True), ("answered", True), ("yielded", None), ("talked on", None), ("dictated", False)],
)
def test_each_scene_is_judged_by_its_own_rule(judge: str, is_ok: bool | None) -> None:
    """The same take proves different things: the agent waited and answered, and was not interrupted."""
    told = (Told(3.3, "caller_spoke"), Told(5.1, "agent_spoke", {"text": "Thirty days.", "is_whole": True}))
    take = Take(began=0.5, ended=3.0, agent=(Span(3.6, 5.0),), length_s=6.0, events=told)
    value = "1005" if judge == "dictated" else "thirty days"
    assert judged(judge, take, value, is_for_tool=True).is_ok is is_ok  # type: ignore[arg-type]  # pytest gives a str


def test_report_shows_the_failed_scene_and_keeps_every_verdict(tmp_path: Path) -> None:
    """A page with one picture, and JSON of both scenes."""
    silence = np.zeros(480, np.int16)
    item = Item(kind="filler", text="<um>", voice="clear", play="ask", judge="cut off", sound=silence)
    take = Take(began=0.2, ended=1.0, agent=(Span(0.6, 1.5),), length_s=2.0)
    played = Played(item, take, silence, (-20.0,) * 50, (-90.0, *(-25.0,) * 30))
    failed = replace(score("hesitations", WRONG), text="<um>")
    scores = [failed, score("hesitations", OK)]
    write(tmp_path, summary(scores, VOICES) | {"band": "wide", "callers": 1}, [(failed, played), (scores[1], played)])
    page = (tmp_path / "index.html").read_text()
    assert page.count("<figure>") == 1
    assert "&lt;um&gt;" in page
    assert (tmp_path / "turns.json").read_text().count('"verdict"') == 2
    assert rows(scores)[0][:3] == ("hesitations, filler", "1 of 2", "50 %")
