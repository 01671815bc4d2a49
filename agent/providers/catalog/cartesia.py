"""Cartesia (https://docs.cartesia.ai): Sonic speaks, Ink hears."""

from datetime import date
from typing import Annotated, Any, Literal

from livekit.agents import stt, tts
from pydantic import Field

from agent.providers.catalog.entry import Capabilities, Endpoint, Entry, Hears, Lent, Price, Speaks, languages

KEY = "CARTESIA_API_KEY"
PACKAGE = "livekit.plugins.cartesia"
PRICED = date(2026, 6, 21)
CREDIT = 49 / 1_250_000  # dollars, in the plan Startup: a character that is spoken, a third of a second that is heard

LANGUAGES = languages(
    "en es fr de pt zh ja hi ko it nl pl ru sv tr tl bg ro ar cs el fi hr ms sk da ta uk hu no vi bn th he ka id "
    "te gu kn ml mr pa"
)


class Sonic(Speaks, Endpoint):
    """`voice` is a voice's id, a cloned one's too. `speed` is 0.6 to 2.0, `emotion` a word of Cartesia's list."""

    model: str = "sonic-3"
    voice: str | None = None
    language: str | None = None
    speed: Annotated[float, Field(ge=0.6, le=2.0)] | None = None
    emotion: str | None = None
    volume: Annotated[float, Field(ge=0.5, le=2.0)] | None = None

    def build(self, key: str, lent: Lent) -> tts.TTS[Any]:
        """Streams over a WebSocket, with the times of its words."""
        from livekit.plugins import cartesia

        return cartesia.TTS(**({"language": lent.language} | self.given()), api_key=key)


class Ink(Hears, Endpoint):
    """Ink-2 knows English and turns, ink-whisper the other languages."""

    model: Literal["ink-2", "ink-whisper"] | None = None
    language: str | None = None

    def build(self, key: str, lent: Lent) -> stt.STT[Any]:
        """Streams over a WebSocket."""
        from livekit.plugins import cartesia

        own = {"language": lent.language} | ({} if lent.language == "en" else {"model": "ink-whisper"})
        return cartesia.STT(**(own | self.given()), api_key=key)


ENTRIES = (
    Entry(
        "cartesia",
        Sonic,
        KEY,
        PACKAGE,
        Capabilities(LANGUAGES, has_word_times=True),
        {"": Price(PRICED, per_million_characters=CREDIT * 1_000_000)},
        rank=1,
    ),
    Entry(
        "cartesia",
        Ink,
        KEY,
        PACKAGE,
        Capabilities(LANGUAGES, has_interim=True, has_eager_end=True),
        {"ink-whisper": Price(PRICED, per_minute=CREDIT * 60), "": Price(PRICED, per_minute=CREDIT * 180)},
        rank=2,
    ),
)
