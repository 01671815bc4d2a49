"""A wire of the real plugin to the rig's Realtime service, and what every test of it says and hears."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import function_tool, llm, stt
from livekit.agents.utils import http_context

from agent.providers import catalog
from agent.providers.realtime.answer import Answer
from agent.providers.realtime.mind import RealtimeLLM
from agent.providers.realtime.wire import Wire
from tests.rig.content import Known, Rules, Wish
from tests.rig.realtime import Realtime
from tests.rig.rig import KEYS, Rig, running

RATE = 24_000
ORDER = "Order four five seven one has left our house today."
MIND = Rules([("sunday", "On Sunday we are closed."), ("order", Wish("lookup_order", '{"number": "4571"}'))])


@dataclass
class Wired:
    """One call's wire, with what it has used."""

    rig: Rig
    wire: Wire
    used: list[Any] = field(default_factory=list)

    @property
    def api(self) -> Realtime:
        """What the service has seen."""
        return self.rig.openai.realtime

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind that the service got."""
        return [event for event in self.api.events if event["type"] == kind]

    async def say(self) -> None:
        """A turn of the caller's, as our own turn-taking finds it."""

        async def turn() -> AsyncIterator[stt.SpeechEvent]:
            yield stt.SpeechEvent(type=stt.SpeechEventType.START_OF_SPEECH)
            for frame in loud(0.6):
                self.wire.hear(frame)
            yield stt.SpeechEvent(type=stt.SpeechEventType.END_OF_SPEECH)

        self.wire.hear(loud(0.02)[0])
        async for _ in self.wire.follow(turn()):
            pass

    async def answer(self, chat_ctx: llm.ChatContext, tools: tuple[llm.Tool, ...] = ()) -> llm.CollectedResponse:
        """The mind's whole answer."""
        return await RealtimeLLM(self.wire).chat(chat_ctx=chat_ctx, tools=list(tools)).collect()


@function_tool
async def lookup_order(number: str) -> str:
    """Look an order up."""
    return number


def loud(seconds: float) -> list[rtc.AudioFrame]:
    """Noise at 16 kHz, in frames of 20 ms."""
    sound = (np.random.default_rng(1).standard_normal(int(seconds * 16_000)) * 3000).astype(np.int16)
    return [rtc.AudioFrame(sound[at : at + 320].tobytes(), 16_000, 1, 320) for at in range(0, len(sound) - 319, 320)]


def history(*said: tuple[str, str]) -> llm.ChatContext:
    """Instructions, and who said what."""
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="You answer for a shop.")
    for role, text in said:
        context.add_message(role=role, content=text)  # type: ignore[arg-type]  # the two roles
    return context


async def whole(answer: Answer) -> str:
    """The words of it, once all its sound has come."""
    while await answer.sound.get() is not None:
        pass
    return answer.text


Connect = Callable[..., Wired]


@pytest.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Connect]:
    """Wires of a call that are hung up at its end; a rule thinks, and what is heard is known before."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    made: list[Wired] = []
    async with running(Known(["Where is my order?"]), MIND) as rig, http_context.open():

        def build(*, rig_: Rig = rig, **options: str | float) -> Wired:
            model, chosen = catalog.build_realtime(rig_.choice("realtime", "openai", **options), "en")
            used: list[Any] = []
            made.append(Wired(rig_, Wire(model, has_turns=chosen.turns == "server", on_metrics=used.append), used))
            return made[-1]

        yield build
        await asyncio.gather(*(one.wire.aclose() for one in made))
