"""Chains: one call's ears, mind and voice, put together as the profile's `providers` say: a provider alone where one is
named, a chain where several are."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from livekit import rtc
from livekit.agents import llm, stt, tts

from agent.events import CallCosted, Event, ProviderFailed
from agent.profile import Profile, ProviderChoice
from agent.providers import catalog
from agent.providers.breakers import Breakers, breakers_file
from agent.providers.chain.line import ChainedRole, Line, Link, told
from agent.providers.chain.llm import ChainedLLM, Manner
from agent.providers.chain.stt import ChainedSTT, Ends
from agent.providers.chain.tts import ChainedTTS
from agent.providers.costs import worth
from agent.providers.realtime.ears import RealtimeSTT
from agent.providers.realtime.mind import RealtimeLLM
from agent.providers.realtime.voice import RealtimeTTS
from agent.providers.realtime.wire import Wire
from agent.providers.spending import Spending, spending_file
from agent.rules.breaker import Failure
from agent.rules.thrift import Thrift

COUNT_EVERY_S = 1.0
PIPELINE = "pipeline"  # the name of all that stands behind a realtime model

P = TypeVar("P", stt.STT[Any], llm.LLM[Any], tts.TTS[Any])


class Chains:
    """One per call. `emit` hears what providers do; in `var_dir` the worker's calls tell each other who is down, and
    what the day has cost."""

    def __init__(
        self,
        profile: Profile,
        var_dir: Path,
        emit: Callable[[Event], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._profile = profile
        self._emit = emit
        self._breakers = Breakers(breakers_file(var_dir), told(emit))
        today = lambda: clock().astimezone(profile.zone).date()  # noqa: E731  # a day is the profile's
        self._spending = Spending(spending_file(var_dir), profile.name, profile.costs, today)
        self._worths: dict[ChainedRole, list[int]] = {}
        self.hearers: list[tuple[ProviderChoice, stt.STT[Any]]] = []
        self._realtime_name, self._realtime_worth = "", 0
        self.wire = self._build_wire(profile.providers.realtime)

    @property
    def is_needed(self) -> bool:
        """False where each role has one provider only: then nobody need know who is down."""
        is_chained = any(len(catalog.chain(role, self._profile.providers)) > 1 for role in catalog.ROLES)
        return is_chained or self.wire is not None

    @property
    def pronounces(self) -> bool:
        """True when the voice turns what is written into what is said by itself."""
        first, *others = catalog.chain("tts", self._profile.providers)
        return bool(others) or self.wire is not None or catalog.can("tts", first).pronounces

    async def run(self, on_spent: Callable[[], None]) -> None:
        """Learn who is down, tell it, and try whether they work again; add up what is spent. Until cancelled.
        `on_spent` is called as long as nothing may be spent any more and a role has nobody who works for nothing."""
        async with asyncio.TaskGroup() as tasks:
            if self.is_needed:
                tasks.create_task(self._breakers.run())
            if self._profile.costs.per_call_cents or self._profile.costs.per_day_cents:
                tasks.create_task(self._count(on_spent))

    async def aclose(self) -> CallCosted:
        """Tell the other calls what was learnt last; what this one has cost."""
        await self._spending.share()
        if self.is_needed:
            await self._breakers.share()
        return self._spending.told()

    async def _count(self, on_spent: Callable[[], None]) -> None:
        while True:
            await self._spending.share()
            if self._spending.thrift is Thrift.FREE and any(min(worths) for worths in self._worths.values()):
                on_spent()
            await asyncio.sleep(COUNT_EVERY_S)

    def build_ears(
        self, lent: catalog.Lent, ends: Callable[[], Ends], on_sound: Callable[[rtc.AudioFrame], None]
    ) -> stt.STT[Any]:
        """Who hears; in a chain `ends` and `on_sound` are for those that do not end turns by themselves. Raises
        ConfigError."""
        assert lent.vad
        links = self._links("stt", lambda choice: catalog.build_stt(choice, lent))
        choices = catalog.chain("stt", self._profile.providers)
        self.hearers = [(choice, link.it) for choice, link in zip(choices, links, strict=True)]
        if self.wire and self.wire.has_turns:
            server: stt.STT[Any] = RealtimeSTT(self.wire, lent.language)
            links.insert(0, Link(self._realtime_name, server, is_local=False, has_turns=True))
        return ChainedSTT(self._line("stt", links), lent.vad, ends, on_sound) if links[1:] else links[0].it

    def build_mind(self, lent: catalog.Lent) -> llm.LLM[Any]:
        """Who thinks in words. Raises ConfigError."""
        links = self._links("llm", lambda choice: catalog.build_llm(choice, lent))
        return ChainedLLM(self._line("llm", links), self._manner, self._emit) if links[1:] else links[0].it

    def with_realtime(self, mind: llm.LLM[Any]) -> llm.LLM[Any]:
        """The realtime model of the profile, and behind it that mind; the mind alone where there is none."""
        if self.wire is None:
            return mind
        whole: Link[llm.LLM[Any]] = Link(self._realtime_name, RealtimeLLM(self.wire), False, self._realtime_worth)
        behind = Link(PIPELINE, mind, catalog.is_understanding(self._profile.providers), min(self._worths["llm"]))
        return ChainedLLM(self._line("llm", [whole, behind]), self._manner, self._emit)

    def build_voice(self, lent: catalog.Lent) -> tts.TTS[Any]:
        """Who speaks. Raises ConfigError."""
        links = self._links("tts", lambda choice: catalog.build_tts(choice, lent))
        said = catalog.pronunciation_of(self._profile).spoken
        voice = ChainedTTS(self._line("tts", links), said) if links[1:] else links[0].it
        if self.wire is None:
            return voice
        first = catalog.first("tts", self._profile.providers)
        pronounces = bool(links[1:]) or catalog.can("tts", first).pronounces
        return RealtimeTTS(self.wire, voice, str if pronounces else said, self._on_stalled)

    @property
    def _manner(self) -> Manner:
        chosen = self._profile.hedging
        return Manner(chosen.after_s, chosen.share, self._profile.sentences.corrected)

    def _build_wire(self, choice: ProviderChoice | None) -> Wire | None:
        """Raises ConfigError."""
        if choice is None:
            return None
        model, options = catalog.build_realtime(choice, self._profile.language)
        price = catalog.price("realtime", choice)
        self._realtime_name = f"{choice.name}/{options.model}"
        self._realtime_worth = worth(price)
        used = self._spending.listener("llm", self._realtime_name, price)
        return Wire(model, has_turns=options.turns == "server", on_metrics=used)

    def _on_stalled(self) -> None:
        reason = Failure.STALLED.value
        self._emit(ProviderFailed(role="tts", provider=self._realtime_name, reason=reason, is_recoverable=True))

    def _links(self, role: ChainedRole, build: Callable[[ProviderChoice], P]) -> list[Link[P]]:
        links: list[Link[P]] = []
        for choice in catalog.chain(role, self._profile.providers):
            price, it = catalog.price(role, choice), build(choice)
            it.on("metrics_collected", self._spending.listener(role, name_of(choice), price))
            links.append(Link(name_of(choice), it, catalog.entry_of(role, choice).is_local, worth(price)))
        self._worths[role] = [link.worth for link in links]
        return links

    def _line(self, role: ChainedRole, links: list[Link[P]]) -> Line[P]:
        return Line(role, links, self._breakers, self._emit, lambda: self._spending.thrift)


def name_of(choice: ProviderChoice) -> str:
    """In events, metrics and on the health page: its name, with its model where the profile names one."""
    model = choice.options.get("model")
    return f"{choice.name}/{model}" if model else choice.name
