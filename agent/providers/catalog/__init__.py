"""The catalog: a provider's name in profile.yaml becomes its plugin. Everything is checked before a call needs it.

One file a vendor; entry.py says what each tells, choosing.py whom a profile means. Nothing here opens a connection.
Plugins are imported when they are built: their import costs seconds.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from livekit.agents import llm, stt, tts

from agent.errors import ConfigError
from agent.language.packs import ENGLISH, pack
from agent.profile.choices import ProviderChoice, Providers
from agent.profile.profile import Profile
from agent.providers.catalog.choosing import chain, checked, entries, entry_of, first, told
from agent.providers.catalog.entry import (
    ROLES,
    Capabilities,
    Converses,
    Entry,
    Hears,
    Lent,
    Price,
    Role,
    Speaks,
    Thinks,
)
from agent.providers.catalog.speaking import check_languages, in_language
from agent.providers.local import local_models
from agent.providers.local.speech_client import SpeechClient
from agent.speaking.pronounce import Pronunciation

__all__ = [
    "ROLES",
    "Capabilities",
    "Entry",
    "Lent",
    "Price",
    "Role",
    "build_llm",
    "build_realtime",
    "build_stt",
    "build_tts",
    "can",
    "chain",
    "check",
    "check_languages",
    "checked",
    "entries",
    "entry_of",
    "first",
    "first_names",
    "heard_as",
    "in_language",
    "is_understanding",
    "lent_to_voice",
    "mind_of",
    "on_phone",
    "packages",
    "preload",
    "prepares_with",
    "price",
    "pronunciation_of",
    "shared_arguments",
    "silence_of",
    "speech_arguments",
    "told",
]


def check(providers: Providers) -> None:
    """Names, options, packages, keys and model files of a profile's providers, those behind the first too. Raises
    ConfigError; opens no connection."""
    for role, choice in _everybody(providers):
        checked(role, choice)
    speech_arguments(providers)


def packages(providers: Providers) -> frozenset[str]:
    """What the chains are built of, and what that would import in a call. Raises ConfigError."""
    chosen = [entry_of(role, choice) for role, choice in _everybody(providers)]
    return frozenset(name for entry in chosen for name in (entry.package, *entry.late)) - {""}


def _everybody(providers: Providers) -> list[tuple[Role, ProviderChoice]]:
    """Whoever may do anything, those behind the first too."""
    alone: list[tuple[Role, ProviderChoice]] = [(role, choice) for role in ROLES for choice in chain(role, providers)]
    return [*alone, ("realtime", providers.realtime)] if providers.realtime else alone


def preload(providers: Providers) -> None:
    """Import these, so that no call waits for them: some take seconds. Blocking. Raises ConfigError."""
    for package in packages(providers):
        import_module(package)


def can(role: Role, choice: ProviderChoice) -> Capabilities:
    """What it can do."""
    return entry_of(role, choice).can


def first_names(providers: Providers) -> dict[str, str]:
    """Who is asked first, by role."""
    return {role: first(role, providers).name for role in ROLES}


def price(role: Role, choice: ProviderChoice) -> Price | None:
    """The list price of the model that the choice means; None when nobody knows it. Raises ConfigError."""
    entry, options, _ = checked(role, choice)
    return entry.price(str(getattr(options, "model", None) or ""))


def is_understanding(providers: Providers) -> bool:
    """True when the local understanding thinks, which needs no large model."""
    return first("llm", providers).name == "understanding"


def speech_arguments(providers: Providers) -> tuple[str, ...]:
    """What the profile says about the speech process's models, as its command line. Raises ConfigError."""
    return tuple(word for model in _local(providers).values() for word in model)


def shared_arguments(profiles: Sequence[Profile]) -> tuple[str, ...]:
    """The same for profiles that are served together by one speech process. Raises ConfigError when they differ."""
    asked: dict[Role, tuple[Profile, tuple[str, ...]]] = {}
    for profile in profiles:
        for role, model in _local(profile.providers).items():
            first_, wanted = asked.setdefault(role, (profile, model))
            if model != wanted:
                raise ConfigError(
                    f"PARLEY_PROFILES: {first_.name} and {profile.name} ask for different local models in "
                    f"providers.{role}, and one speech process serves both; give each a worker of its own"
                )
    unused = [word for role in ("stt", "tts") if role not in asked for word in (f"--no-{role}",)]
    return (*(word for _, model in asked.values() for word in model), *unused)


def _local(providers: Providers) -> dict[Role, tuple[str, ...]]:
    """For each role that a local model may do, first or behind others, its options."""
    found: dict[Role, tuple[str, ...]] = {}
    for choice in chain("stt", providers):
        found.update(local_models.arguments("stt", choice).items())
    for choice in chain("tts", providers):
        found.update(local_models.arguments("tts", choice).items())
    return found


def build_stt(choice: ProviderChoice, lent: Lent) -> stt.STT[Any]:
    """Who hears. One that cannot stream gets its utterances cut by the VAD. Raises ConfigError."""
    _, options, key = checked("stt", choice)
    assert isinstance(options, Hears)
    return options.build(key, lent)


def on_phone(choice: ProviderChoice, built: stt.STT[Any]) -> None:
    """Tell an STT, before it streams, that its caller is on a telephone. Raises ConfigError."""
    _, options, _ = checked("stt", choice)
    assert isinstance(options, Hears)
    options.on_phone(built)


def silence_of(choice: ProviderChoice, built: stt.STT[Any]) -> Callable[[], float] | None:
    """What tells for how many seconds the caller has made no sound; None where that STT does not know."""
    _, options, _ = checked("stt", choice)
    assert isinstance(options, Hears)
    return options.silence_of(built)


def prepares_with(choice: ProviderChoice, built: tts.TTS[Any]) -> Callable[[str], None] | None:
    """What gets a text that is likely to be said next; None where that TTS cannot begin on it."""
    _, options, _ = checked("tts", choice)
    assert isinstance(options, Speaks)
    return options.prepares_with(built)


def build_tts(choice: ProviderChoice, lent: Lent) -> tts.TTS[Any]:
    """Who speaks. One that cannot stream gets whole sentences. A local voice pronounces its sentences itself, so that
    its timed transcript keeps what was written; for the others the session transforms their text. Raises ConfigError.
    """
    _, options, key = checked("tts", choice)
    assert isinstance(options, Speaks)
    return options.build(key, lent)


def build_llm(choice: ProviderChoice, lent: Lent) -> llm.LLM[Any]:
    """Who thinks. Raises ConfigError."""
    _, options, key = checked("llm", choice)
    assert isinstance(options, Thinks)
    return options.build(key, lent)


def build_realtime(choice: ProviderChoice, language: str) -> tuple[llm.RealtimeModel, Converses]:
    """Who does all three at once, and what the profile says of it. Raises ConfigError."""
    _, options, key = checked("realtime", choice)
    assert isinstance(options, Converses)
    return options.build(key, language), options


def pronunciation_of(profile: Profile) -> Pronunciation:
    """How the profile's texts are said in its language, by whatever voice."""
    return Pronunciation(profile.locale, profile.pronunciations, pack(profile.language).said)


def heard_as(profile: Profile) -> str:
    """The locale by which a provider knows what is spoken: English has one of the profile's country, any other language
    goes alone, since vendors know few of its locales."""
    is_english = profile.language == ENGLISH and profile.locale.startswith(f"{ENGLISH}-")
    return profile.locale if is_english else profile.language


def lent_to_voice(profile: Profile, client: SpeechClient) -> Lent:
    """What whoever speaks for the profile gets, the same in its calls and where its phrases are kept."""
    return Lent(client, profile.language, heard_as(profile), pronounce=pronunciation_of(profile).spoken)


def mind_of(
    profile: Profile, client: SpeechClient, understanding: Callable[[], llm.LLM[Any]] | None = None
) -> llm.LLM[Any]:
    """Who thinks for the profile; `understanding` makes the one that needs no model. Raises ConfigError."""
    lent = Lent(client, profile.language, heard_as(profile), understanding=understanding)
    return build_llm(first("llm", profile.providers), lent)
