"""What needs no key and no network: Moonshine hears, the understanding thinks, hibari or Piper speaks."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from livekit.agents import llm, stt, tts
from pydantic import Field

from agent.providers.catalog.entry import Capabilities, Entry, Hears, Lent, Price, Speaks, Thinks

FREE = {"": Price(date(2026, 6, 1))}


class Moonshine(Hears):
    """In the speech process; providers/local/local_models.py checks `folder` and `arch`."""

    folder: str | None = None
    arch: Literal["tiny", "base", "tiny-streaming", "base-streaming", "small-streaming", "medium-streaming"] = "tiny"
    preflight_silence_s: Annotated[float, Field(ge=0.0, le=5.0)] | None = None
    interim_every_s: Annotated[float, Field(gt=0.0, le=60.0)] | None = None

    def build(self, key: str, lent: Lent) -> stt.STT[Any]:
        """Asks `turn_end` when a turn is over, and adapts the VAD to the line from `ears` upwards."""
        from agent.providers.local.moonshine import Hearing, MoonshineSTT

        assert lent.vad
        timing = {name: float(value) for name, value in self.given().items() if name.endswith("_s")}
        return MoonshineSTT(lent.client, lent.vad, Hearing(**timing), lent.turn_end, lent.around)

    def silence_of(self, built: stt.STT[Any]) -> Callable[[], float] | None:
        """Its own VAD's."""
        from agent.providers.local.moonshine import MoonshineSTT

        assert isinstance(built, MoonshineSTT)
        return lambda: built.silent_s


class Understanding(Thinks):
    """The understanding of agent/understanding, which needs no model."""

    def build(self, key: str, lent: Lent) -> llm.LLM[Any]:
        """The one that is lent, made now."""
        assert lent.understanding
        return lent.understanding()


class Voice(Speaks):
    """In the speech process; `voice` is a file, checked by providers/local/local_models.py."""

    voice: str | None = None

    def build(self, key: str, lent: Lent) -> tts.TTS[Any]:
        """Pronounces its sentences itself, so that its timed transcript keeps what was written."""
        from agent.providers.local.local_tts import LocalTTS

        return LocalTTS(lent.client, lent.pronounce) if lent.pronounce else LocalTTS(lent.client)

    def prepares_with(self, built: tts.TTS[Any]) -> Callable[[str], None] | None:
        """The speech process begins on its first sentence."""
        from agent.providers.local.local_tts import LocalTTS

        assert isinstance(built, LocalTTS)
        return built.prepare


ENTRIES = (
    Entry(
        "moonshine",
        Moonshine,
        can=Capabilities(has_interim=True, has_eager_end=True, asks_endpointing=True, hears_murmurs=True),
        prices=FREE,
    ),
    Entry("understanding", Understanding, prices=FREE),
    Entry("hibari", Voice, can=Capabilities(has_word_times=True, pronounces=True), prices=FREE),
    Entry("piper", Voice, can=Capabilities(has_word_times=True, pronounces=True), prices=FREE),
)
