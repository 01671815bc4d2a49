"""A call's ears, mind and voice as its profile names them: alone, or in a chain."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import llm, utils, vad
from livekit.plugins import openai

from agent.config import ROOT
from agent.errors import ConfigError
from agent.events import Event, TurnWeighed
from agent.profile.choices import HardTurnChoice, LanguageChoice, ProviderChoice
from agent.profile.profile import CostChoice, Profile, load_profile
from agent.providers.catalog import Lent
from agent.providers.chain.line import Link
from agent.providers.chain.llm import ChainedLLM
from agent.providers.chain.stt import ChainedSTT
from agent.providers.chain.tts import ChainedTTS
from agent.providers.chains import COUNT_EVERY_S, Chains, check_hard_turns
from agent.providers.local.local_tts import LocalTTS
from agent.providers.local.moonshine import MoonshineSTT
from agent.providers.local.speech_client import SpeechClient
from agent.rules.hardness import Why
from tests.agent.providers.test_costs import thought
from tests.fakes.providers import as_it_is

pytestmark = pytest.mark.usefixtures("with_keys")


def profile_of(**chains: Sequence[str | dict[str, object]]) -> Profile:
    """The shop with these."""
    shop = load_profile("shop", ROOT / "profiles")
    chosen = {role: tuple(map(ProviderChoice.model_validate, names)) for role, names in chains.items()}
    return shop.model_copy(update={"providers": shop.providers.model_copy(update=chosen)})


@pytest.fixture
def lent(silero_vad: vad.VAD) -> Lent:
    """What a call lends; whoever understands is of no matter here."""
    return Lent(SpeechClient(Path("nowhere")), vad=silero_vad, understanding=lambda: openai.LLM(api_key="none"))


async def test_one_provider_stands_alone(tmp_path: Path, lent: Lent) -> None:
    """As if there were no chains."""
    chains = Chains(profile_of(stt=["local"], llm=["local"], tts=["local"]), tmp_path, print)
    assert isinstance(chains.build_ears(lent, lambda: as_it_is, print), MoonshineSTT)
    assert isinstance(chains.build_voice(lent), LocalTTS)
    assert not isinstance(chains.build_mind(lent), ChainedLLM)
    assert not chains.is_needed and chains.pronounces


async def test_several_are_a_chain_with_the_local_one_marked(tmp_path: Path, lent: Lent) -> None:
    """Each by its name, with its model where the profile names one."""
    profile = profile_of(
        stt=["deepgram", "local"], llm=["openai/gpt-4o", "openai/gpt-4o-mini", "local"], tts=["cartesia", "local"]
    )
    chains = Chains(profile, tmp_path, print)
    async with utils.http_context.open():
        ears, mind = chains.build_ears(lent, lambda: as_it_is, print), chains.build_mind(lent)
        voice = chains.build_voice(lent)
        assert isinstance(ears, ChainedSTT) and isinstance(mind, ChainedLLM) and isinstance(voice, ChainedTTS)
        links: list[Link[Any]] = [*ears.line.links, *mind.line.links, *voice.line.links]
        assert [link.name for link in links] == [
            *("deepgram", "moonshine"),
            *("openai/gpt-4o", "openai/gpt-4o-mini", "understanding"),
            *("cartesia", "hibari"),
        ]
        assert [link.name for link in links if link.is_local] == ["moonshine", "understanding", "hibari"]
        assert mind.line.links[0].worth > mind.line.links[1].worth > mind.line.links[2].worth == 0
        assert [choice.name for choice, _ in chains.hearers] == ["deepgram", "moonshine"]
        await asyncio.gather(ears.aclose(), mind.aclose(), voice.aclose())
    assert chains.is_needed and chains.pronounces


async def test_those_for_hard_turns_are_marked_and_each_turn_is_weighed(tmp_path: Path, lent: Lent) -> None:
    """A name that is none of the chain's is refused before a call."""
    profile = profile_of(stt=["local"], llm=["openai/gpt-4o-mini", "openai/gpt-4o", "local"], tts=["local"])
    chosen = profile.model_copy(update={"hard_turns": HardTurnChoice(llm=("openai/gpt-4o",))})
    told: list[Event] = []
    mind = Chains(chosen, tmp_path, told.append).build_mind(lent, lambda _: Why.FAILED)
    assert isinstance(mind, ChainedLLM)
    assert [link.name for link in mind.line.links if link.is_for_hard] == ["openai/gpt-4o"]
    assert mind.is_hard(llm.ChatContext.empty()) and told == [TurnWeighed(is_hard=True, why="failed")]
    check_hard_turns(chosen)
    with pytest.raises(ConfigError, match=r"'openai/gpt-9' is none of providers\.llm"):
        check_hard_turns(profile.model_copy(update={"hard_turns": HardTurnChoice(llm=("openai/gpt-9",))}))
    await mind.aclose()


@pytest.mark.parametrize(("minds", "is_told"), [(["openai/gpt-4o"], True), (["openai/gpt-4o", "local"], False)])
async def test_a_call_that_has_spent_all_is_told_where_nobody_works_for_nothing(
    minds: list[str], is_told: bool, tmp_path: Path, lent: Lent
) -> None:
    """With a local one behind it the call goes on; what was spent is told at the end either way."""
    profile = profile_of(stt=["local"], llm=minds, tts=["local"])
    spent: list[bool] = []
    chains = Chains(profile.model_copy(update={"costs": CostChoice(per_call_cents=1)}), tmp_path, print)
    mind = chains.build_mind(lent)
    first = mind.line.links[0].it if isinstance(mind, ChainedLLM) else mind
    running = asyncio.create_task(chains.run(lambda: spent.append(True)))
    await asyncio.sleep(0.2)
    assert not spent
    first.emit("metrics_collected", thought(given=5000, cached=0, said=0))  # 1.25 cents of gpt-4o
    await asyncio.sleep(COUNT_EVERY_S + 0.2)
    assert bool(spent) is is_told
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await chains.aclose()).llm_cents == 1.25


async def test_a_call_goes_on_in_another_language_with_those_who_know_it(tmp_path: Path, lent: Lent) -> None:
    """One provider alone is a chain where languages may change; the last one's links close with the others."""
    profile = profile_of(stt=["deepgram", "local"], llm=["openai", "local"], tts=["cartesia"])
    profile = profile.model_copy(update={"languages": {"es": LanguageChoice(voice={"cartesia": "voz"})}})
    spanish = profile.model_copy(
        update={
            "language": "es",
            "providers": profile_of(stt=["deepgram"], llm=["openai"], tts=["cartesia"]).providers,
        }
    )
    chains = Chains(profile, tmp_path, print)
    async with utils.http_context.open():
        ears, mind = chains.build_ears(lent, lambda: as_it_is, print), chains.build_mind(lent)
        voice = chains.build_voice(lent)
        assert isinstance(ears, ChainedSTT) and isinstance(mind, ChainedLLM) and isinstance(voice, ChainedTTS)
        assert voice.pronounce("1 mesa") == "one mesa"
        other = replace(lent, language="es", locale="es")
        chains.speak(spanish, other, replace(other, may_be_another=True))
        assert [link.name for line in (ears.line, mind.line, voice.line) for link in line.links] == [
            *("deepgram", "openai", "cartesia"),
        ]
        assert [choice.name for choice, _ in chains.hearers] == ["deepgram"]
        assert voice.pronounce("1 mesa") == "una mesa"
        await asyncio.gather(ears.aclose(), mind.aclose(), voice.aclose())
