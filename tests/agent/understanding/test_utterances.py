"""The table of utterances on the real embedding, and the figures of docs/understanding.md."""

from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import pytest
import yaml

from agent.knowledge import Knowledge
from agent.profile.profile import Profile
from agent.thinking.local_llm import Understanding
from agent.understanding.matching.passages import Passage
from tests.agent.understanding.conversation import Conversation

FOLDER = Path(__file__).parent
ASK = "What is your order number? It has four digits."


class Turn(TypedDict, total=False):
    """One row: what the caller says and the whole reply in order."""

    say: str
    reply: list[str]
    cut: bool
    idle: str


Call = TypedDict("Call", {"call": str, "turns": list[Turn], "with": list[str]}, total=False)


def read_calls() -> list[Call]:
    """The table."""
    calls: list[Call] = yaml.safe_load((FOLDER / "utterances.yaml").read_text(encoding="utf-8"))
    return calls


@pytest.mark.parametrize("call", read_calls(), ids=lambda call: str(call["call"]))
async def test_each_utterance_gets_its_reply_and_nothing_else(
    call: Call, understand: Callable[[], Understanding], shop: Profile, passages: dict[str, Passage]
) -> None:
    """Tools, arguments, passages and questions are exactly those of the table, in its order."""
    conversation = Conversation(understand(), [*shop.tools, *call.get("with", [])])
    for turn in call["turns"]:
        said = await conversation.say(turn["say"], is_cut=turn.get("cut", False))
        expected = [_text(part, shop, passages) for part in turn["reply"]]
        assert said == " ".join(expected), f"to {turn['say']!r}"
        assert conversation.calls == [
            part for part in turn["reply"] if part.endswith(")") and " " not in part.split("(")[0]
        ]
        if "idle" in turn:
            conversation.hear(turn["idle"])


def test_the_table_is_as_long_as_promised() -> None:
    """At least sixty utterances."""
    assert sum(len(call["turns"]) for call in read_calls()) >= 60


@pytest.fixture
async def passages(understand: Callable[[], Understanding]) -> dict[str, Passage]:
    """The shop's passages by source."""
    understanding = understand()
    await understanding.warm()
    knowledge = understanding.knowledge
    assert isinstance(knowledge, Knowledge)
    return {passage.source: passage for passage in knowledge.passages}


def _text(part: str, shop: Profile, passages: dict[str, Passage]) -> str:
    if part == "ask":
        return ASK
    if part in passages:
        return passages[part].text
    template = getattr(shop.sentences, part, None)
    if isinstance(template, str):
        return template.format(help=shop.sentences.help, human=shop.sentences.human)
    return part.removeprefix("again ")
