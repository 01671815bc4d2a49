"""Entry: what the catalog knows of one provider in one role, before anything of it is imported or connected."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from typing import Any, ClassVar, Generic, Literal, TypeVar

from livekit.agents import llm, stt, tts
from livekit.agents.vad import VAD
from pydantic import BaseModel, ConfigDict
from pydantic import Field as OptionField

from agent.providers.local.speech_client import SpeechClient
from agent.providers.surroundings import Surroundings
from agent.providers.turn_end import TurnEnd

Role = Literal["stt", "llm", "tts", "realtime"]
ROLES: tuple[Role, ...] = ("stt", "llm", "tts")  # of a pipeline; a realtime model does the work of all three
ENGLISH = frozenset({"en"})
MANY = frozenset({"*"})
# What a vendor's SDK over httpx imports only with its first request: in a call, on the loop that carries its sound.
HTTPX = (
    "anyio._backends._asyncio",
    "anyio.streams.memory",
    "anyio.streams.stapled",
    "anyio.streams.tls",
    "httpcore2",
    "opentelemetry.baggage.propagation",
    "opentelemetry.propagate",
    "opentelemetry.propagators.composite",
    "opentelemetry.trace.propagation.tracecontext",
    "truststore",
)


def languages(codes: str) -> frozenset[str]:
    """Of two letters each, with spaces between."""
    return frozenset(codes.split())


@dataclass(frozen=True, slots=True)
class Lent:
    """What the engine lends a provider that is built; a role uses its own of it. `language` is the call's, two
    letters; `locale` that and its country. `may_be_another` until the caller has said something, where other languages
    are spoken, too: an STT that knows several at once is asked for all."""

    client: SpeechClient
    language: str = "en"
    locale: str = "en-US"
    may_be_another: bool = False
    vad: VAD | None = None
    turn_end: TurnEnd | None = None
    around: Surroundings = field(default_factory=Surroundings)
    pronounce: Callable[[str], str] | None = None
    understanding: Callable[[], llm.LLM[Any]] | None = None


class Options(BaseModel):
    """What a profile may say about a provider, with its defaults; a subclass builds the provider."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, protected_namespaces=())

    def given(self) -> dict[str, Any]:
        """The options that have a value, as the plugin's arguments."""
        found: dict[str, Any] = self.model_dump(exclude_none=True)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in found.items()
            if name not in Endpoint.model_fields or name == "base_url"
        }


class Endpoint(Options):
    """Options of whoever is reached at an address: where, and which variable holds the key."""

    base_url: str | None = None
    api_key_variable: str | None = OptionField(default=None, min_length=1)


class Hears(Options):
    """Options of an STT."""

    role: ClassVar[Role] = "stt"

    @abstractmethod
    def build(self, key: str, lent: Lent) -> stt.STT[Any]:
        """Who hears. Opens no connection."""

    def on_phone(self, built: stt.STT[Any]) -> None:
        """The caller is on a telephone; said before `built` has streamed anything."""

    def silence_of(self, built: stt.STT[Any]) -> Callable[[], float] | None:
        """What tells for how many seconds the caller has made no sound; None of one that does not know."""
        return None


class Thinks(Options):
    """Options of an LLM."""

    role: ClassVar[Role] = "llm"

    @abstractmethod
    def build(self, key: str, lent: Lent) -> llm.LLM[Any]:
        """Who thinks. Opens no connection."""


class Speaks(Options):
    """Options of a TTS. `voice_option` names the voice; `voice_has_language` where each voice speaks one only."""

    role: ClassVar[Role] = "tts"
    voice_option: ClassVar[str] = "voice"
    voice_has_language: ClassVar[bool] = False

    @abstractmethod
    def build(self, key: str, lent: Lent) -> tts.TTS[Any]:
        """Who speaks. Opens no connection."""

    def prepares_with(self, built: tts.TTS[Any]) -> Callable[[str], None] | None:
        """What gets a text that is likely to be said next, so that it begins sooner; None of one that cannot."""
        return None


class Converses(Options):
    """Options of a speech-to-speech model. `turns` says who decides that the caller's turn is over: our own
    turn-taking, or the server."""

    role: ClassVar[Role] = "realtime"
    model: str
    turns: Literal["own", "server"] = "own"

    @abstractmethod
    def build(self, key: str, language: str) -> llm.RealtimeModel:
        """Who hears, thinks and speaks in one, in a call in that language, two letters. Opens no connection; answers
        when it is asked to, never by itself."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do. `languages` are two letters each, or "*" for more than can be listed."""

    languages: frozenset[str] = ENGLISH
    is_streaming: bool = True  # hears while the caller speaks, speaks while the text still comes
    has_interim: bool = False  # tells words before they are final
    has_eager_end: bool = False  # says early that a turn may be over, so that the answer is prepared on it
    has_word_times: bool = False
    hears_telephone: bool = False  # takes 8 kHz as it is
    asks_endpointing: bool = False  # lets our endpointing end the turn by itself
    hears_murmurs: bool = False  # makes words of them, so that short ones are doubted over the agent's voice
    pronounces: bool = False  # turns what is written into what is said by itself
    realtime: bool = False  # answers speech with speech

    def speaks(self, language: str) -> bool:
        """True when it knows the language, two letters."""
        return language in self.languages or "*" in self.languages


@dataclass(frozen=True, slots=True)
class Price:
    """A list price in US dollars on a day. What a role is not charged by is 0."""

    as_of: date
    per_minute: float = 0.0  # of audio that is heard
    per_million_characters: float = 0.0  # that are spoken
    per_million_input: float = 0.0  # tokens
    per_million_cached: float = 0.0  # tokens of the input that the provider had kept
    per_million_output: float = 0.0  # tokens
    per_million_audio_input: float = 0.0  # tokens of sound that is heard
    per_million_audio_cached: float = 0.0
    per_million_audio_output: float = 0.0  # tokens of sound that is spoken


O_co = TypeVar("O_co", bound=Hears | Thinks | Speaks | Converses, covariant=True)


@dataclass(frozen=True, slots=True)
class Entry(Generic[O_co]):
    """One provider in one role. `prices` go by the beginning of a model's name; the longest that fits holds, "" is for
    any other. `rank` is its place among those that `auto` asks, None for never. `is_own` is an endpoint of one's own,
    which often asks for no key. `late` are modules that `package` would import with its first request."""

    name: str
    options: type[O_co]
    key: str = ""
    package: str = ""
    can: Capabilities = Capabilities()
    prices: Mapping[str, Price] = field(default_factory=dict)
    rank: int | None = None
    is_own: bool = False
    late: tuple[str, ...] = ()

    @property
    def role(self) -> Role:
        """Which of them."""
        return self.options.role

    @property
    def is_local(self) -> bool:
        """True when the speech process or the worker itself does the work."""
        return not self.key and not self.is_own

    @property
    def is_installed(self) -> bool:
        """True when its package can be imported; imports nothing but the packages above it."""
        try:
            return not self.package or find_spec(self.package) is not None
        except ModuleNotFoundError:
            return False

    def price(self, model: str) -> Price | None:
        """The list price of that model; None when nobody knows it, a price of 0 for what costs nothing."""
        fits = [begin for begin in self.prices if model.startswith(begin)]
        return self.prices[max(fits, key=len)] if fits else None
