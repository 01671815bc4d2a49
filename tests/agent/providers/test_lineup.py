"""The line-up reaches the page and `make run` by a file."""

from pathlib import Path

from agent.providers import lineup


def test_what_a_worker_has_told_is_read_by_others(tmp_path: Path) -> None:
    """The last worker's words, whole or not at all."""
    assert lineup.read(tmp_path) == {}
    lineup.write(tmp_path, {"shop": "hears: moonshine (no key is set)"})
    lineup.write(tmp_path, {"shop": "hears: deepgram (DEEPGRAM_API_KEY is set)"})
    assert lineup.read(tmp_path) == {"shop": "hears: deepgram (DEEPGRAM_API_KEY is set)"}


def test_a_file_that_is_broken_is_no_line_up(tmp_path: Path) -> None:
    """The page does without."""
    lineup.write(tmp_path, {"shop": "x"})
    for text in ("", "[1]", '{"shop"'):
        (tmp_path / "run" / "lineup.json").write_text(text)
        assert lineup.read(tmp_path) == {}
