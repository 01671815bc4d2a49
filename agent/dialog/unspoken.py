"""Unspoken: what a caller says without a voice, written words and keys. They are words of the caller's like any other:
the agent gives way to them, and answers."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from livekit.agents import AgentSession

from agent.call.call import Call
from agent.dialog.sayings import Sayings
from agent.profile.profile import Sentences
from agent.telephony.dtmf import Wishes

OPERATOR = "I want to talk to a person."  # what a 0 says


class Attention(Protocol):
    """Whether the call listens at all; dialog/lifecycle.py knows."""

    @property
    def is_last(self) -> bool:
        """True from the goodbye that nothing takes back."""

    @property
    def is_resting(self) -> bool:
        """True while the caller is on hold, or talks with somebody else."""


class Unspoken:
    """One per call. `saying` tells what the agent last said, or is saying; `spawn` owns what is begun here; `hear` is
    told what is about to be answered."""

    def __init__(
        self,
        session: AgentSession[Call],
        sentences: Callable[[], Sentences],
        sayings: Sayings,
        attention: Attention,
        saying: Callable[[], str],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        hear: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._session = session
        self._sentences = sentences
        self._sayings = sayings
        self._attention = attention
        self._saying = saying
        self._spawn = spawn
        self._hear = hear

    def wishes(self) -> Wishes:
        """What the keypad tells."""
        return Wishes(
            on_key=lambda: self._on(self._sayings.give_way),
            on_entry=self.take,
            on_operator=lambda: self.take(OPERATOR),
            on_repeat=lambda: self._on(self._repeat),
            on_doubled=lambda: self._on(lambda: self._sayings.speak(self._sentences().keyed_twice)),
        )

    def take(self, words: str) -> None:
        """Answer them."""
        self._on(lambda: self._take(words))

    def refuse(self, sentence: str) -> None:
        """Say why they cannot be read."""
        self._on(lambda: self._refuse(sentence))

    def _on(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if not self._attention.is_last and not self._attention.is_resting:
            self._spawn(work())

    async def _refuse(self, sentence: str) -> None:
        await self._sayings.give_way()  # what was written before has made the agent talk
        await self._sayings.speak(sentence)

    async def _take(self, words: str) -> None:
        await self._sayings.give_way()
        self._hear(words)
        with contextlib.suppress(RuntimeError):
            self._session.generate_reply(user_input=words)

    async def _repeat(self) -> None:
        """Outside of the history: whatever was asked is still asked."""
        said = self._saying()
        await self._sayings.give_way()
        await asyncio.sleep(0)
        if said:
            await self._sayings.fill(said)
