"""The profile's vectors are kept between starts; what callers say is not."""

from pathlib import Path

import numpy as np
import pytest

from agent.providers.local.vectors import KnownVectors
from tests.fakes.embedder import WordEmbedder


async def test_second_start_asks_for_nothing(tmp_path: Path) -> None:
    """What a learning one saved, the next one knows, with the same vectors in the order asked."""
    first, texts = KnownVectors(tmp_path / "v.npz", WordEmbedder(), learns=True), ["where is my order", "good bye"]
    rows = await first.embed(texts)
    first.save()
    counting = WordEmbedder()
    again = await KnownVectors(tmp_path / "v.npz", counting).embed(texts[::-1])
    assert counting.asked == []
    assert np.array_equal(again, rows[::-1])


async def test_known_and_new_come_in_the_order_asked(tmp_path: Path) -> None:
    """A mixture asks only for what is new, doubles included."""
    first = KnownVectors(tmp_path / "v.npz", WordEmbedder(), learns=True)
    await first.embed(["a known one"])
    first.save()
    counting = WordEmbedder()
    rows = await KnownVectors(tmp_path / "v.npz", counting).embed(["new", "a known one", "new"])
    assert counting.asked == ["new"]
    assert np.array_equal(rows, await WordEmbedder().embed(["new", "a known one", "new"]))


async def test_what_a_caller_says_is_not_written(tmp_path: Path) -> None:
    """The embedder of a call does not learn, so there is nothing to save."""
    path = tmp_path / "v.npz"
    caller = KnownVectors(path, WordEmbedder())
    await caller.embed(["flibbertigibbet"])
    caller.save()
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
async def test_broken_file_is_as_good_as_none(content: bytes, tmp_path: Path) -> None:
    """A start that was cut off, or a disk that was full, leaves nothing that a later start trips over."""
    path = tmp_path / "v.npz"
    path.write_bytes(content)
    assert (await KnownVectors(path, WordEmbedder()).embed(["hello"])).shape[0] == 1


async def test_folder_that_cannot_be_written_costs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The worker starts all the same."""
    (tmp_path / "file").write_text("in the way")
    vectors = KnownVectors(tmp_path / "file" / "v.npz", WordEmbedder(), learns=True)
    await vectors.embed(["hello"])
    vectors.save()
    assert "vectors not kept" in caplog.text
