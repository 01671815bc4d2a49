"""Understanding: LiveKit's LLM interface over understanding/, so that session, tools and history stay the
same without an LLM.

It translates the chat context and the decision; what to decide is understanding/policy's.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from livekit.agents import APIConnectionError, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr
from livekit.agents.utils import shortuuid

from agent.answer import MEANING, Meaning
from agent.errors import ProviderError
from agent.intent import Intent
from agent.profile.profile import Profile
from agent.understanding.current_turn import CurrentTurn
from agent.understanding.history import (
    AgentSaid,
    CallerSaid,
    Item,
    ToolAnswered,
    ToolAsked,
    Turn,
    arguments_of,
    turns,
)
from agent.understanding.matching.embedding import Embedder, Remembered, Vectors
from agent.understanding.matching.intents import Evidence, Examples
from agent.understanding.matching.passages import KnowledgeLike
from agent.understanding.offers import open_offers
from agent.understanding.policy import HORIZON, Decision, decide, known_details
from agent.understanding.reading.endings import Endings
from agent.understanding.reading.misheard import Misheard, ends_alike
from agent.understanding.reading.requests_in_one import readings
from agent.understanding.state import Request

logger = logging.getLogger("parley.understanding")

SURE_AS_WRITTEN = 0.8  # who is understood so well was not misheard
SILENT = "silent"  # that of one which says nothing and calls nothing, and means it
WAITS = "waits"  # the key of a chunk's extra that says that the caller still owes an answer to its text
PROPOSED = "proposed"  # the key of a chunk's extra that holds what a yes to its text would do
UNSPEAKABLE = "An internal error occurred"  # what LiveKit writes for a tool that raised something else than ToolError


class Understanding(llm.LLM[None]):
    """One per call. `warm` embeds all examples; without it the first turn does."""

    def __init__(
        self,
        *,
        profile: Profile,
        intents: Mapping[str, Intent],
        embedder: Embedder,
        knowledge: KnowledgeLike,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._profile = profile
        self._embedder = Remembered(embedder)
        self._examples = Examples(intents)
        self._endings: Endings | None = None  # until warm
        self._misheard = Misheard()
        self.knowledge = knowledge
        self._clock = clock

    @property
    def model(self) -> str:
        """What LiveKit writes into metrics."""
        return "understanding"

    @property
    def provider(self) -> str:
        """What LiveKit writes into metrics."""
        return "parley"

    async def warm(self) -> None:
        """Embed the examples and the knowledge, once. Raises ConfigError and ProviderError."""
        await self._examples.warm(self._embedder)
        await self.knowledge.warm()
        if self._endings is None:
            declared = [*self._examples.sentences, *self.knowledge.questions]
            self._endings, self._misheard = Endings(declared), Misheard(declared)

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> "UnderstandingStream":
        """One decision as a stream: tool calls, or text."""
        usable = [] if tool_choice == "none" else tools or []
        return UnderstandingStream(self, chat_ctx=chat_ctx, tools=usable, conn_options=conn_options)

    async def decide(self, items: Sequence[Item], tools: Sequence[str]) -> Decision:
        """What to do now, with these tools. Raises ProviderError when the model that embeds is away."""
        await self.warm()
        said = turns(items)
        history = said[-HORIZON:]
        idle = self._sentence(self._profile.sentences.anything_else)
        if not history:
            return Decision(text=idle)
        evidence = await self._evidence(history)
        intents = {name: self._examples.intents[name] for name in tools if name in self._examples.intents}
        now, endings = self._clock(), self._endings or Endings()

        def turn_at(number: int) -> CurrentTurn:
            return CurrentTurn(
                text=history[number].text,
                prompt=history[number].prompt,
                previous=history[number - 1].text if number else "",
                offers=open_offers(history, number),
                evidence=evidence,
                intents=intents,
                sentences=self._profile.sentences,
                min_passage=self._profile.knowledge.min_score,
                now=now,
                endings=endings,
                is_day_first=self._profile.locale != "en-US",
            )

        known = known_details(said[: -len(history)])
        return decide(history, turn_at, idle, known)

    async def _evidence(self, history: Sequence[Turn]) -> dict[str, Evidence]:
        """Every reading of every turn with what it could mean; the embedder is asked once, for what is new."""
        texts: list[str] = []
        previous = ""
        for turn in history:
            texts += readings(turn.text, previous)
            previous = turn.text
        alike = {text: self._misheard.meant(text) for text in texts}
        vectors = await self._embedder.vectors([*texts, *filter(None, alike.values())])
        return {text: self._heard(text, meant, vectors) for text, meant in alike.items()}

    def _heard(self, text: str, meant: str, vectors: Mapping[str, Vectors]) -> Evidence:
        """What a text could mean; where that is nothing sure, the declared sentence that it sounds like. What is
        understood may still end on a misheard word, "what day is it a day": it is as whole as that sentence."""
        written = self._examples.evidence(text, vectors[text], self.knowledge)
        if not meant:
            return written
        if written.score >= SURE_AS_WRITTEN:
            return replace(written, sounds_like=meant) if ends_alike(text, meant) else written
        return replace(self._examples.evidence(meant, vectors[meant], self.knowledge), sounds_like=meant)

    def _sentence(self, template: str) -> str:
        return template.format(help=self._profile.sentences.help, human=self._profile.sentences.human)

    def history(self, chat_ctx: llm.ChatContext) -> list[Item]:
        """The chat context in the understanding's words; instructions and handoffs are not for it."""
        apology = self._profile.sentences.apology
        meanings = {raw.call_id: raw.extra.get(MEANING) for raw in chat_ctx.items if isinstance(raw, llm.FunctionCall)}
        return [item for raw in chat_ctx.items if (item := _item(raw, apology, meanings)) is not None]


class UnderstandingStream(llm.LLMStream):
    """One decision, sent as one chunk."""

    def __init__(
        self,
        understanding: Understanding,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool],
        conn_options: APIConnectOptions,
    ) -> None:
        super().__init__(understanding, chat_ctx=chat_ctx, tools=tools, conn_options=conn_options)
        self._understanding = understanding

    async def _run(self) -> None:
        names = [tool.id for tool in self._tools]
        try:
            decision = await self._understanding.decide(self._understanding.history(self._chat_ctx), names)
        except ProviderError as error:
            raise APIConnectionError(str(error), retryable=True) from error
        calls = tool_calls(decision.requests, "call_")
        logger.debug("decided", extra={"tools": [call.name for call in calls], "words": len(decision.text.split())})
        extra: dict[str, Any] = {PROPOSED: decision.proposed} if decision.proposed else {}
        if not calls and not decision.text:
            extra[SILENT] = True
        if decision.waits:
            extra[WAITS] = True
        delta = llm.ChoiceDelta(role="assistant", content=decision.text or None, tool_calls=calls, extra=extra or None)
        self._event_ch.send_nowait(llm.ChatChunk(id=shortuuid("turn_"), delta=delta))


def tool_calls(requests: Iterable[Request], mark: str) -> list[llm.FunctionToolCall]:
    """Requests as a model would make them, each with an id that begins with the mark."""
    return [
        llm.FunctionToolCall(name=one.tool, arguments=json.dumps(dict(one.arguments)), call_id=shortuuid(mark))
        for one in requests
    ]


def _item(raw: llm.ChatItem, apology: str, meanings: Mapping[str, object]) -> Item | None:
    if isinstance(raw, llm.ChatMessage):
        if raw.role == "user":
            return CallerSaid(raw.text_content or "")
        return AgentSaid(raw.text_content or "", not raw.interrupted) if raw.role == "assistant" else None
    if isinstance(raw, llm.FunctionCall):
        return ToolAsked(raw.call_id, raw.name, arguments_of(raw.arguments))
    if isinstance(raw, llm.FunctionCallOutput):
        sentence = apology if raw.is_error and raw.output == UNSPEAKABLE else raw.output
        return ToolAnswered(raw.call_id, raw.name, sentence, raw.is_error, Meaning.read(meanings.get(raw.call_id)))
    return None
