"""A call's cost against a calculation by hand, and what happens at a ceiling."""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from livekit.agents.metrics import LLMMetrics, STTMetrics, TTSMetrics

from agent.events import CostGrew
from agent.profile.choices import ProviderChoice
from agent.profile.profile import CostChoice
from agent.providers import catalog
from agent.providers.breakers import Breakers
from agent.providers.catalog import Price
from agent.providers.chain.line import Line, Link
from agent.providers.costs import Usage, micros
from agent.providers.spending import Spending, spending_file
from agent.rules.thrift import Thrift

TODAY = date(2026, 11, 29)


def heard(seconds: float) -> STTMetrics:
    """What an STT's plugin says it has used."""
    return STTMetrics(label="x", request_id="", timestamp=0, duration=0, audio_duration=seconds, streamed=True)


def thought(given: int, cached: int, said: int) -> LLMMetrics:
    """An LLM's."""
    return LLMMetrics(
        label="x",
        request_id="",
        timestamp=0,
        duration=0,
        ttft=0,
        cancelled=False,
        completion_tokens=said,
        prompt_tokens=given,
        prompt_cached_tokens=cached,
        total_tokens=given + said,
        tokens_per_second=0,
    )


def spoken(characters: int) -> TTSMetrics:
    """A TTS's."""
    return TTSMetrics(
        label="x",
        request_id="",
        timestamp=0,
        ttfb=0,
        duration=0,
        audio_duration=0,
        cancelled=False,
        characters_count=characters,
        streamed=True,
    )


@dataclass
class Calls:
    """Calls of one worker, each with its own spending."""

    folder: Path
    day: date = TODAY

    def begin(self, **ceilings: int) -> Spending:
        """One more."""
        return Spending(spending_file(self.folder), "shop", CostChoice.model_validate(ceilings), lambda: self.day)


def price_of(role: catalog.Role, name: str, model: str) -> Price:
    """Of the catalog, as a profile names it."""
    found = catalog.price(role, ProviderChoice(name=name, options={"model": model} if model else {}))
    assert found is not None
    return found


@pytest.mark.usefixtures("with_keys")
def test_three_minutes_with_the_named_three_cost_what_a_hand_reckons(tmp_path: Path) -> None:
    """Deepgram hears the whole call, the LLM is asked twelve times, 1350 characters are spoken."""
    spending = Calls(tmp_path).begin()
    ears, mind, voice = (
        price_of("stt", "deepgram", "nova-3"),
        price_of("llm", "openai", "gpt-4o-mini"),
        price_of("tts", "cartesia", "sonic-3"),
    )
    for _ in range(36):  # Deepgram's plugin tells every five seconds
        spending.listener("stt", "deepgram", ears)(heard(5.0))
    for _ in range(12):
        spending.listener("llm", "openai", mind)(thought(given=1500, cached=1024, said=40))
    for _ in range(9):
        spending.listener("tts", "cartesia", voice)(spoken(150))
    told = spending.told()
    assert told.stt_cents == pytest.approx(3 * 0.77, abs=0.01)  # $0.0077 a minute
    # 476 new tokens at $0.15, 1024 kept ones at $0.075 and 40 of answer at $0.60 a million, twelve times
    assert told.llm_cents == pytest.approx(12 * (476 * 0.15 + 1024 * 0.075 + 40 * 0.60) / 10_000, abs=0.01)
    assert told.tts_cents == pytest.approx(1350 * voice.per_million_characters / 10_000, abs=0.01)
    assert told.total_cents == pytest.approx(told.stt_cents + told.llm_cents + told.tts_cents, abs=0.001)
    assert told.unpriced == "" and told.prices_of == min(p.as_of for p in (ears, mind, voice)).isoformat()


@pytest.mark.usefixtures("with_keys")
@pytest.mark.parametrize(
    ("ears", "mind", "voice", "cents"),
    [
        # hearing: cents a minute x 3; thinking: 12 x the cost of 1500 tokens, 1024 of them kept, and 40 of answer;
        # speaking: 1350 characters
        (("deepgram", "nova-3"), ("openai", "gpt-4o-mini"), ("cartesia", "sonic-3"), 2.31 + 0.2066 + 5.292),
        (("deepgram", "nova-3"), ("openai", "gpt-4o-mini"), ("deepgram", "aura-2-andromeda-en"), 2.31 + 0.2066 + 4.05),
        (("deepgram-flux", "flux-general-en"), ("openai", "gpt-4o-mini"), ("hibari", ""), 1.95 + 0.2066),
        (("openai", "gpt-4o-mini-transcribe"), ("openai", "gpt-4o-mini"), ("hibari", ""), 0.90 + 0.2066),
        (("moonshine", ""), ("openai", "gpt-4o-mini"), ("openai", "tts-1"), 0.2066 + 2.025),
        (("moonshine", ""), ("openai", "gpt-4o"), ("hibari", ""), 3.444),
    ],
)
def test_line_ups_against_three_cents_for_three_minutes(
    ears: tuple[str, str], mind: tuple[str, str], voice: tuple[str, str], cents: float, tmp_path: Path
) -> None:
    """docs/providers.md has the same table; whoever changes a price reckons anew."""
    spending = Calls(tmp_path).begin()
    used = {"stt": heard(180.0), "tts": spoken(1350)}
    for role, chosen in (("stt", ears), ("tts", voice)):
        spending.listener(role, chosen[0], price_of(role, *chosen))(used[role])  # type: ignore[arg-type]  # two roles
    for _ in range(12):
        spending.listener("llm", mind[0], price_of("llm", *mind))(thought(given=1500, cached=1024, said=40))
    assert spending.told().total_cents == pytest.approx(cents, abs=0.01)


def test_what_the_page_shows_is_told_when_it_has_grown_and_only_then(tmp_path: Path) -> None:
    """By role, in cents."""
    spending = Calls(tmp_path).begin()
    assert spending.grown() is None
    spending.listener("stt", "deepgram", Price(TODAY, per_minute=0.006))(heard(10.0))
    spending.listener("tts", "cartesia", Price(TODAY, per_million_characters=50.0))(spoken(40))
    assert spending.grown() == CostGrew(stt_cents=0.1, llm_cents=0.0, tts_cents=0.2, total_cents=0.3)
    assert spending.grown() is None


def test_what_is_local_costs_nothing_and_what_has_no_price_is_named(tmp_path: Path) -> None:
    """A sum that lacks something says what."""
    spending = Calls(tmp_path).begin()
    spending.listener("stt", "moonshine", catalog.price("stt", ProviderChoice(name="moonshine")))(heard(60.0))
    spending.listener("llm", "openai/my-own", None)(thought(1000, 0, 100))
    told = spending.told()
    assert (told.total_cents, told.unpriced, told.prices_of) == (0.0, "llm openai/my-own", "")


def test_a_sum_of_small_uses_is_not_rounded_away() -> None:
    """One token is a fraction of a millionth; a thousand requests are not nothing."""
    price = Price(TODAY, per_million_input=0.15, per_million_output=0.6)
    assert 1000 * micros(price, Usage(input_tokens=100, output_tokens=10)) == pytest.approx(21_000, rel=0.01)


async def test_a_call_saves_before_its_ceiling_and_stops_at_it(tmp_path: Path) -> None:
    """Nine cents of ten: the cheapest; ten: those that cost nothing."""
    spending = Calls(tmp_path).begin(per_call_cents=10)
    listen = spending.listener("stt", "deepgram", Price(TODAY, per_minute=0.01))
    steps = [Thrift.NONE]
    for _ in range(10):
        listen(heard(60.0))
        steps.append(spending.thrift)
    assert steps == [Thrift.NONE] * 8 + [Thrift.CHEAPEST] * 2 + [Thrift.FREE]


async def test_the_calls_of_a_day_add_up_and_the_next_day_begins_anew(tmp_path: Path) -> None:
    """A call that has only begun saves, too, when others have spent the day's sum."""
    calls = Calls(tmp_path)
    price = Price(TODAY, per_minute=0.01)
    for _ in range(2):
        call = calls.begin(per_day_cents=10)
        call.listener("stt", "deepgram", price)(heard(300.0))
        await call.share()
    third = calls.begin(per_day_cents=10)
    steps = [third.thrift]  # it has not asked yet
    await third.share()
    steps.append(third.thrift)
    calls.day = date(2026, 11, 30)
    await third.share()
    assert [*steps, third.thrift] == [Thrift.NONE, Thrift.FREE, Thrift.NONE]


def test_a_chain_that_must_save_asks_the_cheapest_and_at_last_only_what_costs_nothing() -> None:
    """Its order else is the profile's."""
    saves = [Thrift.NONE]
    links = [
        Link("dear", 1, is_local=False, worth=900),
        Link("cheap", 2, is_local=False, worth=30),
        Link("local", 3, is_local=True),
    ]

    def line_of(links: list[Link[int]]) -> Line[int]:
        return Line("llm", links, Breakers(None, print, time.time), print, lambda: saves[0])

    def names(line: Line[int]) -> list[str]:
        return [link.name for link in line.order()]

    with_local, without = line_of(links), line_of(links[:2])
    assert names(with_local) == ["dear", "cheap", "local"]
    saves[0] = Thrift.CHEAPEST
    assert names(with_local) == ["local", "cheap", "dear"] and names(without) == ["cheap", "dear"]
    saves[0] = Thrift.FREE
    assert names(with_local) == ["local"] and names(without) == ["cheap"]
