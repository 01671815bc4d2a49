"""Deepgram (https://developers.deepgram.com): Nova and Flux hear, Aura speaks."""

from datetime import date
from typing import Annotated, Any, ClassVar

from livekit.agents import stt, tts
from pydantic import Field, field_validator, model_validator

from agent.providers.catalog.entry import Capabilities, Endpoint, Entry, Hears, Lent, Price, Speaks, languages
from agent.providers.mu_law import Line

KEY = "DEEPGRAM_API_KEY"
PACKAGE = "livekit.plugins.deepgram"
PRICED = date(2026, 6, 1)
PHONE_HZ = 8000

Terms = Annotated[tuple[str, ...], Field(strict=False, max_length=100)]


class Nova(Hears, Endpoint):
    """Deepgram's v1 streaming. `keyterm` are words it should expect: a word, or a list."""

    model: str = "nova-3"
    language: str | None = None
    keyterm: Terms | None = None
    interim_results: bool = True
    punctuate: bool = True
    smart_format: bool = True
    filler_words: bool = True
    endpointing_ms: Annotated[int, Field(ge=0, le=5000)] = 25
    utterance_end_ms: Annotated[int, Field(ge=1000, le=5000)] = 1000  # Deepgram takes no less
    numerals: bool = False
    profanity_filter: bool = False
    mip_opt_out: bool = False

    @field_validator("keyterm", mode="before")
    @classmethod
    def _one_or_more(cls, terms: object) -> object:
        return (terms,) if isinstance(terms, str) else terms

    @model_validator(mode="after")
    def _fit(self) -> "Nova":
        if self.keyterm and not self.model.startswith("nova-3"):
            raise ValueError(f"keyterm is for nova-3, not for {self.model}")
        return self

    def build(self, key: str, lent: Lent) -> stt.STT[Any]:
        """Streams over a WebSocket, 16 kHz."""
        from livekit.plugins import deepgram

        said = {"language": "multi" if lent.may_be_another else lent.locale} | self.given()
        return deepgram.STT(**said, api_key=key, http_session=Line(lent.around.is_phone).session)

    def on_phone(self, built: stt.STT[Any]) -> None:
        """A telephone's sound goes as it came: mu-law at 8 kHz."""
        from livekit.plugins import deepgram

        assert isinstance(built, deepgram.STT)
        built.update_options(sample_rate=PHONE_HZ)


class Flux(Hears, Endpoint):
    """Deepgram's v2, which knows turns. An eager end says what was heard, which is what answers are prepared on."""

    model: str = "flux-general-en"
    keyterm: Terms | None = None
    eager_eot_threshold: Annotated[float, Field(ge=0.3, le=0.9)] | None = None
    eot_threshold: Annotated[float, Field(ge=0.5, le=0.9)] = 0.7
    eot_timeout_ms: Annotated[int, Field(ge=500, le=10_000)] | None = None
    numerals: bool = False
    profanity_filter: bool = False
    mip_opt_out: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> "Flux":
        if (self.eager_eot_threshold or 0.0) > self.eot_threshold:
            raise ValueError(
                f"eager_eot_threshold {self.eager_eot_threshold} is above eot_threshold {self.eot_threshold}; "
                "an eager end comes before the end"
            )
        return self

    def build(self, key: str, lent: Lent) -> stt.STT[Any]:
        """It must be asked for eager ends."""
        from livekit.plugins import deepgram

        said: dict[str, Any] = {"eager_eot_threshold": min(0.5, self.eot_threshold)} | self.given()
        if self.model == "flux-general-en" and lent.language != "en":
            said["model"] = "flux-general-multi"
        if said["model"] == "flux-general-multi":
            said["language_hint"] = [lent.language]
        return deepgram.STTv2(**said, api_key=key, http_session=Line(lent.around.is_phone).session)

    def on_phone(self, built: stt.STT[Any]) -> None:
        """A telephone's sound goes as it came: mu-law at 8 kHz."""
        from livekit.plugins import deepgram

        assert isinstance(built, deepgram.STTv2)
        built.update_options(sample_rate=PHONE_HZ)


class Aura(Speaks, Endpoint):
    """Deepgram's voices; each is a model of its own."""

    voice_option: ClassVar[str] = "model"
    voice_has_language: ClassVar[bool] = True
    model: str = "aura-2-andromeda-en"
    sample_rate: int = 24_000
    mip_opt_out: bool = False

    def build(self, key: str, lent: Lent) -> tts.TTS[Any]:
        """Streams by sentences."""
        from livekit.plugins import deepgram

        return deepgram.TTS(**self.given(), api_key=key)


NOVA_LANGUAGES = languages(
    "bg ca cs da de el en es et fi fr hi hu id it ja ko lt lv ms nl no pl pt ro ru sk sv th tr uk vi zh "
    "multi"  # several in one call
)
ENTRIES = (
    Entry(
        "deepgram",
        Nova,
        KEY,
        PACKAGE,
        Capabilities(NOVA_LANGUAGES, has_interim=True, has_word_times=True, hears_telephone=True),
        {"nova-3": Price(PRICED, per_minute=0.0077), "nova-2": Price(PRICED, per_minute=0.0058)},
        rank=1,
    ),
    Entry(
        "deepgram-flux",
        Flux,
        KEY,
        PACKAGE,
        Capabilities(
            languages("de en es fr hi it ja nl pt ru"),
            has_interim=True,
            has_eager_end=True,
            has_word_times=True,
            hears_telephone=True,
        ),
        {"flux-general-en": Price(PRICED, per_minute=0.0065), "flux-general-multi": Price(PRICED, per_minute=0.0078)},
    ),
    Entry(
        "deepgram",
        Aura,
        KEY,
        PACKAGE,
        Capabilities(languages("de en es fr it ja nl")),
        {"aura-2": Price(PRICED, per_million_characters=30.0), "aura": Price(PRICED, per_million_characters=15.0)},
        rank=4,
    ),
)
