"""The catalog: a provider's name in profile.yaml becomes its plugin. Everything is checked before a call needs it.

Nothing here opens a connection. Plugins are imported when they are built: their import costs seconds.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal  # Any: plugins take keyword arguments that the table below has checked

from livekit.agents import llm, stt, tts, vad

from agent.errors import ConfigError
from agent.profile import Profile, ProviderChoice, Providers
from agent.providers import local_models
from agent.providers.local_models import PAGE, Option
from agent.providers.pronounce import Pronunciation
from agent.providers.speech import SpeechClient
from agent.providers.turn_end import TurnEnd
from agent.rules.line import Ears
from agent.text_file import oddness

Role = Literal["stt", "llm", "tts"]

EAGER, SURE_OF_END = 0.5, 0.7  # Flux's probabilities of an end: ours for the eager one, its own default for the end

_TEXT, _WHOLE, _NUMBER, _SWITCH = (str,), (int,), (int, float), (bool,)
_WORDS = {_TEXT: "text", _WHOLE: "a whole number", _NUMBER: "a number", _SWITCH: "true or false"}
_ENDPOINT = {"model": _TEXT, "base_url": _TEXT, "api_key_variable": _TEXT}


def _eager(options: dict[str, Any]) -> dict[str, Any]:
    """Flux says at an eager end of turn what it heard, which is what answers are prepared on; it must be asked to."""
    end = options.get("eot_threshold", SURE_OF_END)
    eager = options.get("eager_eot_threshold", min(EAGER, end))
    if eager > end:
        raise ConfigError(
            f"providers.stt: deepgram-flux: eager_eot_threshold {eager} is above eot_threshold {end}; "
            f"an eager end comes before the end (see {PAGE})"
        )
    return {**options, "eager_eot_threshold": eager}


@dataclass(frozen=True, slots=True)
class Offer:
    """One provider in one role: the options it takes, by type, the variable that holds its key ("" for none), and what
    completes its options, or raises ConfigError where they contradict one another."""

    options: Mapping[str, tuple[type, ...]]
    key: str = ""
    complete: Callable[[dict[str, Any]], dict[str, Any]] = dict

    @property
    def is_local(self) -> bool:
        """True when the speech process or the worker itself does the work."""
        return not self.key


OFFERS: Mapping[Role, Mapping[str, Offer]] = {
    "stt": {
        "moonshine": Offer(
            {"folder": _TEXT, "arch": _TEXT, "preflight_silence_s": _NUMBER, "interim_every_s": _NUMBER}
        ),
        "deepgram": Offer(
            {
                "model": _TEXT,
                "language": _TEXT,
                "keyterm": _TEXT,
                "endpointing_ms": _WHOLE,
                "smart_format": _SWITCH,
                "numerals": _SWITCH,
                "profanity_filter": _SWITCH,
                "mip_opt_out": _SWITCH,
                "base_url": _TEXT,
            },
            "DEEPGRAM_API_KEY",
        ),
        "deepgram-flux": Offer(
            {
                "model": _TEXT,
                "keyterm": _TEXT,
                "eager_eot_threshold": _NUMBER,
                "eot_threshold": _NUMBER,
                "eot_timeout_ms": _WHOLE,
                "numerals": _SWITCH,
                "profanity_filter": _SWITCH,
                "mip_opt_out": _SWITCH,
                "base_url": _TEXT,
            },
            "DEEPGRAM_API_KEY",
            _eager,
        ),
        "openai": Offer({**_ENDPOINT, "language": _TEXT, "prompt": _TEXT}, "OPENAI_API_KEY"),
        "cartesia": Offer({"model": _TEXT, "language": _TEXT, "base_url": _TEXT}, "CARTESIA_API_KEY"),
    },
    "llm": {
        "understanding": Offer({}),
        "openai": Offer(
            {**_ENDPOINT, "temperature": _NUMBER, "max_completion_tokens": _WHOLE, "reasoning_effort": _TEXT},
            "OPENAI_API_KEY",
        ),
    },
    "tts": {
        "hibari": Offer({"voice": _TEXT}),
        "piper": Offer({"voice": _TEXT}),
        "openai": Offer(
            {**_ENDPOINT, "voice": _TEXT, "speed": _NUMBER, "instructions": _TEXT, "response_format": _TEXT},
            "OPENAI_API_KEY",
        ),
        "cartesia": Offer(
            {"model": _TEXT, "voice": _TEXT, "language": _TEXT, "speed": _NUMBER, "base_url": _TEXT},
            "CARTESIA_API_KEY",
        ),
        "deepgram": Offer({"model": _TEXT, "sample_rate": _WHOLE, "base_url": _TEXT}, "DEEPGRAM_API_KEY"),
    },
}


def check(providers: Providers) -> None:
    """Names, options, keys and model files of a profile's providers. Raises ConfigError; opens no connection."""
    for role, choice in _chosen(providers).items():
        arguments(role, choice)
    speech_arguments(providers)


def needs_speech_process(providers: Providers) -> bool:
    """True when a model of the speech process is used: Moonshine, a local voice, or MiniLM for the understanding."""
    return any(OFFERS[role][choice.name].is_local for role, choice in _chosen(providers).items())


def speech_arguments(providers: Providers) -> tuple[str, ...]:
    """What the profile says about the speech process's models, as its command line. Raises ConfigError."""
    return tuple(word for model in local_models.arguments(providers).values() for word in model)


def shared_arguments(profiles: Sequence[Profile]) -> tuple[str, ...]:
    """The same for profiles that are served together by one speech process. Raises ConfigError when they differ."""
    asked: dict[Role, tuple[Profile, tuple[str, ...]]] = {}
    for profile in profiles:
        for role, model in local_models.arguments(profile.providers).items():
            first, wanted = asked.setdefault(role, (profile, model))
            if model != wanted:
                raise ConfigError(
                    f"PARLEY_PROFILES: {first.name} and {profile.name} ask for different local models in "
                    f"providers.{role}, and one speech process serves both; give each a worker of its own"
                )
    return tuple(word for _, model in asked.values() for word in model)


def build_stt(
    choice: ProviderChoice,
    *,
    client: SpeechClient,
    vad: vad.VAD,
    turn_end: TurnEnd | None = None,
    ears: Ears | None = None,
) -> stt.STT[Any]:
    """Who hears. One that cannot stream gets its utterances cut by the VAD; the local one asks `turn_end` when a turn
    is over, and adapts the VAD to the line from `ears` upwards. Raises ConfigError."""
    options = arguments("stt", choice)
    match choice.name:
        case "deepgram" | "deepgram-flux":
            from livekit.plugins import deepgram

            return deepgram.STT(**options) if choice.name == "deepgram" else deepgram.STTv2(**options)
        case "cartesia":
            from livekit.plugins import cartesia

            return cartesia.STT(**options)
        case "openai":
            from livekit.plugins import openai

            return stt.StreamAdapter(stt=openai.STT(**options, use_realtime=False), vad=vad)
    from agent.providers.moonshine import Hearing, MoonshineSTT

    timing = {name: float(value) for name, value in options.items() if name.endswith("_s")}
    return MoonshineSTT(client, vad, Hearing(**timing), turn_end, ears)


def build_tts(
    choice: ProviderChoice, *, client: SpeechClient, pronounce: Callable[[str], str] | None = None
) -> tts.TTS[Any]:
    """Who speaks. One that cannot stream gets whole sentences. A local voice pronounces its sentences itself, so that
    its timed transcript keeps what was written; for the others the session transforms their text. Raises ConfigError.
    """
    options = arguments("tts", choice)
    match choice.name:
        case "deepgram":
            from livekit.plugins import deepgram

            return deepgram.TTS(**options)
        case "cartesia":
            from livekit.plugins import cartesia

            return cartesia.TTS(**options)
        case "openai":
            from livekit.plugins import openai

            return tts.StreamAdapter(tts=openai.TTS(**options))
    from agent.providers.local_tts import LocalTTS

    return LocalTTS(client, pronounce) if pronounce else LocalTTS(client)


def pronunciation_of(profile: Profile) -> Pronunciation:
    """How the profile's texts are said, by whatever voice."""
    return Pronunciation(profile.locale, profile.pronunciations)


def voice_of(profile: Profile, client: SpeechClient) -> tts.TTS[Any]:
    """Who speaks for the profile, the same in its calls and where its phrases are kept. Raises ConfigError."""
    return build_tts(profile.providers.tts, client=client, pronounce=pronunciation_of(profile).spoken)


def build_llm(choice: ProviderChoice, *, understanding: Callable[[], llm.LLM[Any]]) -> llm.LLM[Any]:
    """Who thinks; `understanding` makes the one that needs no model. Raises ConfigError."""
    options = arguments("llm", choice)
    if choice.name == "understanding":
        return understanding()
    from livekit.plugins import openai

    return openai.LLM(**options)


def arguments(role: Role, choice: ProviderChoice) -> dict[str, Any]:
    """The choice's options as the plugin's arguments, its key included. Raises ConfigError: what, where, cure."""
    offers = OFFERS[role]
    if choice.name not in offers:
        raise ConfigError(f"providers.{role}: unknown name {choice.name!r}; there are {', '.join(offers)} (see {PAGE})")
    offer = offers[choice.name]
    for name, value in choice.options.items():
        _check_option(f"providers.{role}: {choice.name}", offer, name, value)
    return offer.complete(_with_key(role, choice, offer))


def _check_option(place: str, offer: Offer, name: str, value: Option) -> None:
    if name not in offer.options:
        known = ", ".join(offer.options) or "none"
        raise ConfigError(f"{place} has no option {name!r}; its options: {known} (see {PAGE})")
    wanted = offer.options[name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise ConfigError(f"{place}: option {name} must be {_WORDS[wanted]}, not {value!r} (see {PAGE})")


def _with_key(role: Role, choice: ProviderChoice, offer: Offer) -> dict[str, Any]:
    options: dict[str, Any] = dict(choice.options)
    variable = str(options.pop("api_key_variable", offer.key))
    if not variable:
        return options
    key = os.environ.get(variable, "")
    if not key and ("base_url" not in options or variable != offer.key):
        local = ", ".join(name for name, other in OFFERS[role].items() if other.is_local)
        raise ConfigError(
            f"providers.{role}: {choice.name} needs the environment variable {variable}; set it in the environment or "
            f".env, or choose {local} (see {PAGE})"
        )
    if wrong := oddness(key):
        raise ConfigError(f"providers.{role}: the environment variable {variable} of {choice.name} {wrong}")
    return {**options, "api_key": key or "none"}  # an endpoint of one's own often asks for no key


def _chosen(providers: Providers) -> dict[Role, ProviderChoice]:
    return {"stt": providers.stt, "llm": providers.llm, "tts": providers.tts}
