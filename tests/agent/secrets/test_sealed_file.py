"""Sealed files: read again by the key alone, and nothing of them can be changed unseen."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ConfigError, StoreError
from agent.secrets.sealed_file import SealedFile, master_key, pieces

MASTER, OTHER = bytes(range(32)), bytes(32)
PARTS = [b"my card is 4539 1488", b"", b"goodbye" * 1000]


def written(path: Path) -> Path:
    """A whole file."""
    file = SealedFile(path, MASTER)
    for part in PARTS:
        file.add(part)
    file.close()
    file.close()
    return path


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """In its pieces; nobody but its owner may open the file, and nothing in it is in the clear."""
    path = written(tmp_path / "calls" / "one.sealed")
    assert list(pieces(path, MASTER)) == [*PARTS, b""]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"4539" not in path.read_bytes() and b"goodbye" not in path.read_bytes()


def test_the_same_words_are_sealed_differently_each_time(tmp_path: Path) -> None:
    """Two recordings tell nothing by being compared; one is never written over."""
    one, other = written(tmp_path / "one"), written(tmp_path / "two")
    assert one.read_bytes()[48:] != other.read_bytes()[48:]
    with pytest.raises(FileExistsError):
        SealedFile(one, MASTER)


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    """And says so."""
    with pytest.raises(StoreError, match="another key"):
        list(pieces(written(tmp_path / "one"), OTHER))


def test_a_file_that_is_cut_off_anywhere_is_found(tmp_path: Path) -> None:
    """Also right behind a piece; what came before is given."""
    whole = written(tmp_path / "one").read_bytes()
    for size in [*range(140), len(whole) - 1, len(whole) - 20]:
        path = tmp_path / "cut"
        path.write_bytes(whole[:size])
        with pytest.raises(StoreError):
            list(pieces(path, MASTER))


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_can_be_changed_unseen(at: int, by: int) -> None:
    """Of any part of the file."""
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"sealed-{os.getpid()}"  # noqa: S108  # one for all examples
    path.unlink(missing_ok=True)
    changed = bytearray(written(path).read_bytes())
    changed[at % len(changed)] ^= by
    path.write_bytes(changed)
    try:
        with pytest.raises(StoreError):
            list(pieces(path, MASTER))
    finally:
        path.unlink()


@pytest.mark.parametrize("text", ["", "secret", "AAAA", "ä" * 44, "A" * 43 + "é"])
def test_a_key_that_is_none_is_refused_without_being_quoted(text: str) -> None:
    """It may be half of a right one."""
    with pytest.raises(ConfigError) as refused:
        master_key(text, "PARLEY_RECORDING_KEY")
    assert "openssl rand -base64 32" in str(refused.value)
    assert not text or text not in str(refused.value)
