"""The memory in front of the model."""

from agent.understanding.matching.embedding import Remembered
from tests.fakes.embedder import WordEmbedder


async def test_a_text_is_embedded_once() -> None:
    """The fold over the history asks for the same texts at every turn."""
    model = WordEmbedder()
    remembered = Remembered(model)
    first = await remembered.vectors(["a", "b", "a"])
    again = await remembered.vectors(["b", "a"])
    assert model.asked == ["a", "b"]
    assert (first["a"] == again["a"]).all()


async def test_the_memory_is_bounded_and_keeps_the_latest() -> None:
    """A long call does not grow it."""
    model = WordEmbedder()
    remembered = Remembered(model, size=2)
    await remembered.vectors(["a", "b"])
    await remembered.vectors(["a"])
    await remembered.vectors(["c"])
    await remembered.vectors(["a"])
    assert model.asked == ["a", "b", "c"]
    await remembered.vectors(["b"])
    assert model.asked == ["a", "b", "c", "b"]
