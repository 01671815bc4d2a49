"""The turns that were heard, counted: percentiles of each kind, a table, and the one line of JSON. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Literal

from evals.gaps import Verdict
from evals.stages import ADDS_UP_MS, Stages, mean

AgentName = Literal["ours", "plain"]
Kind = Literal["plain", "tool", "filler"]
TITLES: dict[AgentName, str] = {"ours": "ours", "plain": "plain agent"}
KINDS: tuple[Kind, ...] = ("plain", "tool", "filler")
LATE_MS = 800.0  # a tool turn needs a filler or an answer by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question and what became of it. `ms` is voice to voice at the caller's ear, None unless it counts."""

    agent: AgentName
    call: int
    question: str
    voice: str
    kind: Kind
    verdict: Verdict
    ms: float | None
    apart_ms: float | None = None
    was_prepared: bool | None = None
    stages: Stages | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """What the gaps of one agent and kind look like, in ms."""

    n: int
    p50: float
    p95: float
    p99: float


def spread(gaps: Sequence[float]) -> Spread | None:
    """None of nothing."""
    return Spread(len(gaps), *(percentile(gaps, percent) for percent in (50, 95, 99))) if gaps else None


def percentile(values: Sequence[float], percent: int) -> float:
    """Interpolated; of a single value, that value."""
    return round(values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[percent - 1], 1)


def gaps(turns: Iterable[Turn], agent: AgentName, kind: Kind) -> list[float]:
    """The gaps that count."""
    return [turn.ms for turn in turns if (turn.agent, turn.kind) == (agent, kind) and turn.ms is not None]


def discarded(turns: Iterable[Turn], agent: AgentName) -> Counter[Verdict]:
    """The turns that do not count, by reason."""
    return Counter(turn.verdict for turn in turns if turn.agent == agent and turn.ms is None)


def explained(turns: Iterable[Turn]) -> list[Stages]:
    """The stages of our plain turns that count."""
    return [turn.stages for turn in turns if turn.kind == "plain" and turn.ms is not None and turn.stages]


def summary(turns: Sequence[Turn], *, band: str, callers: int) -> dict[str, object]:
    """The last line of the output. A figure for which there were no turns is null."""
    ours, plain = spread(gaps(turns, "ours", "plain")), spread(gaps(turns, "plain", "plain"))
    tool, filler = spread(gaps(turns, "ours", "tool")), spread(gaps(turns, "ours", "filler"))
    stages, reasons = explained(turns), discarded(turns, "ours")
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
        "plain_discarded": discarded(turns, "plain").total(),
        "ratio": round(ours.p50 / plain.p50, 2) if ours and plain else None,
        "tool_p50_ms": tool and round(tool.p50),
        "tool_n": tool.n if tool else 0,
        "tool_late": late(turns),
        "filler_p50_ms": filler and round(filler.p50),
        "filler_n": filler.n if filler else 0,
        "band": band,
        "callers": callers,
        "prepared_pct": _percent(
            [bool(turn.was_prepared) for turn in turns if turn.ms and turn.was_prepared is not None]
        ),
        "stages": asdict(average) if (average := mean(stages)) else None,
        "adds_up": f"{sum(one.adds_up for one in stages)}/{ours.n if ours else 0}",
    }


def late(turns: Iterable[Turn]) -> int:
    """How many of our tool turns had neither filler nor answer in time."""
    kept = (turn for turn in turns if turn.agent == "ours" and turn.kind != "plain" and turn.ms is not None)
    return sum(turn.ms > LATE_MS for turn in kept if turn.ms)


def rows(turns: Sequence[Turn]) -> list[tuple[str, Spread]]:
    """A line for each agent and kind of which there are turns."""
    found = ((agent, kind, spread(gaps(turns, agent, kind))) for agent in TITLES for kind in KINDS)
    return [(f"{TITLES[agent]}, {kind} turns", figures) for agent, kind, figures in found if figures]


def table(turns: Sequence[Turn]) -> str:
    """What a person reads on the terminal."""
    lines = [f"{'voice to voice, ms':26}{'p50':>7}{'p95':>7}{'p99':>7}{'n':>6}"]
    lines += [f"{name:26}{f.p50:7.0f}{f.p95:7.0f}{f.p99:7.0f}{f.n:6}" for name, f in rows(turns)]
    for agent, title in TITLES.items():
        reasons = discarded(turns, agent)
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        lines.append(f"discarded, {title}: {reasons.total()}{f' ({why})' if why else ''}")
    stages = explained(turns)
    if average := mean(stages):
        parts = " + ".join(f"{name} {value:.0f}" for name, value in asdict(average).items())
        lines.append(f"stages of ours, plain turns, mean: {parts} = {average.total:.0f} ms")
        adds_up, n = sum(one.adds_up for one in stages), len(gaps(turns, "ours", "plain"))
        lines.append(f"{adds_up} of {n} turns are explained within {ADDS_UP_MS:.0f} ms")
    return "\n".join(lines)


def _percent(answers: Sequence[bool]) -> float | None:
    return round(100 * sum(answers) / len(answers), 1) if answers else None
