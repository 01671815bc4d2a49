"""Settings: what is wrong is named with its variable and cure."""

import pytest

from agent.config import Settings
from agent.errors import ConfigError


def test_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the wrong kind names its variable and does not show its value."""
    monkeypatch.setenv("PARLEY_CAPACITY", "canary")
    with pytest.raises(ConfigError) as error:
        Settings.load()
    assert "PARLEY_CAPACITY" in str(error.value) and "canary" not in str(error.value)


def test_misspelt_variable_is_named_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that would silently do nothing is an error."""
    monkeypatch.setenv("PARLEY_CAPCITY", "3")
    with pytest.raises(ConfigError, match=r"PARLEY_CAPCITY: unknown; did you mean PARLEY_CAPACITY\?"):
        Settings.load()


def test_secret_is_not_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing the settings does not print the secret."""
    monkeypatch.setenv("LIVEKIT_API_SECRET", "canary")
    assert "canary" not in repr(Settings.load())


@pytest.mark.parametrize(
    ("key", "secret", "words"),
    [
        ("devkey", "x" * 40, "placeholders"),
        ("mine", "secret", "placeholders"),
        ("", "x" * 40, "LIVEKIT_API_KEY: set, but"),
    ],
)
def test_placeholders_are_refused_outside_development(
    key: str, secret: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key or secret that everyone knows does not go to production, and an empty one nowhere."""
    monkeypatch.setenv("LIVEKIT_API_KEY", key)
    monkeypatch.setenv("LIVEKIT_API_SECRET", secret)
    with pytest.raises(ConfigError, match=words):
        Settings.load().refuse_placeholders()


def test_own_credentials_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real ones pass."""
    monkeypatch.setenv("LIVEKIT_API_KEY", "mine")
    monkeypatch.setenv("LIVEKIT_API_SECRET", "x" * 40)
    Settings.load().refuse_placeholders()
