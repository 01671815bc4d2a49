"""ElevenLabs (https://elevenlabs.io/docs) speaks."""

from datetime import date
from typing import Annotated, Any

from livekit.agents import NOT_GIVEN, tts
from pydantic import Field

from agent.providers.catalog.entry import Capabilities, Endpoint, Entry, Lent, Price, Speaks, languages

PRICED = date(2026, 6, 1)
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Eleven(Speaks, Endpoint):
    """`voice` is a voice's id, a cloned one's too; `stability`, `similarity` and `style` are 0 to 1, `speed` 0.7 to
    1.2."""

    model: str = "eleven_flash_v2_5"
    voice: str | None = None
    stability: Share = 0.5
    similarity: Share = 0.75
    style: Share | None = None
    speed: Annotated[float, Field(ge=0.7, le=1.2)] | None = None
    language: str | None = None

    def build(self, key: str, lent: Lent) -> tts.TTS[Any]:
        """Streams over one WebSocket, with the times of its characters."""
        from livekit.plugins import elevenlabs

        settings = elevenlabs.VoiceSettings(
            stability=self.stability,
            similarity_boost=self.similarity,
            style=NOT_GIVEN if self.style is None else self.style,
            speed=NOT_GIVEN if self.speed is None else self.speed,
        )
        said: dict[str, Any] = {"model": self.model, "language": self.language or lent.language}
        said |= {"voice_id": self.voice} if self.voice else {}
        said |= {"base_url": self.base_url} if self.base_url else {}
        return elevenlabs.TTS(**said, voice_settings=settings, encoding="pcm_24000", api_key=key)


ENTRIES = (
    Entry(
        "elevenlabs",
        Eleven,
        "ELEVEN_API_KEY",
        "livekit.plugins.elevenlabs",
        Capabilities(
            languages(
                "ar bg cs da de el en es fi fil fr hi hr hu id it ja ko ms nl no pl pt ro ru sk sv ta tr uk vi zh"
            ),
            has_word_times=True,
        ),
        {
            "eleven_flash": Price(PRICED, per_million_characters=50.0),
            "eleven_turbo": Price(PRICED, per_million_characters=50.0),
            "": Price(PRICED, per_million_characters=100.0),
        },
        rank=2,
    ),
)
