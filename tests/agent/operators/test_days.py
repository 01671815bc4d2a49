"""Days are added up from scores, turns are laid out on one scale, and what nobody knows stays unknown."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from agent.memory.looking import Scored
from agent.memory.store import StoredEvent, Value
from agent.operators.days import FIGURES, days_of
from agent.operators.shown import bars, figure, waterfall


def scored(hour: int, **fields: Value) -> Scored:
    """A call of 29 November, at that hour in UTC."""
    known: dict[str, Value] = {"wanted_task": False, "completed_task": False, **fields}
    return Scored(datetime(2026, 11, 29, hour, tzinfo=UTC), None, None, known)


def test_a_share_counts_only_the_calls_that_it_is_about() -> None:
    """Calls that wanted nothing fail at nothing; first contacts are those that are known to be."""
    (day,) = days_of(
        [
            scored(9, wanted_task=True, completed_task=True, is_first_contact=True),
            scored(10, wanted_task=True, is_first_contact=None),
            scored(11, wanted_task=True, is_first_contact=False),
            scored(12, csat=4),
        ],
        ZoneInfo("UTC"),
    )
    assert day.figures["calls"] == 4
    assert day.figures["completed"] == 1 / 3
    assert day.figures["first_call"] == 1
    assert day.figures["csat"] == 4
    assert day.figures["cost"] is None and day.figures["latency"] is None


def test_a_day_is_one_of_the_zone() -> None:
    """Three in the morning in London is the evening before in New York."""
    days = days_of([scored(3), scored(9)], ZoneInfo("America/New_York"))
    assert [day.day for day in days] == [date(2026, 11, 28), date(2026, 11, 29)]


def test_figures_are_shown_in_their_unit() -> None:
    """A dash for what is not known."""
    values = ((0.256, "%"), (31.4, "s"), (612.0, "ms"), (0.0154, "$"), (4.0, ""))
    shown = [figure(value, unit) for value, unit in values]
    assert shown == ["26 %", "31 s", "612 ms", "$0.0154", "4"]
    assert figure(None, "%") == "-" and figure(3.94, "") == "3.9"


def test_a_chart_has_a_bar_for_each_day_inside_its_frame() -> None:
    """Also when nothing is known of one."""
    days = days_of([scored(9, csat=4)], ZoneInfo("UTC"))
    for one in FIGURES:
        (bar,) = bars(days, one)
        assert 0 <= bar.height <= 100 and bar.left + bar.width <= 100


def ended(**fields: Value) -> StoredEvent:
    """A turn."""
    return StoredEvent(
        position=0, at=datetime(2026, 11, 29, tzinfo=UTC), kind="TurnEnded", fields={"turn": 1, **fields}
    )


def test_the_stages_of_a_turn_lie_where_they_happened() -> None:
    """The longest turn is as wide as the chart; what was prepared began before the turn was judged over."""
    spoken = ended(
        endpointing_ms=400.0, stt_ms=100.0, llm_ttft_ms=200.0, tts_ttfb_ms=150.0, output_ms=50.0, e2e_ms=1000.0,
        prepared_ms=100.0,
    )  # fmt: skip
    written = ended(llm_ttft_ms=200.0, tts_ttfb_ms=100.0, output_ms=20.0, e2e_ms=None)
    first, second = waterfall([spoken, written])
    assert [(stage.kind, stage.left, stage.width) for stage in first.stages] == [
        ("endpointing", 0, 40), ("stt", 0, 10), ("llm", 30, 20), ("tts", 80, 15),
    ]  # fmt: skip
    assert [(stage.kind, stage.left, stage.width) for stage in second.stages] == [("llm", 0, 20), ("tts", 20, 10)]
