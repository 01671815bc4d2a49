"""What LiveKit's session says becomes our events, with the stages of a turn on the worker's clock."""

import pytest
from livekit.agents import AgentSession, ConversationItemAddedEvent, FunctionToolsExecutedEvent, llm

from agent.call import Call
from agent.events import AgentSpoke, CallerSpoke, Interrupted, TurnEnded
from agent.tap import Tap
from tests.fakes.calls import Recorded, recorded_call

ENDED_AT = 1_800_000_000.0  # when the caller fell silent, epoch seconds
ANSWERED: llm.MetricsReport = {
    "llm_node_ttft": 0.02,
    "tts_node_ttfb": 0.1,
    "e2e_latency": 0.45,
    "started_speaking_at": ENDED_AT + 0.45,
}


@pytest.fixture
async def tapped() -> tuple[AgentSession[Call], Recorded]:
    """A session that nothing runs in, with a tap on it, and what the tap tells."""
    call, record = recorded_call()
    session = AgentSession[Call]()
    Tap(call, on_busy=lambda _: None, on_close=lambda _: None).attach(session)
    return session, record


def caller_said(session: AgentSession[Call], *, begun_at: float, delay_s: float | None = 0.3) -> None:
    """The caller's turn, decided `delay_s` after its end; LiveKit began to answer at `begun_at`."""
    item = llm.ChatMessage(role="user", content=["where is it"], created_at=begun_at)
    if delay_s is not None:
        item.metrics = {"stopped_speaking_at": ENDED_AT, "end_of_turn_delay": delay_s, "transcription_delay": 0.2}
    session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))


def agent_said(session: AgentSession[Call], *, interrupted: bool = False) -> None:
    """The agent's answer, as far as it was heard."""
    item = llm.ChatMessage(role="assistant", content=["on its way"], interrupted=interrupted, metrics=ANSWERED)
    session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))


def turn_of(record: Recorded) -> TurnEnded:
    """The one turn that was told."""
    (turn,) = record.of(TurnEnded)
    assert isinstance(turn, TurnEnded)
    return turn


async def test_a_turn_is_told_with_its_stages_on_the_clock(tapped: tuple[AgentSession[Call], Recorded]) -> None:
    """All that LiveKit measured, in milliseconds, and the two moments that place it."""
    session, record = tapped
    caller_said(session, begun_at=ENDED_AT + 0.301)
    agent_said(session)
    assert [type(event) for event in record.events] == [CallerSpoke, AgentSpoke, TurnEnded]
    assert turn_of(record) == TurnEnded(
        turn=1, endpointing_ms=300.0, stt_ms=200.0, llm_ttft_ms=20.0, tts_ttfb_ms=100.0, e2e_ms=450.0, had_tools=False,
        speech_ended_at=ENDED_AT, spoke_at=ENDED_AT + 0.45,
    )  # fmt: skip


async def test_an_answer_begun_on_a_guess_says_how_early(tapped: tuple[AgentSession[Call], Recorded]) -> None:
    """LiveKit's message is older than the decision: the answer was prepared."""
    session, record = tapped
    caller_said(session, begun_at=ENDED_AT + 0.12)
    agent_said(session)
    turn = turn_of(record)
    assert turn.was_prepared and turn.prepared_ms == pytest.approx(180.0, abs=0.1)


async def test_a_typed_question_has_no_end_of_speech(tapped: tuple[AgentSession[Call], Recorded]) -> None:
    """Nobody spoke: what was not measured is none, and nothing was prepared."""
    session, record = tapped
    caller_said(session, begun_at=ENDED_AT, delay_s=None)
    agent_said(session)
    turn = turn_of(record)
    assert (turn.speech_ended_at, turn.endpointing_ms, turn.was_prepared) == (None, None, False)
    assert turn.spoke_at == ENDED_AT + 0.45


async def test_tools_and_interruptions_are_told_of_their_turn(tapped: tuple[AgentSession[Call], Recorded]) -> None:
    """A tool marks its own turn only; a cut answer says how much was heard."""
    session, record = tapped
    caller_said(session, begun_at=ENDED_AT + 0.301)
    asked = llm.FunctionCall(call_id="c", name="lookup_order", arguments="{}")
    given = llm.FunctionCallOutput(call_id="c", name="lookup_order", output="It is on its way.", is_error=False)
    executed = FunctionToolsExecutedEvent(function_calls=[asked], function_call_outputs=[given])
    session.emit("function_tools_executed", executed)
    agent_said(session, interrupted=True)
    caller_said(session, begun_at=ENDED_AT + 0.301)
    agent_said(session)
    assert [turn.had_tools for turn in record.of(TurnEnded) if isinstance(turn, TurnEnded)] == [True, False]
    assert record.of(Interrupted) == [Interrupted(turn=1, words_heard=3)]
