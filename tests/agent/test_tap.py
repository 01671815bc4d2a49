"""What LiveKit's session says becomes our events, with the stages of a turn on the worker's clock."""

from dataclasses import dataclass

import pytest
from livekit.agents import AgentSession, ConversationItemAddedEvent, FunctionToolsExecutedEvent, llm

from agent.call.call import Call
from agent.events import AgentSpoke, CallerSpoke, FillerSpoken, Interrupted, TurnEnded
from agent.tap import Tap
from tests.fakes.calls import Recorded, recorded_call

ENDED_AT = 1_800_000_000.0  # when the caller fell silent, epoch seconds
ANSWERED: llm.MetricsReport = {
    "llm_node_ttft": 0.02,
    "tts_node_ttfb": 0.1,
    "e2e_latency": 0.45,
    "started_speaking_at": ENDED_AT + 0.45,
    "playback_latency": 0.03,
}


@dataclass
class Tapped:
    """A session that nothing runs in, the tap on it, and what the tap tells."""

    session: AgentSession[Call]
    tap: Tap
    record: Recorded


@pytest.fixture
async def tapped() -> Tapped:
    """A tap that listens."""
    call, record = recorded_call()
    session, tap = AgentSession[Call](), Tap(call, on_busy=lambda _: None, on_close=lambda _: None)
    tap.attach(session)
    return Tapped(session, tap, record)


def caller_said(tapped: Tapped, *, begun_at: float, delay_s: float | None = 0.3) -> None:
    """The caller's turn, decided `delay_s` after its end; LiveKit began to answer at `begun_at`."""
    item = llm.ChatMessage(role="user", content=["where is it"], created_at=begun_at)
    if delay_s is not None:
        item.metrics = {"stopped_speaking_at": ENDED_AT, "end_of_turn_delay": delay_s, "transcription_delay": 0.2}
    tapped.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))


def agent_said(tapped: Tapped, *, interrupted: bool = False) -> None:
    """The agent's answer, as far as it was heard."""
    item = llm.ChatMessage(role="assistant", content=["on its way"], interrupted=interrupted, metrics=ANSWERED)
    tapped.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))


def turn_of(record: Recorded) -> TurnEnded:
    """The one turn that was told."""
    (turn,) = record.of(TurnEnded)
    assert isinstance(turn, TurnEnded)
    return turn


async def test_a_turn_is_told_with_its_stages_on_the_clock(tapped: Tapped) -> None:
    """All that LiveKit measured, in milliseconds, and the two moments that place it."""
    caller_said(tapped, begun_at=ENDED_AT + 0.301)
    agent_said(tapped)
    assert [type(event) for event in tapped.record.events] == [CallerSpoke, AgentSpoke, TurnEnded]
    assert turn_of(tapped.record) == TurnEnded(
        turn=1, endpointing_ms=300.0, stt_ms=200.0, llm_ttft_ms=20.0, tts_ttfb_ms=100.0, e2e_ms=450.0, had_tools=False,
        speech_ended_at=ENDED_AT, spoke_at=ENDED_AT + 0.45, output_ms=30.0,
    )  # fmt: skip


async def test_an_answer_begun_on_a_guess_says_how_early(tapped: Tapped) -> None:
    """LiveKit's message is older than the decision: the answer was prepared."""
    caller_said(tapped, begun_at=ENDED_AT + 0.12)
    agent_said(tapped)
    turn = turn_of(tapped.record)
    assert turn.was_prepared and turn.prepared_ms == pytest.approx(180.0, abs=0.1)


async def test_a_typed_question_has_no_end_of_speech(tapped: Tapped) -> None:
    """Nobody spoke: what was not measured is none, and nothing was prepared."""
    caller_said(tapped, begun_at=ENDED_AT, delay_s=None)
    agent_said(tapped)
    turn = turn_of(tapped.record)
    assert (turn.speech_ended_at, turn.endpointing_ms, turn.was_prepared) == (None, None, False)
    assert turn.spoke_at == ENDED_AT + 0.45


async def test_tools_and_interruptions_are_told_of_their_turn(tapped: Tapped) -> None:
    """A tool marks its own turn only; a cut answer says how much was heard."""
    caller_said(tapped, begun_at=ENDED_AT + 0.301)
    asked = llm.FunctionCall(call_id="c", name="lookup_order", arguments="{}")
    given = llm.FunctionCallOutput(call_id="c", name="lookup_order", output="It is on its way.", is_error=False)
    executed = FunctionToolsExecutedEvent(function_calls=[asked], function_call_outputs=[given])
    tapped.session.emit("function_tools_executed", executed)
    agent_said(tapped, interrupted=True)
    caller_said(tapped, begun_at=ENDED_AT + 0.301)
    agent_said(tapped)
    assert [turn.had_tools for turn in tapped.record.of(TurnEnded) if isinstance(turn, TurnEnded)] == [True, False]
    assert tapped.record.of(Interrupted) == [Interrupted(turn=1, words_heard=3)]


async def test_a_filler_is_told_of_the_turn_it_opened(tapped: Tapped) -> None:
    """It is no part of LiveKit's conversation; the turn after it is opened by none."""
    caller_said(tapped, begun_at=ENDED_AT + 0.301)
    tapped.tap.on_event(FillerSpoken(turn=1, tool="lookup_order"))
    agent_said(tapped)
    caller_said(tapped, begun_at=ENDED_AT + 0.301)
    agent_said(tapped)
    turns = [turn for turn in tapped.record.of(TurnEnded) if isinstance(turn, TurnEnded)]
    assert [turn.opened_by_filler for turn in turns] == [True, False]
