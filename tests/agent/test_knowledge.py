"""Files cut into passages, found by words and by meaning, read aloud within the limit."""

from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.knowledge import Knowledge
from tests.fakes.embedder import DIMENSIONS, WordEmbedder

RETURNS = """# Returns

## Refunds
<!-- asked: when do I get my money back | how long does a refund take -->
We refund you within **five** business days. Your bank may take longer.

## Exchanges
Return the article and place a [new order](https://acme.example).
"""
STORE = "# Store\n\nOur store is in Albany.\n\n## Parking\nThere is a free car park behind the store.\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two documents."""
    (tmp_path / "returns.md").write_text(RETURNS, encoding="utf-8")
    (tmp_path / "store.md").write_text(STORE, encoding="utf-8")
    return [tmp_path / "returns.md", tmp_path / "store.md"]


async def test_a_question_finds_its_passage(files: list[Path]) -> None:
    """With its source and a score, best first."""
    knowledge = await Knowledge.load(files, WordEmbedder())
    found = await knowledge.search("where is the car park")
    assert found[0][0].source == "store.md#Parking"
    assert found[0][1] > found[1][1]


async def test_a_declared_question_is_a_sure_hit(files: list[Path]) -> None:
    """What `asked` says is as good as the passage's own words."""
    knowledge = await Knowledge.load(files, WordEmbedder())
    passage, score = (await knowledge.search("when do I get my money back"))[0]
    assert passage.source == "returns.md#Refunds"
    assert score > 0.95


async def test_words_that_stand_nowhere_in_a_passage_cost_it(files: list[Path]) -> None:
    """ "Parking for balloons" is less sure than "parking"."""
    knowledge = await Knowledge.load(files, WordEmbedder())
    sure, unsure = (await knowledge.search("free car park"))[0], (await knowledge.search("free car park balloons"))[0]
    assert sure[0] is unsure[0]
    assert sure[1] > unsure[1]


async def test_a_long_passage_is_read_around_its_best_sentence(tmp_path: Path) -> None:
    """Whole sentences only, within the words of one reply."""
    sentences = [f"Sentence number {n} is about topic{n} and nothing else." for n in range(20)]
    (tmp_path / "long.md").write_text("# Long\n" + " ".join(sentences), encoding="utf-8")
    embedder = WordEmbedder()
    knowledge = await Knowledge.load([tmp_path / "long.md"], embedder, max_words=20)
    found = knowledge.rank("topic7", (await embedder.embed(["topic7"]))[0])[0]
    assert sentences[7] in found.answer
    assert len(found.answer.split()) <= 20


async def test_of_a_persona_only_what_declares_questions_is_read_aloud(tmp_path: Path) -> None:
    """The rest is addressed to a large model."""
    persona = tmp_path / "desk.md"
    persona.write_text("# Style\nBe brief.\n# Name\n<!-- asked: who is this -->\nThis is Acme.", encoding="utf-8")
    knowledge = Knowledge([], WordEmbedder(), personas=[persona])
    await knowledge.warm()
    assert [passage.text for passage in knowledge.passages] == ["This is Acme."]


async def test_without_documents_it_knows_nothing() -> None:
    """A profile may have no knowledge."""
    knowledge = await Knowledge.load([], WordEmbedder())
    assert await knowledge.search("anything") == []


async def test_it_reads_and_embeds_once(files: list[Path]) -> None:
    """`warm` is called by the session and again by each turn."""
    embedder = WordEmbedder()
    knowledge = Knowledge(files, embedder)
    await knowledge.warm()
    asked = len(embedder.asked)
    await knowledge.warm()
    assert len(embedder.asked) == asked
    assert (await embedder.embed(["x"])).shape == (1, DIMENSIONS)


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """One sentence: which file, and what is wrong."""
    with pytest.raises(ConfigError, match=r"gone\.md: this knowledge file is missing"):
        await Knowledge.load([tmp_path / "gone.md"], WordEmbedder())
