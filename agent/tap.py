"""Listens to an AgentSession and says in our words what happened; the only file that knows LiveKit's event names."""

from collections.abc import Callable
from typing import Any

from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    CloseEvent,
    CloseReason,
    ConversationItemAddedEvent,
    ErrorEvent,
    FunctionToolsExecutedEvent,
    UserStateChangedEvent,
    llm,
)

from agent.call.call import Call
from agent.events import (
    AgentSpoke,
    CallerSpoke,
    EndReason,
    Event,
    FillerSpoken,
    Interrupted,
    ProviderFailed,
    Role,
    TurnEnded,
)
from agent.rules.repeats import says_again

_ROLES: dict[str, Role] = {"stt_error": "stt", "llm_error": "llm", "tts_error": "tts", "realtime_model_error": "llm"}
_REASONS = {
    CloseReason.PARTICIPANT_DISCONNECTED: EndReason.CALLER_LEFT,
    CloseReason.JOB_SHUTDOWN: EndReason.WORKER_STOPPED,
    CloseReason.ERROR: EndReason.PROVIDER_FAILED,
}


class Tap:
    """One per call. `on_busy` hears whether anybody speaks or thinks, `on_close` why LiveKit closed the session
    (None when we closed it ourselves and know better). `turns` were before, in a call that is taken up."""

    def __init__(
        self,
        call: Call,
        *,
        on_busy: Callable[[bool], None],
        on_close: Callable[[EndReason | None], None],
        turns: int = 0,
    ) -> None:
        self._call = call
        self._on_busy = on_busy
        self._on_close = on_close
        self._turn = turns
        self._had_tools = False
        self._had_filler = False
        self._said = ""
        self._question: llm.ChatMessage | None = None
        self._caller_speaks = False
        self._agent_works = False

    @property
    def turns(self) -> int:
        """How often the caller has spoken."""
        return self._turn

    def attach(self, session: AgentSession[Call]) -> None:
        """Start to listen; the session's end ends it."""
        session.on("conversation_item_added", self._item_added)
        session.on("function_tools_executed", self._tools_executed)
        session.on("agent_state_changed", self._agent_state_changed)
        session.on("user_state_changed", self._user_state_changed)
        session.on("error", self._error)
        session.on("close", self._closed)

    def on_event(self, event: Event) -> None:
        """What the call tells that LiveKit's session does not: a filler is no part of its conversation."""
        if isinstance(event, FillerSpoken):
            self._had_filler = True

    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage):
            return
        if item.role == "user":
            self._caller_said(item)
        elif item.role == "assistant":
            self._agent_said(item)

    def _caller_said(self, item: llm.ChatMessage) -> None:
        self._turn += 1
        self._question = item
        self._had_tools = self._had_filler = False
        text = item.text_content or ""
        self._call.emit(
            CallerSpoke(
                turn=self._turn,
                words=len(text.split()),
                text=text,
                began_at=item.metrics.get("started_speaking_at"),
                ended_at=item.metrics.get("stopped_speaking_at"),
                is_repeat=says_again(text, self._said),
            )
        )
        self._said = text

    def _agent_said(self, item: llm.ChatMessage) -> None:
        text = item.text_content or ""
        words = len(text.split())
        if item.interrupted:
            self._call.emit(Interrupted(turn=self._turn, words_heard=words))
        self._call.emit(
            AgentSpoke(
                turn=self._turn,
                words=words,
                is_whole=not item.interrupted,
                text=text,
                began_at=item.metrics.get("started_speaking_at"),
                ended_at=item.metrics.get("stopped_speaking_at"),
            )
        )
        if self._question is not None:
            self._end_turn(self._question, item.metrics)

    def _end_turn(self, question: llm.ChatMessage, answer: llm.MetricsReport) -> None:
        self._question = None
        prepared_s = _prepared_s(question)
        self._call.emit(
            TurnEnded(
                turn=self._turn,
                endpointing_ms=_ms(question.metrics.get("end_of_turn_delay")),
                stt_ms=_ms(question.metrics.get("transcription_delay")),
                llm_ttft_ms=_ms(answer.get("llm_node_ttft")),
                tts_ttfb_ms=_ms(answer.get("tts_node_ttfb")),
                e2e_ms=_ms(answer.get("e2e_latency")),
                had_tools=self._had_tools,
                speech_ended_at=question.metrics.get("stopped_speaking_at"),
                spoke_at=answer.get("started_speaking_at"),
                was_prepared=prepared_s is not None,
                prepared_ms=_ms(prepared_s),
                output_ms=_ms(answer.get("playback_latency")),
                opened_by_filler=self._had_filler,
            )
        )

    def _tools_executed(self, _: FunctionToolsExecutedEvent) -> None:
        self._had_tools = True

    def _agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        self._agent_works = event.new_state in {"thinking", "speaking"}
        self._tell_busy()

    def _user_state_changed(self, event: UserStateChangedEvent) -> None:
        self._caller_speaks = event.new_state == "speaking"
        self._tell_busy()

    def _tell_busy(self) -> None:
        self._on_busy(self._caller_speaks or self._agent_works)

    def _error(self, event: ErrorEvent) -> None:
        error: Any = event.error
        role = _ROLES.get(getattr(error, "type", ""))
        if role is None:
            return
        self._call.emit(
            ProviderFailed(
                role=role,
                provider=getattr(event.source, "provider", "unknown"),
                reason=_reason(error.error),
                is_recoverable=error.recoverable,
            )
        )

    def _closed(self, event: CloseEvent) -> None:
        self._on_close(_REASONS.get(event.reason))


def _reason(error: object) -> str:
    """The kind of error with its status, never its message: that may quote the caller."""
    status = getattr(error, "status_code", None)
    return f"{type(error).__name__} {status}" if isinstance(status, int) and status > 0 else type(error).__name__


def _prepared_s(question: llm.ChatMessage) -> float | None:
    """How long before the end of the turn was decided the answer was begun; None when only after it.

    LiveKit makes the caller's message when it begins an answer to it: for a guess that is before the decision, and a
    guess that is thrown away takes its message along.
    """
    ended_at, delay_s = question.metrics.get("stopped_speaking_at"), question.metrics.get("end_of_turn_delay")
    if ended_at is None or delay_s is None or question.created_at >= ended_at + delay_s:
        return None
    return ended_at + delay_s - question.created_at


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
