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
from agent.events import CallCosted, Event, TurnWeighed
from agent.profile import Profile, ProviderChoice
from agent.providers import catalog
from agent.providers.breakers import Breakers, breakers_file
from agent.providers.chain.line import ChainedRole, Line, Link, told
from agent.providers.chain.llm import ChainedLLM, Manner
from agent.providers.chain.stt import ChainedSTT, Ends
from agent.providers.chain.tts import ChainedTTS
from agent.providers.costs import worth
from agent.providers.spending import Spending, spending_file
from agent.rules.hardness import Why
from agent.rules.thrift import Thrift

COUNT_EVERY_S = 1.0

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
        # chains, where there are several providers or languages
        self._ears: ChainedSTT | None = None
        self._mind: ChainedLLM | None = None
        self._voice: ChainedTTS | None = None
        self._minds: list[Link[llm.LLM[Any]]] = []

    @property
    def is_needed(self) -> bool:
        """False where each role has one provider only: then nobody need know who is down."""
        return bool(self._profile.languages) or any(
            len(catalog.chain(role, self._profile.providers)) > 1 for role in catalog.ROLES
        )

    @property
    def pronounces(self) -> bool:
        """True when the voice turns what is written into what is said by itself."""
        first, *others = catalog.chain("tts", self._profile.providers)
        return bool(others or self._profile.languages) or catalog.can("tts", first).pronounces

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
        if not links[1:] and not self._profile.languages:
            return links[0].it
        self._ears = ChainedSTT(self._line("stt", links), lent.vad, ends, on_sound)
        return self._ears

    def build_mind(self, lent: catalog.Lent, weigh: Callable[[llm.ChatContext], Why] | None = None) -> llm.LLM[Any]:
        """Who thinks; `weigh` says how hard a turn is, where the profile has LLMs for hard ones. Raises ConfigError."""
        links = self._links("llm", lambda choice: catalog.build_llm(choice, lent))
        chosen = self._profile.hedging
        manner = Manner(chosen.after_s, chosen.share, self._profile.sentences.corrected)
        self._minds = links
        if not links[1:]:
            return links[0].it
        is_hard = partial(self._is_hard, weigh) if weigh and self._profile.hard_turns.llm else lambda _: False
        self._mind = ChainedLLM(self._line("llm", links), manner, self._emit, is_hard)
        return self._mind

    def _is_hard(self, weigh: Callable[[llm.ChatContext], Why], history: llm.ChatContext) -> bool:
        why = weigh(history)
        self._emit(TurnWeighed(is_hard=why.is_hard, why=why.value))
        return why.is_hard

    def build_voice(self, lent: catalog.Lent) -> tts.TTS[Any]:
        """Who speaks. Raises ConfigError."""
        links = self._links("tts", lambda choice: catalog.build_tts(choice, lent))
        said = catalog.pronunciation_of(self._profile).spoken
        if not links[1:] and not self._profile.languages:
            return links[0].it
        self._voice = ChainedTTS(self._line("tts", links), said)
        return self._voice

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
