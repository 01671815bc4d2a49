"""Who of a profile's providers speaks which of its languages, and what is said where nobody does."""

import shutil
from pathlib import Path

import pytest
import yaml

from agent.config import ROOT
from agent.errors import ConfigError
from agent.profile.profile import Profile, load_profile
from agent.providers.catalog.entry import ROLES
from agent.providers.catalog.speaking import check_languages, in_language

pytestmark = pytest.mark.usefixtures("with_keys")


def restaurant(folder: Path, **own: object) -> Profile:
    """The restaurant with these keys."""
    shutil.copytree(ROOT / "profiles" / "restaurant", folder / "restaurant")
    path = folder / "restaurant" / "profile.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | own, sort_keys=False))
    return load_profile("restaurant", folder)


def test_each_language_has_those_who_know_it_with_their_voices(tmp_path: Path) -> None:
    """The local ones know English; each of Deepgram's voices speaks one language; an option of the first language is
    none of the others'."""
    providers = {
        "stt": [{"name": "deepgram", "options": {"language": "en-GB"}}, "local"],
        "llm": ["openai", "local"],
        "tts": ["cartesia", "deepgram", "local"],
    }
    languages = {"es": {"voice": {"cartesia": "voz"}}, "de": {"voice": {"deepgram": "aura-2-viktoria-de"}}}
    profile = restaurant(tmp_path, providers=providers, languages=languages)
    names = {
        code: [[one.name for one in getattr(in_language(profile, code).providers, role)] for role in ROLES]
        for code in ("en", "es", "de")
    }
    assert names == {
        "en": [["deepgram", "moonshine"], ["openai", "understanding"], ["cartesia", "deepgram", "hibari"]],
        "es": [["deepgram"], ["openai"], ["cartesia"]],
        "de": [["deepgram"], ["openai"], ["cartesia", "deepgram"]],
    }
    spanish, german = in_language(profile, "es").providers, in_language(profile, "de").providers
    assert spanish.stt[0].options == {} and spanish.tts[0].options == {"voice": "voz"}
    assert german.tts[0].options == {} and german.tts[1].options == {"model": "aura-2-viktoria-de"}
    check_languages(profile)


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (
            {"providers": "local", "languages": {"es": {}}},
            r"line \d+: languages.es: nobody of providers.stt \(moonshine\) hears Spanish; name one there",
        ),
        (
            {"providers": {"stt": "deepgram", "llm": "local", "tts": "cartesia"}, "languages": {"de": {}}},
            r"languages.de: nobody of providers.llm \(understanding\) thinks in German; .*openai.* and set its key",
        ),
        (
            {"providers": {"stt": "deepgram", "llm": "openai", "tts": "deepgram"}, "languages": {"es": {}}},
            r"languages.es: nobody of providers.tts \(deepgram\) speaks Spanish; name a voice of Spanish for it",
        ),
        (
            {"mode": "realtime", "providers": {"realtime": "openai", "stt": "deepgram"}, "languages": {"es": {}}},
            r"line \d+: languages: mode: realtime speaks the profile's own language; take languages out",
        ),
        (
            {"providers": "local", "language": "de"},
            r"profile.yaml, line \d+: language: nobody of providers.stt \(moonshine\) hears German",
        ),
    ],
)
def test_a_language_that_nobody_knows_is_refused(own: dict[str, object], told: str, tmp_path: Path) -> None:
    """With file, line, key and cure, before any call."""
    with pytest.raises(ConfigError, match=told):
        check_languages(restaurant(tmp_path, **own))


def test_english_alone_stands_as_it_was_written(tmp_path: Path) -> None:
    """Nothing is chosen for a profile that has no other language."""
    profile = restaurant(tmp_path, providers="local")
    assert in_language(profile, "en") is profile
