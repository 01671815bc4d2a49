"""Which agents are called, how often, and what their workers are told."""

from pathlib import Path

from agent.profile.profile import load_profile
from agent.providers.local.speech_client import SpeechClient
from evals.latency_agents import ANSWER_WORDS, surroundings, wanted
from evals.modes import KEY_VARIABLE


def test_without_modes_ours_and_the_plain_agent_are_called() -> None:
    """As often as each other, unless fewer of the plain agent are asked for."""
    assert wanted(30, None, ()) == {"ours": 30, "plain": 30}
    assert list(wanted(30, 10, ()).items()) == [("ours", 30), ("plain", 10)]


def test_with_modes_those_are_called() -> None:
    """In their order; the plain agent when its turns are asked for."""
    assert list(wanted(30, None, ("pipeline", "realtime")).items()) == [("ours", 30), ("realtime", 30)]
    assert wanted(30, 8, ("realtime",)) == {"realtime": 30, "plain": 8}


async def test_both_modes_serve_the_same_profile(tmp_path: Path) -> None:
    """With short answers; realtime mode has a copy, so that the pipeline's stays what it was. Where an LLM of no delay
    thinks it does so in both."""
    nobody = SpeechClient(tmp_path / "s.sock")
    async with surroundings(tmp_path, nobody, ["ours", "realtime"], has_llm=True) as variables:
        ours, theirs = (Path(variables[agent]["PARLEY_PROFILES_DIR"]) for agent in ("ours", "realtime"))
        pipeline, whole = load_profile("shop", ours), load_profile("shop", theirs)
        assert (pipeline.mode, whole.mode) == ("pipeline", "realtime")
        assert pipeline.limits.max_reply_words == whole.limits.max_reply_words == ANSWER_WORDS
        assert pipeline.providers.llm == whole.providers.llm and pipeline.providers.llm[0].name == "openai"
        assert KEY_VARIABLE in variables["realtime"] and KEY_VARIABLE not in variables["ours"]


async def test_without_a_realtime_mode_nothing_stands_on_loopback(tmp_path: Path) -> None:
    """The workers get their profiles, and no more."""
    nobody = SpeechClient(tmp_path / "s.sock")
    async with surroundings(tmp_path, nobody, ["ours", "plain"], has_llm=False) as variables:
        assert variables["ours"] == variables["plain"] and set(variables["ours"]) == {"PARLEY_PROFILES_DIR"}
