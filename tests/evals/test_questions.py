"""What the meter's callers say: nobody had declared it, it is many things, and it comes in the same order each time."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from agent.config import ROOT
from agent.knowledge import Knowledge
from agent.profile.profile import load_profile
from agent.providers.local.speech_client import SpeechClient
from agent.tooling.toolbox import load_toolbox
from evals.embedding import RealEmbedder
from evals.questions import HEARD_WELL, PLAIN, STRANGERS, TOOL, TOOL_EVERY, Speech, declared, strangers

NEAR = 0.9  # cosine of MiniLM's sentence vectors: the same question, a word changed


@pytest.fixture(scope="module")
def sentences() -> list[tuple[str, str]]:
    """Each stranger's sentence with its kind."""
    rows = [line.split("\t") for line in STRANGERS.read_text(encoding="utf-8").splitlines()]
    return [(text, kind) for text, kind in rows]


@pytest.fixture(scope="module")
def known() -> list[str]:
    """All that the shop declares that callers may say: its tools' examples and its documents' `asked:` lines."""
    profile = load_profile("shop", ROOT / "profiles")
    knowledge = Knowledge(profile.documents, RealEmbedder(), personas=[p.path for p in profile.personas.values()])
    asyncio.run(knowledge.warm())
    examples = chain.from_iterable(intent.examples for intent in load_toolbox(profile).intents.values())
    return [*examples, *chain.from_iterable(passage.questions for passage in knowledge.passages)]


def bare(texts: Iterable[str]) -> set[str]:
    """The words alone."""
    return {" ".join(re.findall(r"[a-z0-9']+", text.lower())) for text in texts}


def test_no_strangers_sentence_stands_in_what_the_shop_declares(
    sentences: list[tuple[str, str]], known: list[str]
) -> None:
    """A sentence that is known beforehand says how fast known sentences are answered."""
    assert len(known) > 100
    assert not bare(text for text, _ in sentences) & bare([*known, *PLAIN, *TOOL])


async def test_no_strangers_sentence_is_nearly_one_that_the_shop_declares(
    sentences: list[tuple[str, str]], known: list[str]
) -> None:
    """Nor with a word changed: by the vectors of the very model that the understanding compares with."""
    embedder, texts, declares = RealEmbedder(), [text for text, _ in sentences], [*known, *PLAIN, *TOOL]
    alike = await embedder.embed(texts) @ (await embedder.embed(declares)).T
    near = {text: declares[row.argmax()] for text, row in zip(texts, alike, strict=True) if row.max() >= NEAR}
    assert not near


def test_strangers_ask_what_can_be_answered_what_cannot_and_state_things(sentences: list[tuple[str, str]]) -> None:
    """Sixty at least, each kind a fifth or more, none twice; another hand than the meter's wrote some."""
    kinds = Counter(kind for _, kind in sentences)
    assert len(bare(text for text, _ in sentences)) == len(sentences) >= 60
    assert set(kinds) == {"answerable", "beyond", "statement", "borrowed"}
    assert min(kinds.values()) >= len(sentences) / 5
    lengths = [len(text.split()) for text, _ in sentences]
    assert min(lengths) <= 5 and max(lengths) >= 14


def test_strangers_come_in_an_order_of_their_own_with_the_sentences_of_others_among_them() -> None:
    """Which never changes; the whole list is said before anything is said again."""
    chosen = strangers(["one of mine", "and another"])
    count = len(STRANGERS.read_text(encoding="utf-8").splitlines()) + 2
    first = [chosen(number).text for number in range(count)]
    assert len(set(first)) == count and {"one of mine", "and another"} <= set(first)
    assert [chosen(number).voice for number in (0, count - 1, count, 2 * count)] == [0, count - 1, 1, 2]
    assert first == [strangers(["one of mine", "and another"])(number).text for number in range(count)]


@pytest.mark.parametrize("chosen", [declared, strangers()], ids=["declared", "strangers"])
def test_every_sentence_is_said_by_every_voice(chosen: object, tmp_path: Path) -> None:
    """Whatever their number: the next time round it is another's turn."""
    assert callable(chosen)
    speech = Speech(SpeechClient(tmp_path / "nobody"), chosen, is_phone=False)
    asked = [speech.asked(number) for number in range(2000)]
    said = Counter((question.text, question.voice) for question in asked)
    assert len(said) == len({text for text, _ in said}) * len(speech.voices)
    assert set(speech.voices) <= set(HEARD_WELL)
    assert asked[:40] == [speech.asked(number) for number in range(40)]


def test_a_quarter_of_declared_questions_needs_a_tool(tmp_path: Path) -> None:
    """Which one comes when depends on its number alone."""
    speech = Speech(SpeechClient(tmp_path / "nobody"), declared, is_phone=False)
    asked = [speech.asked(number) for number in range(2000)]
    assert {question.text for question in asked} == {*PLAIN, *TOOL}
    assert sum(question.is_tool for question in asked) == 2000 / TOOL_EVERY


async def test_speech_ends_with_its_sound(speech_socket: Path) -> None:
    """A voice's sentence has neither tail nor rest: its last sound is its end. A telephone line lets little of a last
    "s" through, which then is no sound."""
    client = SpeechClient(speech_socket)
    for is_phone in (False, True):
        speech = Speech(client, strangers(), is_phone=is_phone)
        await speech.render(0, 1)
        sound = speech[speech.asked(0)]
        assert sound.tail_s == 0 and abs(sound.rest_s) < (0.3 if is_phone else 0.05)
        assert 0.5 < sound.ends_s < 10 and np.abs(sound.samples).max() > 1000
    await client.aclose()
