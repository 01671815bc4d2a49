"""Scores of played scenes and the figures they add up to. Pure; each rate goes with the number it is a rate of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.scenes import Judge
from evals.verdicts import Take, Verdict, answered, cut_off, dictated, rate, talked_on, yielded

UNDERSTOOD_WER = 0.25  # a voice of which the STT gets more words wrong is reported, and left out of the headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One scene. `was_heard`: the STT alone got the dictated value right. `was_unmoved`: the agent
    was not silent for a moment. `resume` is there when it was silent by mistake and went on, `control` is the same look
    at an answer that was not stopped."""

    scene: str
    kind: str
    text: str
    voice: str
    pause_s: float
    verdict: Verdict
    was_heard: bool | None = None
    was_unmoved: bool | None = None
    resume: Verdict | None = None
    control: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What the STT makes of one voice: words wrong of words said, no agent involved."""

    wrong: int
    words: int

    @property
    def wer(self) -> float:
        """Word error rate."""
        return self.wrong / max(1, self.words)

    @property
    def is_understood(self) -> bool:
        """Whether its scenes count in the headline."""
        return self.wer <= UNDERSTOOD_WER


def judged(judge: Judge, take: Take, value: str, *, is_for_tool: bool) -> Verdict:
    """The verdict that the scene asks for."""
    match judge:
        case "cut off":
            return cut_off(take)
        case "yielded":
            return yielded(take)
        case "talked on":
            return talked_on(take)
        case "answered":
            return answered(take, value)
        case "dictated":
            return dictated(take, value, is_for_tool=is_for_tool)


def summary(scores: Sequence[Score], voices: Mapping[str, Heard]) -> dict[str, object]:
    """The figures of the run, the headline's keys first."""

    def of(scene: str, keep: Callable[[Score], bool] = lambda _: True) -> list[Score]:
        return [score for score in scores if score.scene == scene and keep(score)]

    understood = {name for name, heard in voices.items() if heard.is_understood}
    hesitations = of("hesitations", lambda score: score.voice in understood)
    interruptions = of("interruptions")
    murmurs = of("backchannels", lambda score: score.kind == "backchannel")
    noises = of("backchannels", lambda score: score.kind == "noise")
    values = of("dictation", lambda score: score.was_heard is True)
    resumes = [score.resume for score in scores if score.resume is not None]
    yields = [score.verdict.ms for score in interruptions if score.verdict.is_ok and score.verdict.ms is not None]
    figures: dict[str, object] = {}
    figures |= _rate("cutoff", hesitations, is_of_failures=True)
    figures |= _rate("people_cutoff", of("people"), is_of_failures=True)
    figures |= {"barge_in_p50_ms": _percentile(yields, 50), "barge_in_p95_ms": _percentile(yields, 95)}
    figures |= {"barge_in_n": len(yields)}
    figures |= _rate("backchannel_ok", murmurs) | _rate("interruption_ok", interruptions)
    figures |= _rate("dictation_ok", values) | _rate("noise_ok", noises)
    figures["resume_ok_pct"], figures["resume_n"] = rate(resumes)
    figures["resume_control_pct"], figures["resume_control_n"] = rate([s.control for s in scores if s.control])
    figures |= _rate("cutoff_all_voices", of("hesitations"), is_of_failures=True)
    figures |= _rate("dictation_all", of("dictation"))
    figures["rooms"] = {name: _pair(group) for name, group in by_kind(of("rooms")).items()}
    figures["tau"] = _tau(scores, murmurs, noises)
    figures["not_judged"] = sum(score.verdict.is_ok is None for score in scores)
    figures["voices"] = {n: {"wer": round(h.wer, 3), "counts": h.is_understood} for n, h in voices.items()}
    return figures


def by_kind(scores: Iterable[Score]) -> dict[str, list[Score]]:
    """In the order in which the kinds came."""
    found: dict[str, list[Score]] = {}
    for score in scores:
        found.setdefault(score.kind, []).append(score)
    return found


def _tau(scores: Sequence[Score], murmurs: Sequence[Score], noises: Sequence[Score]) -> dict[str, object]:
    """The same run in tau-voice's terms, which count a moment of silence as a yield."""
    asked = [
        score
        for score in scores
        if score.scene in {"hesitations", "people", "dictation"} or score.kind.endswith("question")
    ]
    waited = [score for score in asked if _is_judged(score) and not _is_cut(score)]
    responses = [score.verdict.ms for score in waited if score.verdict.ms is not None]
    aside = [score for score in scores if score.kind == "second voice, alone"]
    return {
        "response_rate": _share([score.verdict.ms is not None for score in waited]),
        "response_latency_mean_ms": round(float(np.mean(responses))) if responses else None,
        "agent_interruption_rate": _share([_is_cut(score) for score in asked if _is_judged(score)]),
        "yield_rate": _share([bool(s.verdict.is_ok) for s in scores if s.scene == "interruptions" and _is_judged(s)]),
        "selectivity_backchannel": _share([bool(s.was_unmoved) for s in murmurs if _is_judged(s)]),
        "selectivity_vocal_tic": _share([bool(s.was_unmoved) for s in noises if _is_judged(s)]),
        "selectivity_non_directed": _share([bool(s.was_unmoved) for s in aside if _is_judged(s)]),
    }


def _is_judged(score: Score) -> bool:
    return score.verdict.is_ok is not None


def _is_cut(score: Score) -> bool:
    return score.verdict.reason.endswith("before the caller was done")


def _share(found: Sequence[bool]) -> float | None:
    return round(sum(found) / len(found), 3) if found else None


def _rate(name: str, scores: Sequence[Score], *, is_of_failures: bool = False) -> dict[str, object]:
    per_cent, count = rate([score.verdict for score in scores])
    if per_cent is not None and is_of_failures:
        per_cent = round(100 - per_cent, 1)
    return {f"{name}_pct": per_cent, f"{name}_n": count}


def _pair(scores: Sequence[Score]) -> dict[str, object]:
    per_cent, count = rate([score.verdict for score in scores])
    return {"ok_pct": per_cent, "n": count}


def _percentile(values: Sequence[float], percent: int) -> int | None:
    return round(float(np.percentile(values, percent))) if values else None
