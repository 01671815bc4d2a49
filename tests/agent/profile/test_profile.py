"""Profiles: what is wrong is named with its file, line, key and cure."""

import shutil
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.errors import ConfigError
from agent.profile.profile import load_profile, place


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    """A copy of profiles/ that a test may break."""
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    return tmp_path / "profiles"


def broken(profiles: Path, old: str, new: str) -> str:
    """The error that a changed profile.yaml of the shop gives."""
    path = profiles / "shop" / "profile.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as error:
        load_profile("shop", profiles)
    return str(error.value)


def test_shop_loads_with_its_persona_and_documents() -> None:
    """The default profile is whole."""
    profile = load_profile("shop", ROOT / "profiles")
    assert "Acme" in profile.instructions
    assert {path.name for path in profile.documents} >= {"returns.md"}
    assert str(profile.zone) == "America/New_York"


def test_unknown_key_is_named_with_its_line(profiles: Path) -> None:
    """A misspelt key tells file, line, key and where the keys are listed."""
    message = broken(profiles, "language: en", "langauge: en")
    line = (profiles / "shop" / "profile.yaml").read_text().split("\n").index("langauge: en") + 1
    assert f"shop/profile.yaml, line {line}: langauge: unknown key" in message
    assert "docs/profile.md" in message


def test_unknown_key_in_a_section_is_named_with_its_path(profiles: Path) -> None:
    """Nested keys are given from the top."""
    message = broken(profiles, "sentences:\n", "sentences:\n  greetings: hello\n")
    assert "sentences.greetings: unknown key" in message


def test_wrong_value_is_named(profiles: Path) -> None:
    """A value of the wrong kind says what was expected."""
    message = broken(profiles, "timezone: America/New_York", "timezone: Atlantis")
    assert "timezone" in message and "Europe/London" in message


def test_missing_key_is_named(profiles: Path) -> None:
    """A key that must be there is asked for."""
    assert "persona: this key is missing" in broken(profiles, "persona: desk\n", "")


def test_text_that_is_not_yaml_is_named_with_its_line(profiles: Path) -> None:
    """A YAML mistake gives the line of the mistake."""
    message = broken(profiles, "title: Acme customer desk", "title: [Acme")
    assert "not YAML" in message and "line" in message


def test_profile_under_another_name_is_refused(profiles: Path) -> None:
    """A copied folder whose name key was forgotten is found."""
    shutil.copytree(profiles / "shop", profiles / "copy")
    with pytest.raises(ConfigError, match=r"copy/profile\.yaml, line 2: name"):
        load_profile("copy", profiles)


def test_unknown_profile_lists_those_there_are(profiles: Path) -> None:
    """PARLEY_PROFILE=nothing says what could have been meant."""
    with pytest.raises(ConfigError, match=r"PARLEY_PROFILE=nothing.*shop"):
        load_profile("nothing", profiles)


def test_missing_persona_is_named(profiles: Path) -> None:
    """A persona without its file names the file."""
    assert "personas/ghost.md" in broken(profiles, "persona: desk", "persona: ghost")


def test_document_that_is_not_utf8_is_named(profiles: Path) -> None:
    """A document in another encoding names file and place."""
    (profiles / "shop" / "knowledge" / "latin.md").write_bytes(b"caf\xe9")
    with pytest.raises(ConfigError, match=r"latin\.md, line 1: not UTF-8 text"):
        load_profile("shop", profiles)


def test_place_finds_items_of_lists(profiles: Path) -> None:
    """Checks made elsewhere can name the line of a list's item."""
    profile = load_profile("shop", profiles)
    assert "profile.yaml, line" in place(profile, "tools", 0)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("acme: Ack-mee 2", "must be letters"),
        ('acme: ""', "must be letters"),
        ("'+': plus", "has no letter or digit"),
        ("acme: the Acme house", "would be replaced again"),
    ],
)
def test_a_pronunciation_that_cannot_be_said_is_named(profiles: Path, entry: str, message: str) -> None:
    """Symbols would reach the voice, and a word that holds itself would grow each time it is said."""
    wrong = broken(profiles, "language: en\n", f"language: en\npronunciations:\n  {entry}\n")
    assert message in wrong and "pronunciations" in wrong


def test_pronunciations_and_the_locale_are_read(profiles: Path) -> None:
    """As docs/profile.md shows them."""
    path = profiles / "shop" / "profile.yaml"
    entries = "locale: en-GB\npronunciations:\n  acme: Ack-mee\n  AT&T: A T and T\n"
    path.write_text(path.read_text() + entries)
    profile = load_profile("shop", profiles)
    assert profile.locale == "en-GB"
    assert profile.pronunciations == {"acme": "Ack-mee", "AT&T": "A T and T"}
