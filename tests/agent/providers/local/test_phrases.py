"""The sound of phrases outlives the process that made it, and nothing that goes wrong on disk is heard."""

import os
from pathlib import Path

import pytest

from agent.providers.local.phrases import Phrases

SOUND = bytes(range(250)) * 4  # a thousand bytes


def kept(folder: Path | None, *clauses: str, voice: str = "joe", max_bytes: int = 100_000) -> Phrases:
    """Phrases that have loaded what is there, and then kept these."""
    phrases = Phrases(folder, voice=voice, max_bytes=max_bytes)
    phrases.load()
    for number, clause in enumerate(clauses):
        phrases.keep(clause, SOUND)()
        for file in folder.glob("*.phrase") if folder else ():
            if file.stat().st_mtime > 1e9:  # written just now: the clock of files is too coarse for a test
                os.utime(file, (number, number))
    return phrases


def test_a_successor_knows_what_was_kept(tmp_path: Path) -> None:
    """The process died: the next one has the sound without rendering it."""
    kept(tmp_path, "Hello.")
    again = kept(tmp_path)
    assert again.find("Hello.") == SOUND and again.find("Goodbye.") is None


def test_without_a_folder_they_live_in_memory() -> None:
    """As the tests' speech process has them."""
    assert kept(None, "Hello.").find("Hello.") == SOUND


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 1032])
def test_a_damaged_file_is_rendered_again(tmp_path: Path, damage: bytes) -> None:
    """Cut, overwritten or empty: it is not believed, and makes room for a whole one."""
    kept(tmp_path, "Hello.")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert kept(tmp_path).find("Hello.") is None
    assert not list(tmp_path.iterdir())
    assert kept(tmp_path, "Hello.").find("Hello.") == SOUND


def test_a_write_that_was_cut_off_leaves_nothing(tmp_path: Path) -> None:
    """The half of a file that a dead process left is swept up."""
    (tmp_path / "x.half").write_bytes(SOUND)
    kept(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_oldest_go_when_it_is_full(tmp_path: Path) -> None:
    """On disk as in memory."""
    phrases = kept(tmp_path, "one", "two", "three", max_bytes=2_500)
    assert [phrases.find(clause) is not None for clause in ("one", "two", "three")] == [False, True, True]
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_profile_still_says_stays(tmp_path: Path) -> None:
    """Kept again at the next start, it is younger than what no profile has named since."""
    kept(tmp_path, "still said", "no longer said")
    kept(tmp_path, "still said")
    for file in tmp_path.iterdir():
        if file.stat().st_mtime > 1:
            os.utime(file, (100, 100))
    phrases = kept(tmp_path)
    phrases.keep("still said", SOUND)()
    small = kept(tmp_path, max_bytes=1_500)
    assert small.find("still said") == SOUND and small.find("no longer said") is None


def test_another_voice_starts_anew(tmp_path: Path) -> None:
    """Nobody is greeted by two voices, and the old one's files go."""
    kept(tmp_path, "Hello.", voice="joe")
    other = kept(tmp_path, voice="amy")
    assert other.find("Hello.") is None and not list(tmp_path.iterdir())


def test_a_disk_that_cannot_be_written_costs_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The sound is there all the same."""
    (tmp_path / "file").touch()
    phrases = kept(tmp_path / "file" / "phrases")
    for clause in ("one", "two"):
        phrases.keep(clause, SOUND)()
    assert phrases.find("two") == SOUND
    assert [record.message for record in caplog.records] == ["phrases not kept on disk"]


def test_file_names_do_not_tell_the_words(tmp_path: Path) -> None:
    """Only hashes stand in the folder."""
    kept(tmp_path, "Hello.")
    (file,) = tmp_path.iterdir()
    assert "hello" not in file.name.lower() and b"Hello" not in file.read_bytes()
