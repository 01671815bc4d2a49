"""Opening: how a call begins: with the greeting, or, where we are the ones who call, by hearing who is there. Also
what a wish for no more calls does, whoever's first words it is.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession, llm

from agent.call.call import Call
from agent.dialog.lifecycle import Lifecycle
from agent.dialog.persona import Persona
from agent.dialog.recorder import Recorder
from agent.dialog.sayings import Sayings
from agent.errors import ConfigError
from agent.events import CallerSpoke, EndReason, Event
from agent.memory.dialled import Attempt
from agent.rescue.taking_up import Carried, Keeper
from agent.room.microphones import RATE, Microphones
from agent.rules.opting_out import opts_out
from agent.session.greeting import greet
from agent.session.kit import Kit
from agent.session.outgoing import Does
from agent.session.placed import FLAG, Placed, find, keep_opt_out
from agent.session.second_opinion import second_opinion
from agent.telephony.key_presses import press
from agent.turns.voice_out import VoiceOut

logger = logging.getLogger("parley.opening")


class Opening:
    """One per call."""

    def __init__(
        self,
        call: Call,
        session: AgentSession[Call],
        sayings: Sayings,
        lifecycle: Lifecycle,
        kit: Kit,
        keeper: Keeper,
        carried: Carried | None,
    ) -> None:
        self._call = call
        self._session = session
        self._sayings = sayings
        self._lifecycle = lifecycle
        self._dialled = kit.dialled
        self._recorder = Recorder(call, kit.settings, sayings)
        self._keeper = keeper
        self._carried = carried
        self._persona: Persona | None = None
        self._attempt: Attempt | None = None
        self._placed: Placed | None = None
        self._has_begun = False
        self._keeping: set[asyncio.Task[None]] = set()

    async def prepare(self, attempt_id: str) -> bool:
        """Look up what a call of ours is for. False when that cannot be told: then nothing may be said in it."""
        try:
            self._attempt = await find(self._dialled, attempt_id)
        except ConfigError as error:
            logger.error("call not made", extra={"call": self._call.id, "reason": str(error)})
            return False
        return True

    def attach(
        self, persona: Persona, microphones: Microphones, voice: VoiceOut, room: rtc.Room, model: llm.LLM[Any] | None
    ) -> None:
        """The session is about to listen. `model` is a large one, where one thinks."""
        self._persona = persona
        persona.takes = self._takes
        microphones.on_frame = self._on_frame
        voice.on_frame = self._recorder.on_agent_frame
        if self._attempt is None or self._carried:
            return
        does = Does(
            say=self._sayings.speak,
            stop=self._sayings.give_way,
            press=lambda keys: press(room, keys),
            hang_up=lambda: self._lifecycle.hang_up(EndReason.NO_PERSON),
        )
        second = (lambda: second_opinion(self._session, model)) if model is not None else None
        self._placed = Placed(self._call, self._dialled, self._attempt, does, RATE, second)
        outgoing = self._placed.outgoing
        persona.is_mute = lambda: outgoing.is_deciding
        self._lifecycle.rest()

    async def run(self) -> None:
        """Say it."""
        with contextlib.suppress(RuntimeError):  # the caller has left meanwhile
            if self._placed is not None:
                if self._has_begun:  # another voice in the room: we have called one person
                    return
                self._has_begun = True
                await self._placed.outgoing.run()
                self._lifecycle.wake()
                return
            if not self._carried:
                await self._recorder.tell()
            await greet(self._call, self._session, self._sayings, self._carried, self._keeper)
            if not self._carried:
                await self._recorder.ask()

    def on_event(self, event: Event) -> None:
        """Who wants no more calls gets none, whatever else is going on. A call of ours ends with that."""
        self._recorder.on_event(event)
        if not (isinstance(event, CallerSpoke) and self._call.number and opts_out(event.text)):
            return
        if FLAG not in self._call.flags:
            self._spawn(keep_opt_out(self._call, self._dialled, self._call.clock()))
        if self._attempt is not None:
            self._lifecycle.hang_up(EndReason.WANTS_NO_CALLS)

    async def aclose(self) -> None:
        """What is being written down is written."""
        if self._placed is not None:
            await self._placed.aclose()
        await self._recorder.aclose()
        await asyncio.gather(*self._keeping, return_exceptions=True)

    def _on_frame(self, frame: rtc.AudioFrame) -> None:
        self._recorder.on_caller_frame(frame)
        if self._placed is not None:
            self._placed.outgoing.frame(np.frombuffer(frame.data, np.int16))

    def _takes(self, text: str) -> bool:
        if self._placed is not None:
            if opts_out(text):
                self._placed.outgoing.leave()
            if self._placed.outgoing.takes(text):
                return True
        return self._recorder.takes(text, after=self._persona.saying if self._persona else "")

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
