"""What other editors leave in .env is read as it was meant."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config import Settings
from agent.files.env_file import EnvFile


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """As it was afterwards, and without anything of ours before."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("PARLEY_", "LIVEKIT_"))]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.mark.parametrize(
    "written",
    [
        b"PARLEY_PROFILE=bank\nPARLEY_WEB_PORT=8090\n",
        b"\xef\xbb\xbfPARLEY_PROFILE=bank\nPARLEY_WEB_PORT=8090\n",
        b"PARLEY_PROFILE=bank\r\nPARLEY_WEB_PORT=8090\r\n",
        b"# ours\n\nexport PARLEY_PROFILE='bank'\nPARLEY_WEB_PORT = \"8090\"  # not 8080",
        b"PARLEY_PROFILE=bank\nPARLEY_WEB_PORT=8090\nPARLEY_STORE_URL=\nOPENAI_API_KEY=\n",
    ],
    ids=["plain", "byte order mark", "Windows line ends", "quotes and remarks", "empty by default"],
)
def test_a_file_that_another_editor_wrote_means_the_same(written: bytes, tmp_path: Path) -> None:
    """Notepad's byte order mark would be part of the first variable's name."""
    (tmp_path / ".env").write_bytes(written)
    settings = Settings.load(tmp_path / ".env")
    assert (settings.profile, settings.web_port, settings.store_url) == ("bank", 8090, "")


def test_the_environment_wins_and_is_named_when_it_is_wrong(tmp_path: Path) -> None:
    """A value that is not the file's must not be looked for in the file."""
    (tmp_path / ".env").write_text("\n\nPARLEY_WEB_PORT=8090\n")
    file = EnvFile.read(tmp_path / ".env")
    environment = {"PARLEY_WEB_PORT": "8091"}
    file.add_to(environment)
    assert environment == {"PARLEY_WEB_PORT": "8091"}
    assert file.place("PARLEY_WEB_PORT", environment) == "environment variable PARLEY_WEB_PORT"
    assert file.place("PARLEY_WEB_PORT", {}) == f"{tmp_path}/.env, line 3: PARLEY_WEB_PORT"


def test_a_value_is_in_no_message_and_not_in_the_text_of_the_file(tmp_path: Path) -> None:
    """Printing it prints no secret."""
    (tmp_path / ".env").write_text("LIVEKIT_API_SECRET=canary\n")
    assert "canary" not in repr(EnvFile.read(tmp_path / ".env"))


def test_a_folder_may_be_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No shell expands what stands in a file; a folder named ~ would be a surprise."""
    monkeypatch.setenv("HOME", "/home/ann")
    (tmp_path / ".env").write_text("PARLEY_VAR_DIR=~/parley\n")
    assert Settings.load(tmp_path / ".env").var_dir == Path("/home/ann/parley")


def test_variables_of_other_programs_are_theirs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """LiveKit's own, and names that only resemble ours from afar."""
    for name in (
        "LIVEKIT_DEV_MODE",
        "LIVEKIT_KEYS",
        "LIVEKIT_TURN_URL",
        "PROFILE",
        "LIVEKIT_REMOTE_EOT_URL",
        "PARLEYED",
    ):
        monkeypatch.setenv(name, " anything\n")
    Settings.load(tmp_path / ".env")
