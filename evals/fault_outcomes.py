"""What became of the calls of `evals faults`: kept as lines of JSON, so that a table is put together from several runs,
and summed up."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from agent.observers.record import percentile
from tests.rig.faults import Fault

RETURNED_S = 65.0  # so long is it waited for


class Moment(StrEnum):
    """When the provider fails."""

    START = "at the start"
    BETWEEN = "between turns"
    MIDDLE = "in mid-utterance"


@dataclass(frozen=True, slots=True)
class Case:
    """One call to be made: who fails, how, and when."""

    role: str
    fault: Fault
    moment: Moment


@dataclass(slots=True)
class Outcome:
    """What became of it. `gaps_s` are the longest silences from the end of each question to the end of its answer;
    `returned_s` is how long after the fault was gone every breaker was closed again: 0 when none had opened, None when
    nobody looked, RETURNED_S when one stayed open. `log` has captions and events."""

    case: Case
    gaps_s: list[float]
    words_lost: int = 0
    turns_lost: int = 0
    sentences_lost: int = 0
    sentences_repeated: int = 0
    is_lost: bool = False
    returned_s: float | None = None
    log: list[str] = field(default_factory=list)


def kept(path: Path, agent: str) -> list[Outcome]:
    """Those of that agent in the file; none when there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    told = [json.loads(line) for line in lines]
    return [_read(one["outcome"]) for one in told if one["agent"] == agent]


def keep(path: Path, agent: str, outcome: Outcome) -> None:
    """Append one."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"agent": agent, "outcome": asdict(outcome)}) + "\n")


def _read(told: Mapping[str, object]) -> Outcome:
    case = told["case"]
    assert isinstance(case, dict)
    whole = Case(case["role"], Fault(case["fault"]), Moment(case["moment"]))
    return Outcome(**{**told, "case": whole})  # type: ignore[arg-type]  # what `keep` has written


def line(outcome: Outcome) -> str:
    """One line."""
    case = outcome.case
    gaps = " ".join(f"{gap:5.2f}" for gap in outcome.gaps_s)
    lost = f"{outcome.words_lost} words, {outcome.turns_lost} turns lost"
    said = f"{outcome.sentences_lost} sentences lost, {outcome.sentences_repeated} twice"
    back = "" if outcome.returned_s is None else f", back after {outcome.returned_s:.1f} s"
    end = ", CALL LOST" if outcome.is_lost else ""
    return f"{case.role}  {case.fault.value:<22}{case.moment.value:<18}{gaps} s  {lost}, {said}{back}{end}"


def figures(outcomes: Sequence[Outcome]) -> Mapping[str, float]:
    """What the last line says."""
    gaps = [1000 * gap for outcome in outcomes for gap in outcome.gaps_s]
    returned = [outcome.returned_s for outcome in outcomes if outcome.returned_s is not None]
    return {
        "calls": len(outcomes),
        "max_gap_ms": round(max(gaps, default=0.0)),
        "p50_gap_ms": round(percentile(gaps, 50)) if gaps else 0,
        "p95_gap_ms": round(percentile(gaps, 95)) if gaps else 0,
        "words_lost": sum(outcome.words_lost for outcome in outcomes),
        "turns_lost": sum(outcome.turns_lost for outcome in outcomes),
        "sentences_lost": sum(outcome.sentences_lost for outcome in outcomes),
        "sentences_repeated": sum(outcome.sentences_repeated for outcome in outcomes),
        "calls_lost": sum(outcome.is_lost for outcome in outcomes),
        "returns": len(returned),
        "max_return_s": round(max(returned, default=0.0), 1),
    }


def table(outcomes: Sequence[Outcome]) -> str:
    """By role, by moment and by fault: the silences and what was lost."""
    head = f"{'':<24}{'calls':>6}{'p50':>7}{'p95':>7}{'max':>7}  words turns said twice calls lost"
    groups: list[Callable[[Outcome], str]] = [
        lambda one: one.case.role,
        lambda one: one.case.moment.value,
        lambda one: one.case.fault.value,
    ]
    rows = [_row(name, [one for one in outcomes if of(one) == name]) for of in groups for name in _names(outcomes, of)]
    return "\n".join([head, *rows, _row("all", outcomes)])


def _names(outcomes: Iterable[Outcome], of: Callable[[Outcome], str]) -> list[str]:
    return list(dict.fromkeys(map(of, outcomes)))


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    told = figures(outcomes)
    gaps = "".join(f"{told[kind] / 1000:>7.2f}" for kind in ("p50_gap_ms", "p95_gap_ms", "max_gap_ms"))
    lost = f"{told['words_lost']:>7}{told['turns_lost']:>6}{told['sentences_lost']:>5}{told['sentences_repeated']:>6}"
    return f"{name:<24}{told['calls']:>6}{gaps}{lost}{told['calls_lost']:>11}"
