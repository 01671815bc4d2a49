"""Who thinks behind the rig's Realtime server: the local understanding, asked as a large model is. It gets what the
server was told and no more, so that both modes of a profile think alike."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from livekit.agents import llm

from agent.call.call import utc_now
from agent.intent import Intent
from agent.profile.profile import Profile
from agent.rules.identity import NEED_MORE, NO_MORE, NOT_MATCHED, NOT_YET
from agent.thinking.llm_stack import build_understanding
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import load_toolbox
from agent.understanding.matching.embedding import Embedder
from agent.understanding.state import Proposed, Request
from tests.rig.content import Heard, Wish

READ_BACK = "Shall I"  # how our tools ask for the yes to what they would do
WAY_OUT = "suit you?"  # how their refusals end that offer something else
REFUSALS = frozenset({*NOT_YET.values(), NEED_MORE, NO_MORE, NOT_MATCHED})


class RealtimeMind:
    """A mind of the rig for the calls of one profile; it keeps nothing of them."""

    def __init__(self, understanding: Understanding, intents: Mapping[str, Intent]) -> None:
        self._understanding = understanding
        self._intents = intents

    @classmethod
    async def of(cls, profile: Profile, embedder: Embedder) -> "RealtimeMind":
        """With all that the profile's callers may say embedded. Raises ConfigError and ProviderError."""
        toolbox = load_toolbox(profile)
        understanding = build_understanding(profile, toolbox, embedder, lambda: utc_now().astimezone(profile.zone))
        await understanding.warm()
        return cls(understanding, toolbox.intents)

    async def __call__(self, heard: Heard) -> str | Wish:
        """Its answer, or the first of the tools that it wants. Where it would ask for a yes by itself it asks for the
        tool, whose question the call knows again."""
        history = with_refusals(heard.history, self._intents)
        since = since_caller(history.items)
        if question := asked_by_tool(since, self._intents):
            return question
        decision = await self._understanding.decide(self._understanding.history(history), heard.tools)
        if decision.requests:
            return _wish(decision.requests[0])
        called = {item.name for item in since if isinstance(item, llm.FunctionCall)}
        if decision.proposed and decision.proposed.tool not in called:
            return _wish(decision.proposed)
        return decision.text


def with_refusals(history: llm.ChatContext, intents: Mapping[str, Intent]) -> llm.ChatContext:
    """The same; what a tool has refused is marked as an error. The protocol carries its sentence alone, by which it is
    known: one about who the caller is, or one that ends in a question and is no read-back."""
    return llm.ChatContext([_marked(item, intents) for item in history.items])


def _marked(item: llm.ChatItem, intents: Mapping[str, Intent]) -> llm.ChatItem:
    if not isinstance(item, llm.FunctionCallOutput):
        return item
    sentence, changes = item.output.strip(), _changes(item.name, intents)
    asks_else = sentence.endswith(WAY_OUT) or (changes and sentence.endswith("?") and READ_BACK not in sentence)
    return item.model_copy(update={"is_error": True}) if sentence in REFUSALS or asks_else else item


def since_caller(items: Sequence[llm.ChatItem]) -> list[llm.ChatItem]:
    """What came after the caller's last words, the last first."""
    return list(takewhile(lambda item: not (isinstance(item, llm.ChatMessage) and item.role == "user"), items[::-1]))


def asked_by_tool(since: Iterable[llm.ChatItem], intents: Mapping[str, Intent]) -> str:
    """The read-back that is to be said now, word for word; empty where the last item is none."""
    last = next(iter(since), None)
    if not isinstance(last, llm.FunctionCallOutput) or last.is_error or not _changes(last.name, intents):
        return ""
    return last.output if last.output.strip().endswith("?") else ""


def _changes(tool: str, intents: Mapping[str, Intent]) -> bool:
    return tool in intents and intents[tool].changes_something


def _wish(request: Request | Proposed) -> Wish:
    return Wish(request.tool, json.dumps(dict(request.arguments)))
