"""A call without sound: the real AgentSession, persona, tools and systems of record, talked to by text."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Self  # Any: LiveKit's LLM is generic over what it takes

from livekit.agents import AgentSession, llm

from agent.afterwards.reminding import tell_due
from agent.call.call import Call
from agent.dialog.lifecycle import Lifecycle
from agent.dialog.persona import Persona
from agent.events import AgentSpoke, CallEnded, CallJoined, EndReason, Event, ToolCalled, ToolReturned
from agent.memory.recall import Memory
from agent.profile.profile import Profile
from agent.rules.line_number import line_number
from agent.tap import Tap
from agent.tooling.toolbox import Toolbox
from agent.turns.options import PATIENCE
from evals.expecting import Made, Played
from evals.scenario import Caller

PATIENCE_S = 0.01  # a scenario's silence is over as soon as the agent has noticed it
TURN_WITHIN_S = 60.0  # a large model may think; the local one is done in milliseconds
HEARD_WORDS = 3  # of a reply that the caller speaks into


class NoAnswer(Exception):
    """The call ended, or nothing came in time; the message says which."""


class TextCall:
    """Use it as a context: the caller is greeted on the way in, and gone on the way out."""

    def __init__(
        self,
        profile: Profile,
        toolbox: Toolbox,
        *,
        mind: Callable[[Call], llm.LLM[Any]],
        backends: dict[type, object],
        clock: datetime,
        caller: Caller,
        name: str = "scenario",
        memory: Memory | None = None,
    ) -> None:
        self._caller = caller
        self._toolbox = toolbox
        self._events: list[Event] = []
        limits = profile.limits.model_copy(update={"idle_prompt_s": PATIENCE_S})
        self.call = Call(
            id=name,
            profile=profile.model_copy(update={"limits": limits}),
            publish=lambda _id, _at, event: self._on_event(event),
            hang_up=lambda reason: self._lifecycle.hang_up(reason),  # noqa: PLW0108  # there is no lifecycle yet
            backends=backends,
            clock=lambda: clock,
            number=line_number(caller.number),
            memory=memory or Memory(),
        )
        self._mind = mind(self.call)
        self._session: AgentSession[Call] = AgentSession(
            llm=self._mind, userdata=self.call, conn_options=PATIENCE, user_away_timeout=None
        )
        self._lifecycle = Lifecycle(
            self.call, speak=self._speak, until_silent=self._until_silent, close=self._close_session
        )
        self._tap = Tap(self.call, on_busy=lambda _: None, on_close=lambda _: None)
        self._line_is_free = asyncio.Event()
        self._is_over = asyncio.Event()
        self._has_spoken = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tap.attach(self._session)
        self.call.emit(CallJoined(profile=self.call.profile.name, channel=self._caller.channel))
        await self._session.start(Persona(self.call.profile, self._toolbox.tools), record=False, session_host=False)
        self._lifecycle.on_busy(True)
        self._lifecycle.start()
        await self._session.say(self.call.profile.sentences.greeting)
        await tell_due(self.call, self._session.say)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.call.emit(CallEnded(reason=self.ended or EndReason.CALLER_LEFT, duration_s=0.0, turns=self._tap.turns))
        await self.call.memory.close(self.call.who)
        await self._lifecycle.aclose()
        await self._session.aclose()
        await self._mind.aclose()

    @property
    def ended(self) -> EndReason | None:
        """Why the agent ends the call, if it does."""
        return self._lifecycle.reason

    @property
    def returned(self) -> list[ToolReturned]:
        """What tools came to in the caller's last turn."""
        return [event for event in self._events if isinstance(event, ToolReturned)]

    @property
    def arguments(self) -> dict[str, dict[str, object]]:
        """Of the tools that were called in the caller's last turn, by the id of the call."""
        called = (event for event in self._events if isinstance(event, ToolCalled))
        return {event.tool_call: json.loads(event.arguments) for event in called}

    @property
    def greeting(self) -> Played:
        """What the caller heard first."""
        return self._played("")

    async def say(self, words: str, *, is_cut: bool) -> Played:
        """The caller's turn; with `is_cut` the caller will speak into the reply. Raises NoAnswer."""
        if self._is_over.is_set():
            raise NoAnswer("the call had ended")
        self._events.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_WITHIN_S):
                await self._session.run(user_input=words)
        played = self._played(words)
        if is_cut:
            await self._cut()
        return played

    async def stay_silent(self) -> Played:
        """The caller says nothing until the agent does. Raises NoAnswer."""
        if self._is_over.is_set():
            raise NoAnswer("the call had ended")
        self._events.clear()
        self._has_spoken.clear()
        self._lifecycle.on_busy(False)
        try:
            async with asyncio.timeout(TURN_WITHIN_S):
                await self._has_spoken.wait()
        except TimeoutError:
            raise NoAnswer("nothing was said in the silence") from None
        if self.ended:
            await self.hang_on()
        return self._played("")

    async def hang_on(self) -> None:
        """The caller says nothing more: whatever ends the call may do so."""
        self._line_is_free.set()
        if self.ended:
            await self._is_over.wait()

    def _played(self, words: str) -> Played:
        replies = [event.text for event in self._events if isinstance(event, AgentSpoke)]
        calls = [Made(e.tool, json.loads(e.arguments)) for e in self._events if isinstance(e, ToolCalled)]
        return Played(words, " ".join(replies), tuple(calls))

    async def _cut(self) -> None:
        """Make the history what it is when only the first words of the last reply were heard."""
        agent = self._session.current_agent
        history = agent.chat_ctx.copy()
        spoken = [i for i in history.items if isinstance(i, llm.ChatMessage) and i.role == "assistant"]
        heard = spoken[-1].model_copy(
            update={
                "content": [" ".join((spoken[-1].text_content or "").split()[:HEARD_WORDS])],
                "interrupted": True,
            }
        )
        history.items[history.items.index(spoken[-1])] = heard
        await agent.update_chat_ctx(history)

    def _on_event(self, event: Event) -> None:
        self._events.append(event)
        self._lifecycle.on_event(event)

    async def _speak(self, sentence: str, may_be_stopped: bool) -> None:
        self._lifecycle.on_busy(True)  # one silence, one sentence
        with suppress(RuntimeError):
            await self._session.say(sentence)
        self._has_spoken.set()

    async def _until_silent(self) -> None:
        await self._line_is_free.wait()

    async def _close_session(self, reason: EndReason) -> None:
        self._is_over.set()
