"""Who thinks behind the rig's Realtime server: the local understanding, asked as a large model is. It gets what the
server was told and no more, so that both modes of a profile think alike."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from livekit.agents import llm

from agent.answer import MEANING, Identity, Meaning, Offered
from agent.call.call import Clock, utc_now
from agent.intent import Intent, Slot, SlotKind
from agent.profile.profile import Profile
from agent.rules.identity import NEED_MORE, NO_MORE, NOT_MATCHED, NOT_YET
from agent.thinking.llm_stack import build_understanding
from agent.thinking.local_llm import Understanding
from agent.tooling.toolbox import load_toolbox
from agent.understanding.matching.embedding import Embedder
from agent.understanding.reading.slot_spans import read
from agent.understanding.reading.slots import is_for_new
from agent.understanding.reading.when import find_time
from agent.understanding.reading.words import plain
from agent.understanding.state import Proposed, Request
from tests.rig.content import Heard, Wish

_OFFERED = frozenset({SlotKind.DATE, SlotKind.TIME, SlotKind.CHOICE})
READ_BACK = "Shall I"  # how our tools ask for the yes to what they would do
WAY_OUT = "suit you?"  # how their refusals end that offer something else
REFUSALS = frozenset({*NOT_YET.values(), NEED_MORE, NO_MORE, NOT_MATCHED})


class RealtimeMind:
    """A mind of the rig for the calls of one profile; it keeps nothing of them."""

    def __init__(self, understanding: Understanding, intents: Mapping[str, Intent], clock: Clock) -> None:
        self._understanding = understanding
        self._intents = intents
        self._clock = clock

    @classmethod
    async def of(cls, profile: Profile, embedder: Embedder) -> "RealtimeMind":
        """With all that the profile's callers may say embedded. Raises ConfigError and ProviderError."""
        toolbox = load_toolbox(profile)

        def clock() -> datetime:
            return utc_now().astimezone(profile.zone)

        understanding = build_understanding(profile, toolbox, embedder, clock)
        await understanding.warm()
        return cls(understanding, toolbox.intents, clock)

    async def __call__(self, heard: Heard) -> str | Wish:
        """Its answer, or the first of the tools that it wants. Where it would ask for a yes by itself it asks for the
        tool, whose question the call knows again."""
        history = read_aloud(heard.history, self._intents, self._clock())
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


def read_aloud(history: llm.ChatContext, intents: Mapping[str, Intent], now: datetime) -> llm.ChatContext:
    """The same, with what a tool meant. The protocol carries its sentence alone, which this mind reads as any remote
    model does: a refusal is one about who the caller is, or one that ends in a question and is no read-back."""
    items = [_marked(item, intents) for item in history.items]
    meant = {item.call_id: _meaning(item, intents, now) for item in items if isinstance(item, llm.FunctionCallOutput)}
    return llm.ChatContext(
        [
            item.model_copy(update={"extra": {MEANING: meant[item.call_id].as_json()}})
            if isinstance(item, llm.FunctionCall) and item.call_id in meant
            else item
            for item in items
        ]
    )


def _meaning(answer: llm.FunctionCallOutput, intents: Mapping[str, Intent], now: datetime) -> Meaning:
    sentence, intent = answer.output.strip(), intents.get(answer.name)
    slots = intent.slots if intent else ()
    leads_to = intents.get(intent.leads_to) if intent else None
    return Meaning(
        offers=_offers(sentence, leads_to.slots if leads_to else slots, now),
        asks=next((slot.name for slot in slots if slot.ask and sentence.endswith(slot.ask)), ""),
        wants_yes=_reads_back(answer, intents),
        missing=next((missing for missing, said in NOT_YET.items() if said == sentence), 0),
        identity={NOT_MATCHED: Identity.UNMATCHED, NEED_MORE: Identity.TOO_FEW}.get(sentence),
    )


def _offers(said: str, slots: Sequence[Slot], now: datetime) -> tuple[Offered, ...]:
    """The alternatives of the sentence that parts times of day with "or"; the last such sentence counts."""
    wanted = [slot for slot in slots if slot.kind in _OFFERED and is_for_new(slot)]
    for sentence in reversed(re.split(r"(?<=[.!?])\s+", said)):
        parts = re.split(r",? or ", sentence)
        if sentence.endswith("?") or not all(find_time(plain(part), is_marked=True) for part in parts):
            continue
        found = [(part, {name: values[-1] for name, values in read(wanted, part, now).items()}) for part in parts]
        return tuple(Offered(part, values) for part, values in found if values)
    return ()


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
    return last.output if isinstance(last, llm.FunctionCallOutput) and _reads_back(last, intents) else ""


def _reads_back(answer: llm.FunctionCallOutput, intents: Mapping[str, Intent]) -> bool:
    return not answer.is_error and _changes(answer.name, intents) and answer.output.strip().endswith("?")


def _changes(tool: str, intents: Mapping[str, Intent]) -> bool:
    return tool in intents and intents[tool].changes_something


def _wish(request: Request | Proposed) -> Wish:
    return Wish(request.tool, json.dumps(dict(request.arguments)))
