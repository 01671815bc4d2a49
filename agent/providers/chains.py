"""Chains: one call's ears, mind and voice, put together as the profile's `providers` say: a provider alone where one is
named, a chain where several are."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from livekit import rtc
from livekit.agents import llm, stt, tts

from agent.errors import ConfigError
from agent.events import CallCosted, Event, ProviderFailed, TurnWeighed
from agent.profile.choices import ProviderChoice
from agent.profile.profile import Profile
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
from agent.rules.hardness import Why
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
        self.ends_turns = False  # whoever hears asks our endpointing by itself
        self.hears_murmurs = False  # a lone STT makes words of them
        # for how many seconds the caller has made no sound; None where nobody knows
        self.silent_s: Callable[[], float | None] = lambda: None
        self.prepare: Callable[[str], None] | None = None  # gets what is likely to be said next, for a voice alone
        # chains, where there are several providers or languages
        self._ears: ChainedSTT | None = None
        self._mind: ChainedLLM | None = None
        self._voice: ChainedTTS | None = None
        self._minds: list[Link[llm.LLM[Any]]] = []
        self._realtime_name, self._realtime_worth = "", 0
        self.wire = self._build_wire(profile.providers.realtime)

    @property
    def is_needed(self) -> bool:
        """False where each role has one provider only: then nobody need know who is down."""
        is_chained = any(len(catalog.chain(role, self._profile.providers)) > 1 for role in catalog.ROLES)
        return is_chained or bool(self._profile.languages) or self.wire is not None

    @property
    def pronounces(self) -> bool:
        """True when the voice turns what is written into what is said by itself."""
        first, *others = catalog.chain("tts", self._profile.providers)
        is_chained = bool(others or self._profile.languages or self.wire)
        return is_chained or catalog.can("tts", first).pronounces

    def tell_unheard(self, on_unheard: Callable[[float | None], None]) -> None:
        """Who hears when speech is over that no STT of a chain has words for yet."""
        if self._ears:
            self._ears.on_unheard = on_unheard

    async def run(self, on_spent: Callable[[], None]) -> None:
        """Learn who is down, tell it, and try whether they work again; add up what is spent. Until cancelled.
        `on_spent` is called as long as nothing may be spent any more and a role has nobody who works for nothing."""
        async with asyncio.TaskGroup() as tasks:
            if self.is_needed:
                tasks.create_task(self._breakers.run())
            costs = self._profile.costs
            if costs.per_call_cents or costs.per_day_cents or costs.on_page:
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
            if self._profile.costs.on_page and (grown := self._spending.grown()):
                self._emit(grown)
            if self._spending.thrift is Thrift.FREE and any(min(worths) for worths in self._worths.values()):
                on_spent()
            await asyncio.sleep(COUNT_EVERY_S)

    def build_ears(
        self, lent: catalog.Lent, ends: Callable[[], Ends], on_sound: Callable[[rtc.AudioFrame], None]
    ) -> stt.STT[Any]:
        """Who hears; in a chain `ends` and `on_sound` are for those that do not end turns by themselves. Raises
        ConfigError."""
        assert lent.vad
        links = self._hearing(lent)
        if self.wire and self.wire.has_turns:
            server: stt.STT[Any] = RealtimeSTT(self.wire, lent.language)
            links.insert(0, Link(self._realtime_name, server, is_local=False, has_turns=True))
        if not links[1:] and not self._profile.languages:
            choice, alone = self.hearers[0]
            can = catalog.can("stt", choice)
            self.ends_turns, self.hears_murmurs = can.asks_endpointing, can.hears_murmurs
            self.silent_s = catalog.silence_of(choice, alone) or self.silent_s
            return alone
        self.ends_turns = True
        self._ears = ChainedSTT(self._line("stt", links), lent.vad, ends, on_sound)
        return self._ears

    def build_mind(self, lent: catalog.Lent, weigh: Callable[[llm.ChatContext], Why] | None = None) -> llm.LLM[Any]:
        """Who thinks in words; `weigh` says how hard a turn is, where the profile has LLMs for hard ones. Raises
        ConfigError."""
        links = self._minds = self._links("llm", lambda choice: catalog.build_llm(choice, lent))
        if not links[1:]:
            return links[0].it
        is_hard = partial(self._is_hard, weigh) if weigh and self._profile.hard_turns.llm else lambda _: False
        self._mind = ChainedLLM(self._line("llm", links), self._manner, self._emit, is_hard)
        return self._mind

    def _is_hard(self, weigh: Callable[[llm.ChatContext], Why], history: llm.ChatContext) -> bool:
        why = weigh(history)
        self._emit(TurnWeighed(is_hard=why.is_hard, why=why.value))
        return why.is_hard

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
        voice = links[0].it
        if links[1:] or self._profile.languages:
            voice = self._voice = ChainedTTS(self._line("tts", links), said)
        first = catalog.first("tts", self._profile.providers)
        if self.wire is None:
            self.prepare = None if self._voice else catalog.prepares_with(first, voice)
            return voice
        pronounces = self._voice is not None or catalog.can("tts", first).pronounces
        return RealtimeTTS(self.wire, voice, str if pronounces else said, self._on_stalled)

    def speak(self, profile: Profile, voice: catalog.Lent, ears: catalog.Lent) -> None:
        """Go on in the language that this version of the profile is in: who speaks from the next reply on, who thinks
        from the next answer on, who hears from the next turn on. Raises ConfigError."""
        self._profile = profile
        if self._voice:
            links = self._links("tts", lambda choice: catalog.build_tts(choice, voice))
            self._voice.use(links, catalog.pronunciation_of(profile).spoken)
        if self._mind:
            names = {name_of(choice) for choice in catalog.chain("llm", profile.providers)}
            self._mind.line.use([link for link in self._minds if link.name in names])
        if self._ears:
            self._ears.use(self._hearing(ears))

    def _hearing(self, lent: catalog.Lent) -> list[Link[stt.STT[Any]]]:
        links = self._links("stt", lambda choice: catalog.build_stt(choice, lent))
        choices = catalog.chain("stt", self._profile.providers)
        self.hearers = [(choice, link.it) for choice, link in zip(choices, links, strict=True)]
        return links

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
            name, is_local = name_of(choice), catalog.entry_of(role, choice).is_local
            is_for_hard = role == "llm" and name in self._profile.hard_turns.llm
            links.append(Link(name, it, is_local, worth(price), is_for_hard))
        self._worths[role] = [link.worth for link in links]
        return links

    def _line(self, role: ChainedRole, links: list[Link[P]]) -> Line[P]:
        return Line(role, links, self._breakers, self._emit, lambda: self._spending.thrift)


def check_hard_turns(profile: Profile) -> None:
    """Raises ConfigError when an LLM for hard turns is none of the chain's."""
    known = [name_of(choice) for choice in catalog.chain("llm", profile.providers)]
    for name in profile.hard_turns.llm:
        if name not in known:
            raise ConfigError(
                f"hard_turns.llm: {name!r} is none of providers.llm, which are {', '.join(known)} (see docs/profile.md)"
            )


def name_of(choice: ProviderChoice) -> str:
    """In events, metrics and on the health page: its name, with its model where the profile names one."""
    model = choice.options.get("model")
    return f"{choice.name}/{model}" if model else choice.name
