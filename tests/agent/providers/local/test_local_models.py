"""A profile's local models, before anybody needs them."""

import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.errors import ConfigError
from agent.profile.choices import ProviderChoice
from agent.providers.local import local_models


def voice(name: str, **options: local_models.Option) -> tuple[str, ...] | None:
    """What is said of that voice; None when nothing is."""
    return local_models.arguments("tts", ProviderChoice(name=name, options=options)).get("tts")


def test_piper_that_is_missing_is_one_sentence_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra: the worker's start says how it is installed, and what there is instead. hibari needs nothing."""
    monkeypatch.setitem(sys.modules, "piper", None)
    assert local_models.arguments("stt", ProviderChoice(name="moonshine")) == {"stt": ()}
    assert voice("hibari") == ()
    with pytest.raises(
        ConfigError, match=r"^providers\.tts: piper is not installed: `uv pip install .*piper-tts~=1\.8\.0"
    ):
        voice("piper")


def test_a_voice_of_ones_own_reaches_the_speech_process(tmp_path: Path) -> None:
    """hibari's is one file, Piper's two; whose voice speaks is said only where it is not the default."""
    file = tmp_path / "bf_emma.int8.onnx"
    file.touch()
    (tmp_path / f"{file.name}.json").touch()
    assert voice("hibari", voice=str(file)) == ("--hibari-voice", str(file))
    assert voice("piper") == ("--tts", "piper")
    assert voice("piper", voice=str(file)) == (
        "--tts",
        "piper",
        "--piper-voice",
        str(file),
    )


def test_a_voice_of_the_cloud_is_no_local_model() -> None:
    """Nothing is said of it, so that it agrees with any."""
    assert voice("cartesia") is None


def test_what_brings_piper_is_the_extra_of_that_name() -> None:
    """The sentence that an operator copies, pyproject.toml's extra and what the tests have are the same packages."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extra = project["project"]["optional-dependencies"]["piper"]
    assert sorted(shlex.split(local_models.PIPER)) == sorted(extra)
    assert set(extra) <= set(project["dependency-groups"]["dev"])
