"""The turns that were heard, counted: percentiles of each set, agent and kind, a table, the one line of JSON. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Literal

from evals.gaps import Verdict
from evals.stages import ADDS_UP_MS, Stages, mean
from evals.wer import errors, words

AgentName = Literal["ours", "realtime", "plain"]
SetName = Literal["strangers", "people", "declared"]
Kind = Literal["plain", "tool", "filler"]
TITLES: dict[AgentName, str] = {"ours": "ours", "realtime": "realtime mode", "plain": "plain agent"}
SETS: dict[SetName, str] = {
    "strangers": "strangers' sentences",
    "people": "recordings of people",
    "declared": "declared questions",
}
KINDS: tuple[Kind, ...] = ("plain", "tool", "filler")
LATE_MS = 800.0  # a tool turn needs a filler or an answer by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question and what became of it. `ms` is voice to voice at the caller's ear, None unless it counts.

    `heard` is what the agent wrote down; None where nobody knows what was said, or the agent tells nothing. `at` is
    when the caller had ended, in seconds since the epoch. `is_by_pipeline` is of a call in realtime mode: the pipeline
    answered instead of the model.
    """

    agent: AgentName
    asked: SetName
    call: int
    question: str
    voice: str
    kind: Kind
    verdict: Verdict
    ms: float | None
    apart_ms: float | None = None
    was_prepared: bool | None = None
    heard: str | None = None
    stages: Stages | None = None
    at: float = 0.0
    is_by_pipeline: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """What the gaps of one agent and kind look like, in ms."""

    n: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table and of the picture: gaps of one agent that belong together, in ms."""

    title: str
    agent: AgentName
    gaps: tuple[float, ...]

    @property
    def spread(self) -> Spread:
        """A row is never empty."""
        return Spread(len(self.gaps), *(percentile(self.gaps, percent) for percent in (50, 95, 99)))


def spread(gaps: Sequence[float]) -> Spread | None:
    """None of nothing."""
    return Row("", "ours", tuple(gaps)).spread if gaps else None


def percentile(values: Sequence[float], percent: int) -> float:
    """Interpolated; of a single value, that value."""
    return round(values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[percent - 1], 1)


def gaps(turns: Iterable[Turn], agent: AgentName, asked: SetName, *kinds: Kind) -> list[float]:
    """The gaps of these kinds that count; without kinds, those of the set's own figure."""
    kept = kinds or kinds_of(asked)
    found = (turn for turn in turns if (turn.agent, turn.asked) == (agent, asked) and turn.kind in kept)
    return [turn.ms for turn in found if turn.ms is not None]


def kinds_of(asked: SetName) -> tuple[Kind, ...]:
    """Which kinds make a set's figure: of declared questions those that ask for no tool; a stranger's may be any."""
    return ("plain",) if asked == "declared" else KINDS


def discarded(turns: Iterable[Turn], agent: AgentName, asked: SetName) -> Counter[Verdict]:
    """The turns that do not count, by reason."""
    return Counter(t.verdict for t in turns if (t.agent, t.asked) == (agent, asked) and t.ms is None)


def explained(turns: Iterable[Turn], asked: SetName) -> list[Stages]:
    """The stages of our plain turns of that set that count; those of realtime mode are not among them."""
    ours = (turn for turn in turns if (turn.agent, turn.asked, turn.kind) == ("ours", asked, "plain"))
    return [turn.stages for turn in ours if turn.stages and turn.ms is not None]


def measured(turns: Iterable[Turn]) -> list[SetName]:
    """The sets of which there are turns, the headline first."""
    there = {turn.asked for turn in turns}
    return [asked for asked in SETS if asked in there]


def summary(turns: Sequence[Turn], *, band: str, callers: int) -> dict[str, object]:
    """The last line of the output. A figure for which there were no turns is null.

    Each set has its keys; those without a set's name are of declared questions, as before there were others.
    """
    found: dict[str, object] = {}
    for asked in SETS:
        figures = _of_set(turns, asked) | _of_realtime(turns, asked)
        found |= {f"{asked}_{name}": figure for name, figure in figures.items()}
    of_stages: SetName = next(iter(measured(turns)), "declared")
    stages = explained(turns, of_stages)
    return {
        **found,
        **_declared(turns),
        **_of_realtime(turns, "declared"),
        "band": band,
        "callers": callers,
        "prepared_pct": _percent(
            [
                bool(turn.was_prepared)
                for turn in turns
                if turn.agent == "ours" and turn.ms and turn.was_prepared is not None
            ]
        ),
        "stages_of": of_stages,
        "stages": asdict(average) if (average := mean(stages)) else None,
        "adds_up": f"{sum(one.adds_up for one in stages)}/{len(gaps(turns, 'ours', of_stages, 'plain'))}",
    }


def _of_set(turns: Sequence[Turn], asked: SetName) -> dict[str, object]:
    ours, plain = spread(gaps(turns, "ours", asked)), spread(gaps(turns, "plain", asked))
    reasons = discarded(turns, "ours", asked)
    put = [turn for turn in turns if (turn.agent, turn.asked) == ("ours", asked)]
    return {
        "p50_ms": ours and round(ours.p50),
        "p95_ms": ours and round(ours.p95),
        "n": ours.n if ours else 0,
        "ratio": ratio(turns, asked),
        "plain_p50_ms": plain and round(plain.p50),
        "plain_n": plain.n if plain else 0,
        "discarded": reasons.total(),
        "discarded_by_reason": dict(reasons),
        "cutoff_pct": _percent([turn.verdict == "cut_off" for turn in put]),
        "filler_n": len(gaps(turns, "ours", asked, "filler")),
        "wer": _wer(put),
    }


def _of_realtime(turns: Sequence[Turn], asked: SetName) -> dict[str, object]:
    """What realtime mode adds to a set's figures; nothing where it was not called."""
    theirs = [turn for turn in turns if turn.agent == "realtime"]
    if not theirs:
        return {}
    found = spread(gaps(theirs, "realtime", asked))
    return {
        "realtime_p50_ms": found and round(found.p50),
        "realtime_p95_ms": found and round(found.p95),
        "realtime_n": found.n if found else 0,
        "realtime_ratio": ratio(turns, asked, "realtime", "ours"),
        "realtime_discarded": discarded(theirs, "realtime", asked).total(),
        "realtime_by_pipeline": by_pipeline(theirs, asked),
    }


def by_pipeline(turns: Iterable[Turn], asked: SetName) -> int:
    """How many turns of realtime mode that are in its figure the pipeline answered."""
    kept = [turn for turn in turns if turn.is_by_pipeline]
    return len(gaps(kept, "realtime", asked))


def _declared(turns: Sequence[Turn]) -> dict[str, object]:
    ours, plain = spread(gaps(turns, "ours", "declared")), spread(gaps(turns, "plain", "declared"))
    tool, filler = (spread(gaps(turns, "ours", "declared", kind)) for kind in KINDS[1:])
    reasons = discarded(turns, "ours", "declared")
    return {
        "p50_ms": ours and round(ours.p50),
        "p95_ms": ours and round(ours.p95),
        "p99_ms": ours and round(ours.p99),
        "n": ours.n if ours else 0,
        "discarded": reasons.total(),
        "discarded_by_reason": dict(reasons),
        "plain_p50_ms": plain and round(plain.p50),
        "plain_p95_ms": plain and round(plain.p95),
        "plain_n": plain.n if plain else 0,
        "plain_discarded": discarded(turns, "plain", "declared").total(),
        "ratio": round(ours.p50 / plain.p50, 2) if ours and plain else None,
        "tool_p50_ms": tool and round(tool.p50),
        "tool_n": tool.n if tool else 0,
        "tool_late": late(turns),
        "filler_p50_ms": filler and round(filler.p50),
        "filler_n": filler.n if filler else 0,
    }


def ratio(turns: Sequence[Turn], asked: SetName, agent: AgentName = "ours", over: AgentName = "plain") -> float | None:
    """The p50 of one agent over another's, of what both were asked by the same voice and answered; None without
    such."""
    kept = [turn for turn in turns if turn.asked == asked and turn.kind in kinds_of(asked) and turn.ms is not None]
    by_agent = [{(t.question, t.voice) for t in kept if t.agent == one} for one in (agent, over)]
    both = by_agent[0] & by_agent[1]
    theirs, others = (
        [turn.ms for turn in kept if turn.agent == one and turn.ms and (turn.question, turn.voice) in both]
        for one in (agent, over)
    )
    return round(percentile(theirs, 50) / percentile(others, 50), 2) if both else None


def late(turns: Iterable[Turn]) -> int:
    """How many of our tool turns had neither filler nor answer in time."""
    kept = (t for t in turns if (t.agent, t.asked) == ("ours", "declared") and t.kind != "plain" and t.ms is not None)
    return sum(turn.ms > LATE_MS for turn in kept if turn.ms)


def rows(turns: Sequence[Turn]) -> list[Row]:
    """A line for each set and agent of which there are turns; of declared questions, for each kind, too."""
    found: list[Row] = []
    for asked, title in SETS.items():
        for agent, whose in TITLES.items():
            kinds: Sequence[Sequence[Kind]] = [(kind,) for kind in KINDS] if asked == "declared" else [KINDS]
            for kept in kinds:
                name = f"{title}, {kept[0]}, {whose}" if asked == "declared" else f"{title}, {whose}"
                found.append(Row(name, agent, tuple(gaps(turns, agent, asked, *kept))))
    return [row for row in found if row.gaps]


def table(turns: Sequence[Turn]) -> str:
    """What a person reads on the terminal."""
    lines = [f"{'voice to voice, ms':42}{'p50':>7}{'p95':>7}{'p99':>7}{'n':>6}"]
    for row in rows(turns):
        figures = row.spread
        lines.append(f"{row.title:42}{figures.p50:7.0f}{figures.p95:7.0f}{figures.p99:7.0f}{figures.n:6}")
    for asked in measured(turns):
        for agent, title in TITLES.items():
            if agent == "realtime" and not any(turn.agent == agent for turn in turns):
                continue
            reasons = discarded(turns, agent, asked)
            why = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
            lines.append(f"discarded, {SETS[asked]}, {title}: {reasons.total()}{f' ({why})' if why else ''}")
        if rescued := by_pipeline(turns, asked):
            lines.append(f"in realtime mode, but answered by the pipeline, {SETS[asked]}: {rescued}")
        lines += _stages_told(turns, asked)
    return "\n".join(lines)


def _stages_told(turns: Sequence[Turn], asked: SetName) -> list[str]:
    stages = explained(turns, asked)
    average = mean(stages)
    if average is None:
        return []
    parts = " + ".join(f"{name} {value:.0f}" for name, value in asdict(average).items())
    adds_up, n = sum(one.adds_up for one in stages), len(gaps(turns, "ours", asked, "plain"))
    return [
        f"stages of ours, {SETS[asked]}, mean: {parts} = {average.total:.0f} ms",
        f"{adds_up} of {n} turns are explained within {ADDS_UP_MS:.0f} ms",
    ]


def _wer(turns: Iterable[Turn]) -> float | None:
    """Words that the agent got wrong of those that are known to have been said."""
    known = [(turn.question, turn.heard) for turn in turns if turn.heard is not None]
    said = sum(len(words(question)) for question, _ in known)
    return round(sum(errors(*pair) for pair in known) / said, 3) if said else None


def _percent(answers: Sequence[bool]) -> float | None:
    return round(100 * sum(answers) / len(answers), 1) if answers else None
