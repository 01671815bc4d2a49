"""How a call is judged afterwards, from what happened in it."""

import pytest

from agent.call.scoring import Score
from agent.events import (
    AgentSpoke,
    CallEnded,
    CallerSpoke,
    CallJoined,
    CallScored,
    EndReason,
    Event,
    FlagRaised,
    Interrupted,
    Outcome,
    TaskCompleted,
    ToolCalled,
    ToolReturned,
    TransferStarted,
)
from agent.intent import Intent
from tests.fakes.calls import recorded_call

INTENTS = {
    "check_shipping": Intent(examples=("where is it",), noted="asked where order {order_number} is"),
    "book_table": Intent(examples=("a table",), confirm="Shall I book it?", noted="booked a table"),
    "end_call": Intent(examples=("bye",)),
}


def said(began: float | None, ended: float | None, *, is_repeat: bool = False) -> CallerSpoke:
    """The caller's turn, by the clock."""
    return CallerSpoke(turn=1, words=3, text="", began_at=began, ended_at=ended, is_repeat=is_repeat)


def answered(began: float | None, ended: float | None) -> AgentSpoke:
    """The agent's."""
    return AgentSpoke(turn=1, words=3, is_whole=True, text="", began_at=began, ended_at=ended)


def used(tool: str, outcome: Outcome = Outcome.OK) -> tuple[Event, ...]:
    """A tool that was called and came back; what changes something is completed by its yes."""
    came = ToolReturned(tool_call="t", tool=tool, outcome=outcome, duration_ms=1.0, sentence="")
    is_done = outcome is Outcome.OK and INTENTS[tool].changes_something
    return (ToolCalled(tool_call="t", tool=tool, arguments=""), came, *([TaskCompleted(task=tool, turn=1)] * is_done))


def score(
    *events: Event, reason: EndReason = EndReason.CALLER_GOODBYE, before: tuple[str, ...] | None = None
) -> CallScored:
    """What a call of 100 seconds with these events came to."""
    kept = Score(INTENTS)
    for event in events:
        kept.on_event(event)
    return kept.told(CallEnded(reason=reason, duration_s=100.0, turns=2), before)


@pytest.mark.parametrize(
    ("events", "wanted", "completed"),
    [
        ((), False, False),
        (used("end_call"), False, False),
        (used("check_shipping"), True, True),
        (used("check_shipping", Outcome.FAILED), True, False),
        ((*used("check_shipping", Outcome.REFUSED), *used("check_shipping")), True, True),
        (used("book_table", Outcome.ASKED), True, False),
        ((*used("book_table", Outcome.ASKED), *used("book_table")), True, True),
        ((*used("check_shipping"), *used("book_table", Outcome.REFUSED)), True, False),
    ],
)
def test_a_task_is_done_when_everything_that_was_wanted_had_its_effect(
    events: tuple[Event, ...], wanted: bool, completed: bool
) -> None:
    """A question that is read back is no effect yet; what failed first and worked later is one."""
    found = score(*events)
    assert (found.wanted_task, found.completed_task) == (wanted, completed)


@pytest.mark.parametrize(
    "event",
    [
        FlagRaised(flag="wants_human", reason="asked"),
        FlagRaised(flag="distress", reason="said so"),
        TransferStarted(way="warm", department="billing"),
    ],
)
def test_a_call_that_needed_a_person_is_escalated_and_not_contained(event: Event) -> None:
    """Whether the caller asked, a rule found it, or somebody was called."""
    found = score(event)
    assert found.is_escalated and not found.is_contained


def test_a_flag_of_another_kind_is_no_escalation() -> None:
    """Personas read many."""
    assert score(FlagRaised(flag="speaks_german", reason="heard")).is_contained


@pytest.mark.parametrize(("reason", "contained"), [(EndReason.CALLER_LEFT, True), (EndReason.CRASHED, False)])
def test_a_call_that_was_dropped_contains_nothing(reason: EndReason, contained: bool) -> None:
    """Nobody knows what the caller did then."""
    assert score(reason=reason).is_contained is contained


def test_only_long_pauses_are_silence() -> None:
    """1.5 s are a breath; 3 s before the caller and 2.5 s before the agent are not; overlap is none."""
    events = (
        answered(0, 5), said(6.5, 8), answered(10.5, 14), said(17, 18), answered(17.5, 30), said(25, 26),
        answered(31, 33),
    )  # fmt: skip
    assert score(*events).silence_ratio == pytest.approx((2.5 + 3) / 100)


def test_nothing_is_reckoned_around_what_was_written() -> None:
    """A reader is not silent."""
    assert score(answered(0, 5), said(None, None), answered(50, 55)).silence_ratio == 0


def test_rates_are_shares_of_the_turns_they_are_about() -> None:
    """Interruptions of the agent's, repeats of the caller's."""
    events = (
        said(0, 1), answered(2, 3), Interrupted(turn=1, words_heard=4), said(4, 5, is_repeat=True), answered(6, 7),
    )  # fmt: skip
    found = score(*events)
    assert (found.interruption_rate, found.repeat_rate) == (0.5, 0.5)
    assert (score().interruption_rate, score().repeat_rate) == (0, 0)


@pytest.mark.parametrize(
    ("before", "first"), [(None, None), ((), True), (("book_table",), True), (("check_shipping",), False)]
)
def test_a_matter_that_an_earlier_call_left_open_is_no_first_contact(
    before: tuple[str, ...] | None, first: bool | None
) -> None:
    """And of whoever is not remembered nobody knows."""
    assert score(*used("check_shipping"), before=before).is_first_contact is first


def test_a_call_tells_its_score_right_before_its_end() -> None:
    """Nothing follows CallEnded."""
    call, record = recorded_call()
    call.emit(CallJoined(profile="shop", channel="browser"))
    call.emit(CallEnded(reason=EndReason.CALLER_LEFT, duration_s=2.0, turns=0))
    assert [type(event) for event in record.events] == [CallJoined, CallScored, CallEnded]
