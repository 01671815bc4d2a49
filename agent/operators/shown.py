"""How figures and turns are shown: words for values, and shapes for charts, in units that a template can place."""

from dataclasses import dataclass
from datetime import datetime

from agent.memory.store import StoredEvent, Value
from agent.operators.days import Day, Figure

STAGES = (("endpointing_ms", "end of turn"), ("stt_ms", "stt"), ("llm_ttft_ms", "llm"), ("tts_ttfb_ms", "tts"))


# What a live call does, by what happened in it last; anything else leaves it listening.
STATES = {
    "CallerSpoke": "thinks",
    "ToolCalled": "asks a tool",
    "ConnectionLost": "waits for the caller to come back",
    "TransferStarted": "calls a colleague",
    "TransferAnswered": "has a colleague on the line",
    "CallScored": "says goodbye",
}
LISTENS = "listens"


def figure(value: float | None, unit: str) -> str:
    """As one reads it; a dash for what is not known."""
    if value is None:
        return "-"
    match unit:
        case "%":
            return f"{value * 100:.0f} %"
        case "s":
            return f"{value:.0f} s"
        case "ms":
            return f"{value:.0f} ms"
        case "$":
            return f"${value:.4f}"
        case _:
            return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One of a chart: in percent of its width and height."""

    left: float
    width: float
    height: float
    label: str


def bars(days: list[Day], of: Figure) -> list[Bar]:
    """A chart of one figure; shares reach up to 100 %, others to their highest."""
    values = [day.figures[of.name] for day in days]
    highest = 1.0 if of.unit == "%" else max((value for value in values if value is not None), default=0.0)
    step = 100 / max(1, len(days))
    return [
        Bar(
            left=round(index * step, 3),
            width=round(step * 0.8, 3),
            height=round(100 * min(1.0, value / highest), 2) if value and highest else 0.0,
            label=f"{day.day}: {figure(value, of.unit)}",
        )
        for index, (day, value) in enumerate(zip(days, values, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a turn: where it lies, in percent of the longest turn, and how long it took."""

    name: str
    kind: str
    left: float
    width: float
    ms: float


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of the call with its waterfall."""

    number: int
    e2e_ms: float | None
    stages: list[Stage]
    was_prepared: bool
    tools: list[str]


def waterfall(events: list[StoredEvent]) -> list[Turn]:
    """Every turn, from the end of the caller's speech on, or of what they wrote, all on one scale."""
    ended = [event for event in events if event.kind == "TurnEnded"]
    longest = max((_length(event.fields) for event in ended), default=0.0) or 1.0
    tools: dict[object, list[str]] = {}
    turn: Value = 0
    for event in events:
        if event.kind == "CallerSpoke":
            turn = event.fields.get("turn")
        elif event.kind == "ToolReturned":
            tools.setdefault(turn, []).append(f"{event.fields['tool']} {event.fields['outcome']}")
    return [
        Turn(
            number=int(_number(event.fields.get("turn"))),
            e2e_ms=known(event.fields.get("e2e_ms")),
            stages=_stages(event.fields, 100 / longest),
            was_prepared=bool(event.fields.get("was_prepared")),
            tools=tools.get(event.fields.get("turn"), []),
        )
        for event in ended
    ]


def _length(fields: dict[str, Value]) -> float:
    """Of a turn in milliseconds; what was written was answered as fast as it was thought and spoken."""
    parts = ("llm_ttft_ms", "tts_ttfb_ms", "output_ms")
    return known(fields.get("e2e_ms")) or sum(_number(fields.get(part)) for part in parts)


def _stages(fields: dict[str, Value], scale: float) -> list[Stage]:
    spoken = _length(fields) - _number(fields.get("output_ms")) - _number(fields.get("tts_ttfb_ms"))
    endpointing = known(fields.get("endpointing_ms"))
    begins = {
        "endpointing_ms": 0.0,
        "stt_ms": 0.0,
        "llm_ttft_ms": 0.0 if endpointing is None else endpointing - _number(fields.get("prepared_ms")),
        "tts_ttfb_ms": spoken,
    }
    found = []
    for key, name in STAGES:
        if (took := known(fields.get(key))) is not None:
            left = min(100.0, max(0.0, begins[key] * scale))
            width = min(100 - left, max(0.3, took * scale))
            found.append(Stage(name, key.partition("_")[0], round(left, 2), round(width, 2), took))
    return found


def known(value: object) -> float | None:
    """A number as the record has it; None for what it does not know."""
    return float(value) if isinstance(value, int | float) else None


def _number(value: Value) -> float:
    return known(value) or 0.0


def since(at: datetime, now: datetime) -> str:
    """How long ago, as 4:05."""
    seconds = max(0, int((now - at).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"
