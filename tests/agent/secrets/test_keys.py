"""Keys are looked up anew for each call, and stand nowhere."""

import os
from pathlib import Path

import pytest

from agent.config import Settings
from agent.files.env_file import FROM_FILE, EnvFile
from agent.secrets import keys

OLD, NEW = "sk-old-old-old-old", "sk-new-new-new-new"


def test_a_key_that_is_rotated_in_the_file_is_the_next_call_s(tmp_path: Path) -> None:
    """The environment got it from there when the worker started; a call that runs keeps the one it was built with."""
    file, environment = tmp_path / ".env", dict[str, str]()
    file.write_text(f"OPENAI_API_KEY={OLD}\n")
    EnvFile.read(file).add_to(environment)
    before = keys.find("OPENAI_API_KEY", environment, file)
    file.write_text(f"OPENAI_API_KEY={NEW}\n")
    EnvFile.read(file).add_to(environment)  # another process begins
    after = keys.find("OPENAI_API_KEY", environment, file)
    assert (before.get_secret_value(), after.get_secret_value()) == (OLD, NEW)


def test_a_key_that_is_added_to_the_file_is_found_and_one_that_is_taken_away_is_not(tmp_path: Path) -> None:
    """Without a restart, either way."""
    file, environment = tmp_path / ".env", dict[str, str]()
    assert not keys.find("CARTESIA_API_KEY", environment, file).get_secret_value()
    file.write_text(f"CARTESIA_API_KEY={NEW}\n")
    assert keys.find("CARTESIA_API_KEY", environment, file).get_secret_value() == NEW
    EnvFile.read(file).add_to(environment)
    file.write_text("\n")
    assert not keys.find("CARTESIA_API_KEY", environment, file).get_secret_value()


def test_a_file_that_is_being_written_changes_nothing(tmp_path: Path) -> None:
    """Half a line is no key."""
    file = tmp_path / ".env"
    file.write_text(f"OPENAI_API_KEY={OLD}\n")
    environment = dict[str, str]()
    EnvFile.read(file).add_to(environment)
    file.write_text("OPENAI_API_KEY='sk-n")
    assert keys.find("OPENAI_API_KEY", environment, file).get_secret_value() == OLD


def test_what_an_operator_sets_in_the_environment_wins(tmp_path: Path) -> None:
    """Nothing, too: `OPENAI_API_KEY= make run` does without."""
    file = tmp_path / ".env"
    file.write_text(f"OPENAI_API_KEY={OLD}\n")
    for own in (NEW, ""):
        environment = {"OPENAI_API_KEY": own}
        EnvFile.read(file).add_to(environment)
        assert keys.find("OPENAI_API_KEY", environment, file).get_secret_value() == own


def test_the_settings_take_no_offence_at_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note of what came from the file is ours, and holds names only."""
    file = tmp_path / ".env"
    file.write_text(f"SOME_API_KEY={OLD}\n")
    for name in ("SOME_API_KEY", FROM_FILE):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    Settings.load(file)
    Settings.load(file)
    assert os.environ[FROM_FILE] == "SOME_API_KEY"


def test_a_key_shows_itself_to_nobody(tmp_path: Path) -> None:
    """In a repr, a sentence or what quotes it."""
    found = keys.find("OPENAI_API_KEY", {"OPENAI_API_KEY": NEW}, tmp_path / ".env")
    assert NEW not in f"{found} {found!r}"
    assert keys.hide(f"Incorrect API key provided: {NEW}.") == "Incorrect API key provided: [key]."
