"""Rig: every vendor of the catalog on loopback, so that the real plugins run against real protocols without a key."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from agent.profile.choices import ProviderChoice
from agent.providers.catalog import Role
from agent.providers.local.local_models import Option
from tests.rig.anthropic import Anthropic
from tests.rig.cartesia import Cartesia
from tests.rig.content import Content, Mind
from tests.rig.deepgram import Deepgram
from tests.rig.elevenlabs import ElevenLabs
from tests.rig.openai import OpenAI
from tests.rig.service import Service

KEYS = {
    name: f"{name.partition('_')[0].lower()}-key-of-the-rig"
    for name in ("DEEPGRAM_API_KEY", "OPENAI_API_KEY", "CARTESIA_API_KEY", "ELEVEN_API_KEY", "ANTHROPIC_API_KEY")
}


@dataclass(frozen=True, slots=True)
class Rig:
    """The services, all with the same content and mind."""

    deepgram: Deepgram
    openai: OpenAI
    anthropic: Anthropic
    cartesia: Cartesia
    elevenlabs: ElevenLabs

    @property
    def services(self) -> tuple[Service, ...]:
        """All of them."""
        return self.deepgram, self.openai, self.anthropic, self.cartesia, self.elevenlabs

    def choice(self, role: Role, name: str, **options: Option) -> ProviderChoice:
        """A provider of the catalog that is reached here."""
        return ProviderChoice(name=name, options={"base_url": self.url(role, name), **options})

    def url(self, role: Role, name: str) -> str:
        """Where that provider's plugin finds it. Raises KeyError when it is not here."""
        return {
            ("stt", "deepgram"): self.deepgram.nova_url,
            ("stt", "deepgram-flux"): self.deepgram.flux_url,
            ("tts", "deepgram"): self.deepgram.aura_url,
            ("stt", "cartesia"): self.cartesia.url,
            ("tts", "cartesia"): self.cartesia.url,
            ("tts", "elevenlabs"): self.elevenlabs.url,
            ("llm", "anthropic"): self.anthropic.url,
            ("realtime", "openai"): self.openai.url,
            **{("llm", own): self.openai.url for own in ("openai", "ollama", "vllm")},
            **{(hears, own): self.openai.url for hears in ("stt", "tts") for own in ("openai", "speaches")},
        }[role, name]

    def of(self, name: str) -> Service:
        """Whose service answers for the provider of that name."""
        own = {"deepgram-flux": "deepgram", "ollama": "openai", "vllm": "openai", "speaches": "openai"}
        service: Service = getattr(self, own.get(name, name))
        return service


@asynccontextmanager
async def running(content: Content, mind: Mind) -> AsyncIterator[Rig]:
    """All services, for as long as the block runs."""
    rig = Rig(
        Deepgram(content, mind),
        OpenAI(content, mind),
        Anthropic(content, mind),
        Cartesia(content, mind),
        ElevenLabs(content, mind),
    )
    async with AsyncExitStack() as stack:
        for service in rig.services:
            await service.start(stack)
        yield rig
