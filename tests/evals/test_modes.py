"""The modes that are compared: which are asked for, and what a profile is in realtime mode."""

import shutil
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.profile.profile import load_profile
from agent.providers import catalog
from evals import audio, latency
from evals.modes import KEY_VARIABLE, in_realtime, modes_of, rewrite
from evals.servers import NotStarted
from tests.rig.content import Known
from tests.rig.rig import KEYS, running


def test_modes_are_a_list_with_commas() -> None:
    """In its order, each once."""
    assert modes_of("pipeline,realtime") == ("pipeline", "realtime")
    assert modes_of(" realtime, pipeline,realtime") == ("realtime", "pipeline")


@pytest.mark.parametrize("text", ["telepathy", "pipeline,telepathy", "pipeline,", ""])
def test_an_unknown_mode_is_answered_with_those_there_are(text: str) -> None:
    """In one sentence."""
    with pytest.raises(NotStarted, match=r"there are pipeline, realtime$"):
        modes_of(text)


@pytest.mark.parametrize("measurement", [latency, audio], ids=["latency", "audio"])
def test_an_unknown_mode_is_said_before_anything_is_started(
    measurement: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By both commands; `python -m evals` makes exit status 2 of it."""
    monkeypatch.setattr("sys.argv", ["evals", "--modes", "pipeline,telepathy"])
    with pytest.raises(NotStarted, match="'telepathy'"):
        measurement.main()  # type: ignore[attr-defined]  # both have one


async def test_a_profile_in_realtime_mode_keeps_its_providers_behind_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is on loopback, with a key of its own, so that `auto` stays local where OpenAI's key is not set."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv(KEY_VARIABLE, KEYS["OPENAI_API_KEY"])
    shutil.copytree(ROOT / "profiles" / "shop", tmp_path / "shop")
    async with running(Known(), lambda _: "Hello.") as rig:
        rewrite(tmp_path, lambda written: in_realtime(written, rig))
        before, after = load_profile("shop", ROOT / "profiles"), load_profile("shop", tmp_path)
        assert (before.mode, after.mode) == ("pipeline", "realtime")
        assert (after.providers.stt, after.providers.tts) == (before.providers.stt, before.providers.tts)
        assert catalog.is_understanding(after.providers)
        assert after.providers.realtime is not None
        assert after.providers.realtime.options["base_url"] == rig.url("realtime", "openai")
        catalog.build_realtime(after.providers.realtime, after.language)


async def test_providers_that_are_written_one_by_one_stay() -> None:
    """As they are."""
    async with running(Known(), lambda _: "Hello.") as rig:
        found = in_realtime({"name": "shop", "providers": {"stt": ["deepgram", "local"]}}, rig)["providers"]
        assert found["stt"] == ["deepgram", "local"] and set(found) == {"stt", "realtime"}
        assert set(in_realtime({"name": "shop"}, rig)["providers"]) == {"realtime"}
