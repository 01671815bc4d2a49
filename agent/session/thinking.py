"""Thinking: who thinks in one call, with what stands around it, and what the local understanding knows beforehand."""

import contextlib
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from livekit.agents import llm

from agent.call.call import Call
from agent.dialog.context import outputs_since_caller
from agent.errors import VoiceAgentError
from agent.language.packs import ENGLISH
from agent.providers import catalog
from agent.providers.chains import Chains
from agent.providers.local.speech_client import SpeechClient
from agent.providers.local.vectors import KnownVectors, vectors_file
from agent.rules.evidence import Meant
from agent.rules.hardness import Weighed, Why, weigh
from agent.session.kit import Kit
from agent.thinking.llm_stack import Around, build_around, build_understanding, is_large
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import rehearse
from agent.understanding.history import CallerSaid
from agent.understanding.routing import Route


class Thinking:
    """One per call. `say_soon` lets the voice begin on a sentence that is likely to be the next."""

    def __init__(self, kit: Kit, call: Call, speech: SpeechClient, say_soon: Callable[[str], None] | None) -> None:
        self._kit = kit
        self._call = call
        self._speech = speech
        self._say_soon = say_soon
        self._understanding: Understanding | None = None
        self._around: Around | None = None
        self._confidence: float | None = None  # the router's, in what the caller said last
        self.large: llm.LLM[Any] | None = None  # a large model by itself, where one thinks; known once it is built

    def build(self, chains: Chains) -> llm.LLM[Any]:
        """Who is asked. Raises ConfigError."""
        kit = self._kit
        lent = catalog.Lent(self._speech, kit.profile.language, understanding=self._build_understanding)
        mind = chains.build_mind(lent, self._weigh)
        if not is_large(kit.profile):
            return mind
        self.large = None if catalog.is_understanding(kit.profile.providers) else mind
        mind = chains.with_realtime(mind)
        vectors, var_dir = KnownVectors(vectors_file(kit.settings.var_dir), self._speech), kit.settings.var_dir
        self._around = build_around(kit.profile, kit.toolbox, vectors, var_dir, lambda: self._call.speaker)
        return self._around.llm(mind, self._call, self._routed)

    async def warm(self) -> None:
        """What the first turn would have to wait for; that tries again, and tells the caller."""
        for one in (self._understanding, self._around):
            with contextlib.suppress(VoiceAgentError):
                if one is not None:
                    await one.warm()

    async def meant(self, heard: llm.ChatContext, text: str) -> Meant | None:
        """What the local understanding would make of these words; None where an LLM has to be asked."""
        if self._understanding is None or self._around is not None or self._call.profile.language != ENGLISH:
            return None
        items = [*self._understanding.history(heard), CallerSaid(text)]
        tools = [name for name in self._kit.toolbox.intents if self._call.may_use(name)]
        return (await self._understanding.decide(items, tools)).meant

    def rehearse(self, wished: Sequence[llm.FunctionToolCall]) -> None:
        """What a tool says the understanding says after it, word for word: then the voice begins on it, too."""
        is_said = self._understanding is not None and self._around is None
        rehearse(self._kit.toolbox, self._call, wished, self._say_soon if is_said else None)

    def _routed(self, route: Route | None) -> None:
        self._confidence = route.reading if route else None

    def _weigh(self, history: llm.ChatContext) -> Why:
        knows = self._call.profile.language == ENGLISH  # the router reads nothing else
        return weigh(weighed(history, self._confidence if knows else None))

    def _build_understanding(self) -> Understanding:
        kit, vectors = self._kit, KnownVectors(vectors_file(self._kit.settings.var_dir), self._speech)
        self._understanding = build_understanding(
            kit.profile, kit.toolbox, vectors, self._call.now, lambda: self._call.speaker
        )
        return self._understanding


def weighed(history: llm.ChatContext, confidence: float | None) -> Weighed:
    """What is known of a turn before an LLM is asked about it."""
    outputs = [item for item in history.items if isinstance(item, llm.FunctionCallOutput)]
    return Weighed(
        confidence=confidence,
        tools=sum(1 for _ in outputs_since_caller(history)),
        failures=sum(1 for _ in takewhile(lambda output: output.is_error, reversed(outputs))),
    )
