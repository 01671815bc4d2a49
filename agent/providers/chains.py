"""Chains: one call's ears, mind and voice, put together as the profile's `providers` say: a provider alone where one is
named, a chain where several are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from livekit import rtc
from livekit.agents import llm, stt, tts

from agent.events import Event
from agent.profile import Profile, ProviderChoice
from agent.providers import catalog
from agent.providers.breakers import Breakers, breakers_file
from agent.providers.chain.line import ChainedRole, Line, Link, told
from agent.providers.chain.llm import ChainedLLM, Manner
from agent.providers.chain.stt import ChainedSTT, Ends
from agent.providers.chain.tts import ChainedTTS

T = TypeVar("T")


class Chains:
    """One per call. `emit` hears what providers do; in `var_dir` the worker's calls tell each other who is down."""

    def __init__(self, profile: Profile, var_dir: Path, emit: Callable[[Event], None]) -> None:
        self._profile = profile
        self._emit = emit
        self._breakers = Breakers(breakers_file(var_dir), told(emit))
        self.hearers: list[tuple[ProviderChoice, stt.STT[Any]]] = []

    @property
    def is_needed(self) -> bool:
        """False where each role has one provider only: then nobody need know who is down."""
        return any(len(catalog.chain(role, self._profile.providers)) > 1 for role in catalog.ROLES)

    @property
    def pronounces(self) -> bool:
        """True when the voice turns what is written into what is said by itself."""
        first, *others = catalog.chain("tts", self._profile.providers)
        return bool(others) or catalog.can("tts", first).pronounces

    async def run(self) -> None:
        """Learn who is down, tell it, and try whether they work again, until cancelled."""
        if self.is_needed:
            await self._breakers.run()

    async def aclose(self) -> None:
        """Tell the other calls what was learnt last."""
        if self.is_needed:
            await self._breakers.share()

    def build_ears(
        self, lent: catalog.Lent, ends: Callable[[], Ends], on_sound: Callable[[rtc.AudioFrame], None]
    ) -> stt.STT[Any]:
        """Who hears; in a chain `ends` and `on_sound` are for those that do not end turns by themselves. Raises
        ConfigError."""
        assert lent.vad
        links = self._links("stt", lambda choice: catalog.build_stt(choice, lent))
        choices = catalog.chain("stt", self._profile.providers)
        self.hearers = [(choice, link.it) for choice, link in zip(choices, links, strict=True)]
        return ChainedSTT(self._line("stt", links), lent.vad, ends, on_sound) if links[1:] else links[0].it

    def build_mind(self, lent: catalog.Lent) -> llm.LLM[Any]:
        """Who thinks. Raises ConfigError."""
        links = self._links("llm", lambda choice: catalog.build_llm(choice, lent))
        chosen = self._profile.hedging
        manner = Manner(chosen.after_s, chosen.share, self._profile.sentences.corrected)
        return ChainedLLM(self._line("llm", links), manner, self._emit) if links[1:] else links[0].it

    def build_voice(self, lent: catalog.Lent) -> tts.TTS[Any]:
        """Who speaks. Raises ConfigError."""
        links = self._links("tts", lambda choice: catalog.build_tts(choice, lent))
        said = catalog.pronunciation_of(self._profile).spoken
        return ChainedTTS(self._line("tts", links), said) if links[1:] else links[0].it

    def _links(self, role: ChainedRole, build: Callable[[ProviderChoice], T]) -> list[Link[T]]:
        return [
            Link(name_of(choice), build(choice), catalog.entry_of(role, choice).is_local)
            for choice in catalog.chain(role, self._profile.providers)
        ]

    def _line(self, role: ChainedRole, links: list[Link[T]]) -> Line[T]:
        return Line(role, links, self._breakers, self._emit)


def name_of(choice: ProviderChoice) -> str:
    """In events, metrics and on the health page: its name, with its model where the profile names one."""
    model = choice.options.get("model")
    return f"{choice.name}/{model}" if model else choice.name
