"""The profile's own sentences as sound on disk: made once, by the first voice, and there when it is down."""

import asyncio
from pathlib import Path

import pytest

from agent.config import ROOT
from agent.profile.choices import ProviderChoice
from agent.profile.profile import Profile, load_profile
from agent.providers.local.local_models import Option
from agent.providers.local.speech_client import SpeechClient
from agent.providers.rendered import frame_of, keep_sentences, kept_sentences
from tests.fakes.openai_server import OpenAIServer, serving

SENTENCES = ("Sorry, something went wrong.", "One moment, please.")


def profile_of(base_url: str, voice: str = "ash") -> Profile:
    """The shop with a voice that is paid for, here on loopback."""
    shop = load_profile("shop", ROOT / "profiles")
    options: dict[str, Option] = {"base_url": base_url, "voice": voice, "response_format": "wav"}
    providers = shop.providers.model_copy(update={"tts": (ProviderChoice(name="openai", options=options),)})
    return shop.model_copy(update={"providers": providers})


@pytest.fixture
def client() -> SpeechClient:
    """Of nobody: a voice of the cloud needs none."""
    return SpeechClient(Path("nowhere"))


async def test_sentences_are_rendered_once_and_found_by_every_call(tmp_path: Path, client: SpeechClient) -> None:
    """The second start asks for nothing; another voice begins anew."""
    async with serving(OpenAIServer()) as server:
        profile = profile_of(server.base_url)
        for _ in range(2):
            await keep_sentences(profile, SENTENCES, client, tmp_path)
        assert len(server.asked) == len(SENTENCES)
        await keep_sentences(profile_of(server.base_url, voice="coral"), SENTENCES, client, tmp_path)
        assert len(server.asked) == 2 * len(SENTENCES)
    kept = kept_sentences(profile, tmp_path)
    await asyncio.to_thread(kept.load)
    sound = kept.find(SENTENCES[0])
    assert sound is not None and 0.4 < frame_of(sound).duration < 0.6


async def test_a_voice_that_is_down_costs_a_warning(
    tmp_path: Path, client: SpeechClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker starts all the same, and calls render what they need."""
    async with serving(OpenAIServer(status=500)) as server:
        await keep_sentences(profile_of(server.base_url), SENTENCES, client, tmp_path)
    assert [record.message for record in caplog.records if record.name == "parley.providers"] == ["sentences not kept"]


async def test_a_local_voice_has_its_phrases_elsewhere(tmp_path: Path, client: SpeechClient) -> None:
    """In the speech process, for all calls."""
    shop = load_profile("shop", ROOT / "profiles")
    await keep_sentences(shop, SENTENCES, client, tmp_path)
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
