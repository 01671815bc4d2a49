"""What `python -m evals phone` has measured, turn by turn, and the figures that come of it; kept in a file, so that a
long run may be made of several short ones. Pure but for that file."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from evals.figures import SETS, SetName, percentile
from evals.servers import NotStarted
from evals.stages import Stages, mean

End = Literal["phone", "browser"]
What = Literal["answer", "barge_in"]
_KINDS: dict[What, str] = {"answer": "answers", "barge_in": "falls silent when spoken into"}
_BARGE_INS: dict[End, str] = {"phone": "barge_in", "browser": "browser_barge_in"}  # as the last line names them


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One turn at one end. `ms` is from the caller's last sound to the agent's first, or, of a barge-in, from the
    caller's first sound to the agent's last; None where the turn does not count, and `verdict` says why. `is_ok` of a
    barge-in: True when the agent fell silent and left its answer, None when the scene proves nothing."""

    end: End
    what: What
    asked: SetName
    text: str
    verdict: str
    ms: float | None
    is_ok: bool | None = None
    opened_by_filler: bool = False
    stages: Stages | None = None


@dataclass(slots=True)
class Measured:
    """All turns so far; `calls` is how many calls each set has had, so that another run asks other sentences."""

    turns: list[Heard] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)

    def counted(self, end: End, what: What, asked: SetName | None = None) -> list[float]:
        """Milliseconds of those that count."""
        return [one.ms for one in self.of(end, what, asked) if one.ms is not None]

    def of(self, end: End, what: What, asked: SetName | None = None) -> list[Heard]:
        """Those of one end and kind; of one set, or of all."""
        return [one for one in self.turns if (one.end, one.what) == (end, what) and asked in {None, one.asked}]

    def write(self, path: Path) -> None:
        """Keep them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"calls": dict(self.calls), "turns": [asdict(one) for one in self.turns]}
        path.write_text(json.dumps(kept, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Measured":
        """What was kept; nothing where there is no such file. Raises NotStarted."""
        if not path.exists():
            return cls()
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            turns = [Heard(**{**one, "stages": one["stages"] and Stages(**one["stages"])}) for one in kept["turns"]]
            return cls(turns, Counter(kept["calls"]))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise NotStarted(f"--add {path}: not a file of this measurement ({error})") from error


def summary(measured: Measured) -> dict[str, object]:
    """The last line of the output. A figure of which there was no turn is null."""
    found: dict[str, object] = _figures(measured, None, "")
    for asked in SETS:
        if any(one.asked == asked for one in measured.turns):
            found |= _figures(measured, asked, f"{asked}_")
    return found


def _figures(measured: Measured, asked: SetName | None, before: str) -> dict[str, object]:
    phone = measured.counted("phone", "answer", asked)
    browser = measured.counted("browser", "answer", asked)
    lost = Counter(one.verdict for one in measured.of("phone", "answer", asked) if one.ms is None)
    figures: dict[str, object] = {
        "p50_ms": _at(phone, 50),
        "p95_ms": _at(phone, 95),
        "n": len(phone),
        "lost": dict(lost),
        "browser_p50_ms": _at(browser, 50),
        "browser_p95_ms": _at(browser, 95),
        "browser_n": len(browser),
    }
    for end, name in _BARGE_INS.items():
        scenes = [one for one in measured.of(end, "barge_in", asked) if one.is_ok is not None]
        took = [one.ms for one in scenes if one.is_ok and one.ms is not None]
        figures |= {
            f"{name}_p50_ms": _at(took, 50),
            f"{name}_p95_ms": _at(took, 95),
            f"{name}_ok": sum(bool(one.is_ok) for one in scenes),
            f"{name}_n": len(scenes),
        }
    return {f"{before}{name}": figure for name, figure in figures.items()}


def table(measured: Measured) -> str:
    """What a person reads: each set's figures, and what the telephone's answers were made of."""
    lines = [f"{'ms at the ear':44}{'p50':>7}{'p95':>7}{'n':>5}"]
    for asked, title in SETS.items():
        for what, of in _KINDS.items():
            for end in _BARGE_INS:
                took = measured.counted(end, what, asked)
                if took:
                    name = f"{title}, {end}, {of}"
                    lines.append(f"{name:58}{_at(took, 50):7}{_at(took, 95):7}{len(took):5}")
        lines += _made_of(measured.of("phone", "answer", asked), title)
    return "\n".join(lines)


def _made_of(turns: Sequence[Heard], title: str) -> list[str]:
    """The mean stages of all answers, and of the slowest tenth: what holds the p95."""
    known = sorted((one for one in turns if one.ms is not None and one.stages), key=lambda one: one.ms or 0.0)
    slowest = known[-max(1, len(known) // 10) :] if known else []
    return [*_stages(known, f"{title}, by telephone"), *_stages(slowest, "the slowest tenth"), *_texts(slowest)]


def _stages(turns: Iterable[Heard], title: str) -> list[str]:
    kept = [one.stages for one in turns if one.stages]
    average = mean(kept)
    if average is None:
        return []
    parts = " + ".join(f"{name} {value:.0f}" for name, value in asdict(average).items())
    return [f"  {title}, mean of {len(kept)}: {parts} = {average.total:.0f} ms"]


def _texts(turns: Iterable[Heard]) -> list[str]:
    return [f"    {one.ms:.0f} ms: {one.text!r}" for one in turns]


def _at(values: Sequence[float], percent: int) -> int | None:
    return round(percentile(values, percent)) if values else None
