"""Whom a profile's names mean: auto, local, models behind a slash, and who stands behind whom."""

import subprocess
import sys

import pytest

from agent.config import ROOT
from agent.profile.choices import ProviderChoice, Providers
from agent.providers import catalog
from agent.providers.catalog import Role


def names(role: Role, **roles: object) -> list[str]:
    """Who does it, in order."""
    return [choice.name for choice in catalog.chain(role, Providers.model_validate(roles))]


def auto() -> Providers:
    """As the shipped profiles say."""
    return Providers.model_validate("auto")


def test_without_a_key_auto_is_what_needs_none() -> None:
    """A fresh checkout is what it was."""
    catalog.check(auto())
    assert auto() != Providers()
    for role, name in (("stt", "moonshine"), ("llm", "understanding"), ("tts", "hibari")):
        assert [choice.name for choice in catalog.chain(role, auto())] == [name]  # type: ignore[arg-type]  # a literal
    assert catalog.told(auto()) == (
        "hears: moonshine (no key is set); thinks: understanding (no key is set); speaks: hibari (no key is set)"
    )


def test_who_has_a_key_comes_first_and_the_local_one_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The three that people name, with one line that says why."""
    for key in ("DEEPGRAM_API_KEY", "OPENAI_API_KEY", "CARTESIA_API_KEY"):
        monkeypatch.setenv(key, "a key of some length")
    catalog.check(auto())
    assert names("stt", stt="auto")[0] == "deepgram" and names("stt", stt="auto")[-1] == "moonshine"
    assert names("llm", llm="auto") == ["openai", "understanding"]
    assert names("tts", tts="auto")[0] == "cartesia" and names("tts", tts="auto")[-1] == "hibari"
    assert catalog.told(auto()).startswith(
        "hears: deepgram (DEEPGRAM_API_KEY is set, behind it cartesia, openai, moonshine); thinks: openai ("
    )


def test_one_key_is_used_for_what_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Anthropic key thinks; nothing else changes."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a key of some length")
    assert names("llm", llm="auto") == ["anthropic", "understanding"]
    assert names("stt", stt="auto") == ["moonshine"]


def test_a_chain_is_a_list_of_names_with_models() -> None:
    """`openai/gpt-4o-mini` is openai with that model; two models of one vendor are two; nobody stands twice."""
    chosen = Providers.model_validate({"llm": ["openai/gpt-4o-mini", "openai/gpt-4o", "local", "understanding"]})
    found = catalog.chain("llm", chosen)
    assert [(choice.name, choice.options.get("model")) for choice in found] == [
        ("openai", "gpt-4o-mini"),
        ("openai", "gpt-4o"),
        ("understanding", None),
    ]
    assert catalog.first("llm", chosen) == ProviderChoice(name="openai", options={"model": "gpt-4o-mini"})


def test_what_a_call_is_built_of_is_imported_before_it_comes() -> None:
    """In a process of its own, for this one has it all: nothing of a vendor that is not chosen."""
    script = (
        "import sys; from agent.profile.profile import Providers; from agent.providers import catalog; "
        "catalog.preload(Providers.model_validate({'llm': ['openai', 'local'], 'tts': 'cartesia'})); "
        "print([name for name in ('openai', 'cartesia', 'deepgram') if f'livekit.plugins.{name}' in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "['openai', 'cartesia']"


def test_one_name_is_a_chain_of_one() -> None:
    """As profiles were written before there were chains."""
    assert names("tts", tts="piper") == ["piper"]
    assert names("tts", tts={"name": "hibari", "options": {"voice": "x.onnx"}}) == ["hibari"]
    assert names("stt") == ["moonshine"]
    assert catalog.told(Providers.model_validate({"tts": "piper"})).endswith("speaks: piper (the profile says so)")
