"""Days: what calls came to, day by day, out of their scores. docs/kpis.md says what each figure means."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from agent.memory.looking import Scored

Reckon = Callable[[Sequence[Scored]], float | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One of a day: `unit` is "%", "s", "ms", "$" or empty."""

    name: str
    title: str
    unit: str
    reckon: Reckon


@dataclass(frozen=True, slots=True)
class Day:
    """A day with each figure by name; None where no call of it says anything about one."""

    day: date
    figures: dict[str, float | None]


def mean(name: str) -> Reckon:
    """Of a field of the scores that have one; a yes counts 1."""

    def reckon(calls: Sequence[Scored]) -> float | None:
        values = [float(value) for call in calls if isinstance(value := call.fields.get(name), int | float)]
        return statistics.fmean(values) if values else None

    return reckon


def share(name: str, of: Callable[[Scored], bool]) -> Reckon:
    """Of the calls that count, those in which the field is true."""

    def reckon(calls: Sequence[Scored]) -> float | None:
        counted = [call for call in calls if of(call)]
        return sum(bool(call.fields.get(name)) for call in counted) / len(counted) if counted else None

    return reckon


def middle(value_of: Callable[[Scored], float | None]) -> Reckon:
    """The median call's."""

    def reckon(calls: Sequence[Scored]) -> float | None:
        values = [value for call in calls if (value := value_of(call)) is not None]
        return statistics.median(values) if values else None

    return reckon


def _wants(call: Scored) -> bool:
    return bool(call.fields.get("wanted_task"))


FIGURES = (
    Figure("calls", "Calls", "", lambda calls: float(len(calls))),
    Figure("completed", "Tasks completed", "%", share("completed_task", _wants)),
    Figure(
        "first_call",
        "First-call resolution",
        "%",
        share("completed_task", lambda call: _wants(call) and call.fields.get("is_first_contact") is True),
    ),
    Figure("contained", "Contained", "%", mean("is_contained")),
    Figure("escalated", "Escalated", "%", mean("is_escalated")),
    Figure("handle", "Handle time", "s", mean("handle_s")),
    Figure("latency", "Turn latency, median call", "ms", middle(lambda call: call.e2e_p50_ms)),
    Figure("latency_p95", "Its p95", "ms", middle(lambda call: call.e2e_p95_ms)),
    Figure("interrupted", "Interruptions by turn", "%", mean("interruption_rate")),
    Figure("silent", "Silence", "%", mean("silence_ratio")),
    Figure("repeated", "Repeats", "%", mean("repeat_rate")),
    Figure("csat", "CSAT, 1 to 5", "", mean("csat")),
    Figure("cost", "Cost a call", "$", mean("cost_usd")),
)


def days_of(scored: Iterable[Scored], zone: ZoneInfo) -> list[Day]:
    """Each day that had a call, in order; a day is one of that time zone."""
    by_day: dict[date, list[Scored]] = {}
    for call in scored:
        by_day.setdefault(call.started_at.astimezone(zone).date(), []).append(call)
    return [
        Day(day, {figure.name: figure.reckon(found) for figure in FIGURES}) for day, found in sorted(by_day.items())
    ]
