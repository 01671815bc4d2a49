"""The observer raises its flag in the third frustrated turn, once, and says why."""

from datetime import UTC, datetime

from agent.events import (
    AiDisclosed,
    CallEnded,
    CallerSpoke,
    EndReason,
    Event,
    LanguageChosen,
    Outcome,
    ToolReturned,
)
from agent.observers.plugged import Flags
from agent.observers.sentiment import Likelihood, Sentiment

AT = datetime(2026, 11, 20, 17, tzinfo=UTC)


def flags_after(*events: Event, likelihood: Likelihood = lambda _: None) -> list[tuple[str, str]]:
    """What the call was marked with."""
    raised: list[tuple[str, str]] = []
    flags = Flags()
    flags.open("call-1", lambda name, reason: raised.append((name, reason)))
    observer = Sentiment(flags, likelihood)
    for event in events:
        observer.on_event("call-1", AT, event)
    return raised


def spoke(text: str, *, is_repeat: bool = False, seconds: float | None = None) -> CallerSpoke:
    """A turn of the caller's, that took so long."""
    return CallerSpoke(
        turn=1, words=len(text.split()), text=text, is_repeat=is_repeat,
        began_at=None if seconds is None else 100.0, ended_at=None if seconds is None else 100.0 + seconds,
    )  # fmt: skip


FAILED = ToolReturned(tool_call="t", tool="x", outcome=Outcome.TIMED_OUT, duration_ms=1.0, sentence="")


def test_the_third_frustration_raises_the_flag_once_with_its_reasons() -> None:
    """Words, a repeat and a tool that failed; a fourth is no news."""
    turns = (
        spoke("this is useless"),
        spoke("where is it", is_repeat=True),
        FAILED,
        spoke("and now"),
        spoke("what the hell"),
    )
    assert flags_after(*turns[:-2]) == []
    assert flags_after(*turns) == [("frustrated", "the caller complains, repeats, tool_failed")]


def test_a_tool_that_failed_counts_for_one_turn() -> None:
    """The caller's next words are not about it."""
    assert flags_after(spoke("hello"), FAILED, *(spoke("fine") for _ in range(5))) == []


def test_the_callers_own_pace_is_that_of_the_first_turns() -> None:
    """Who always talks fast does not hurry; and pace alone is nothing."""
    fast = [spoke("where is my order number please", seconds=1.0) for _ in range(8)]
    assert flags_after(spoke("hello there to you all", seconds=3.0), *fast) == []


def test_each_call_is_weighed_by_itself_and_forgotten_at_its_end() -> None:
    """A job may have another one day."""
    end = CallEnded(reason=EndReason.CALLER_LEFT, duration_s=1.0, turns=1)
    assert flags_after(*[spoke("this is useless")] * 2, end, *[spoke("this is useless")] * 2) == []


def test_what_sounds_like_it_counts_where_the_model_knows_the_language() -> None:
    """In Spanish its vectors mean nothing; after a change to English they do."""
    three = [spoke("you again")] * 3
    assert flags_after(*three, likelihood=lambda _: 0.9) == [
        ("frustrated", "the caller " + ", ".join(["sounds_like_it"] * 3))
    ]
    assert flags_after(*three, likelihood=lambda _: 0.1) == []
    spanish = AiDisclosed(turn=0, language="es-MX")
    assert flags_after(spanish, *three, likelihood=lambda _: 0.9) == []
    english = LanguageChosen(language="en", by="asked")
    assert flags_after(spanish, english, *three, likelihood=lambda _: 0.9) != []
