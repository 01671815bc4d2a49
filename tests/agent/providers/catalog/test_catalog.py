"""Names and options of profile.yaml become plugins, or one sentence about what is wrong."""

import math
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, llm, stt, vad
from livekit.plugins import openai

from agent.config import ROOT
from agent.errors import ConfigError
from agent.profile.choices import ProviderChoice, Providers
from agent.providers import catalog
from agent.providers.catalog import Lent, Role
from agent.providers.local.local_models import Option
from agent.providers.local.local_tts import LocalTTS
from agent.providers.local.speech_client import SpeechClient
from tests.agent.providers.conftest import say
from tests.fakes.calls import shop
from tests.fakes.openai_server import OpenAIServer, serving


@pytest.fixture
def lent(client: SpeechClient, silero_vad: vad.VAD) -> Lent:
    """What a call lends."""
    return Lent(client, vad=silero_vad)


@pytest.fixture
async def endpoint() -> AsyncIterator[OpenAIServer]:
    """An OpenAI-compatible endpoint of one's own."""
    async with serving(OpenAIServer()) as server:
        yield server


def providers(**roles: ProviderChoice) -> Providers:
    """One for each role that is named, local ones for the others."""
    return Providers.model_validate(roles)


def choice(name: str, **options: Option) -> ProviderChoice:
    """A provider as profile.yaml names it."""
    return ProviderChoice(name=name, options=options)


def test_the_defaults_need_no_key_and_the_speech_process() -> None:
    """A fresh checkout talks."""
    catalog.check(Providers())
    assert catalog.speech_arguments(Providers()) == ()


@pytest.mark.parametrize(
    ("role", "chosen", "sentence"),
    [
        (
            "stt",
            choice("whisper"),
            r"providers\.stt: unknown name 'whisper'; there are moonshine, cartesia, deepgram, deepgram-flux, openai",
        ),
        (
            "llm",
            choice("gpt"),
            r"providers\.llm: unknown name 'gpt'; there are understanding, anthropic, ollama, openai",
        ),
        ("tts", choice("hibari", vioce="x"), r"providers\.tts: hibari has no option 'vioce'; its options: voice"),
        ("llm", choice("understanding", model="x"), r"understanding has no option 'model'; its options: none"),
        ("tts", choice("openai", speed="fast"), r"option speed must be a number"),
        ("stt", choice("deepgram", endpointing_ms=True), r"endpointing_ms must be a whole number"),
        ("stt", choice("deepgram"), r"deepgram needs the environment variable DEEPGRAM_API_KEY; .* choose moonshine"),
        (
            "stt",
            choice("deepgram-flux", base_url="ws://x", eager_eot_threshold=0.9),
            r"eager_eot_threshold 0\.9 is above eot_threshold 0\.7",
        ),
        ("llm", choice("openai"), r"openai needs the environment variable OPENAI_API_KEY; .* choose understanding"),
        ("tts", choice("openai", base_url="http://x", api_key_variable="MY_KEY"), r"variable MY_KEY"),
        (
            "stt",
            choice("deepgram", language="tlh"),
            r"deepgram does not know the language tlh; it knows bg, ca,",
        ),
        ("tts", choice("cartesia", language="la-VA"), r"cartesia does not know the language la-VA; it knows ar, bg,"),
        ("tts", choice("hibari", voice="/nowhere/v.onnx"), r"hibari: option voice: /nowhere/v\.onnx is not there"),
        ("tts", choice("piper", voice="/nowhere/v.onnx"), r"piper: option voice: /nowhere/v\.onnx is not there"),
        ("stt", choice("moonshine", folder="/nowhere"), r"option folder: /nowhere is not there"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_the_cure(role: Role, chosen: ProviderChoice, sentence: str) -> None:
    """An operator's mistake is met at the worker's start, and its message names what there is instead."""
    with pytest.raises(ConfigError, match=sentence) as caught:
        catalog.check(Providers.model_validate({role: chosen}))
    assert "\n" not in str(caught.value)


def test_a_voice_without_its_settings_is_refused(tmp_path: Path) -> None:
    """Piper voices are two files."""
    (tmp_path / "voice.onnx").touch()
    with pytest.raises(ConfigError, match=r"settings: .*voice\.onnx\.json is not there"):
        catalog.check(providers(tts=choice("piper", voice=str(tmp_path / "voice.onnx"))))


def test_own_model_files_reach_the_speech_process(tmp_path: Path) -> None:
    """Voice and folder of the profile become the process's command line."""
    (tmp_path / "voice.onnx").touch()
    (tmp_path / "voice.onnx.json").touch()
    own = providers(
        stt=choice("moonshine", folder=str(tmp_path), arch="base"),
        tts=choice("piper", voice=str(tmp_path / "voice.onnx")),
    )
    assert catalog.speech_arguments(own) == (
        *("--moonshine-folder", str(tmp_path), "--moonshine-arch", "base"),
        *("--tts", "piper", "--piper-voice", str(tmp_path / "voice.onnx")),
    )


def test_profiles_that_are_served_together_share_a_speech_process(tmp_path: Path) -> None:
    """A model is shared by those that use it; two that want different ones are refused by name."""
    (tmp_path / "voice.onnx").touch()
    (tmp_path / "voice.onnx.json").touch()
    clouds = providers(stt=choice("deepgram"), llm=choice("openai"), tts=choice("cartesia"))
    own = providers(tts=choice("piper", voice=str(tmp_path / "voice.onnx")))
    ears = providers(tts=choice("cartesia"))
    served = {
        name: shop().model_copy(update={"name": name, "providers": chosen})
        for name, chosen in {"a": clouds, "b": Providers(), "c": Providers(), "d": own, "e": ears}.items()
    }
    assert catalog.shared_arguments([served["a"]]) == ("--no-stt", "--no-tts")
    assert catalog.shared_arguments([served["a"], served["b"], served["c"]]) == ()
    for other in "ae":
        assert "--piper-voice" in catalog.shared_arguments([served[other], served["d"]])
    with pytest.raises(ConfigError, match=r"PARLEY_PROFILES: b and d ask for different local models in providers\.tts"):
        catalog.shared_arguments([served["b"], served["d"]])


async def test_the_understanding_is_made_only_when_chosen(endpoint: OpenAIServer, client: SpeechClient) -> None:
    """It needs knowledge and tools, which a cloud LLM does without."""
    own, made = openai.LLM(api_key="test"), list[str]()

    def understanding() -> llm.LLM[Any]:
        made.append("once")
        return own

    lent = Lent(client, understanding=understanding)
    assert catalog.build_llm(choice("understanding"), lent) is own
    catalog.build_llm(choice("openai", base_url=endpoint.base_url), lent)
    assert made == ["once"]


async def test_an_endpoint_of_ones_own_thinks(endpoint: OpenAIServer, lent: Lent) -> None:
    """base_url reaches the real plugin; no key is needed for it."""
    chosen = choice("openai", base_url=endpoint.base_url, model="my-model", temperature=0.2)
    mind = catalog.build_llm(chosen, lent)
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="Hello")
    said = await mind.chat(chat_ctx=context).collect()
    assert said.text.strip() == endpoint.reply
    (path, key, body) = endpoint.asked[0]
    assert (path, key) == ("/v1/chat/completions", "Bearer none")
    assert (body["model"], body["temperature"]) == ("my-model", 0.2)


async def test_an_endpoint_of_ones_own_speaks(
    endpoint: OpenAIServer, lent: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Voice, model and a key from a variable of one's own reach it, and its sound comes back."""
    monkeypatch.setenv("MY_KEY", "sesame")
    chosen = choice("openai", base_url=endpoint.base_url, voice="amy", response_format="wav", api_key_variable="MY_KEY")
    mouth = catalog.build_tts(chosen, lent)
    frame = await mouth.synthesize("Hello.").collect()
    assert frame.duration == pytest.approx(0.5, abs=0.1)
    (path, key, body) = endpoint.asked[0]
    assert (path, key, body["voice"], body["input"]) == ("/v1/audio/speech", "Bearer sesame", "amy", "Hello.")


async def test_an_endpoint_of_ones_own_hears(endpoint: OpenAIServer, client: SpeechClient, lent: Lent) -> None:
    """It cannot stream, so our VAD cuts the utterance and sends it whole."""
    chosen = choice("openai", base_url=endpoint.base_url, model="whisper-1")
    ears = catalog.build_stt(chosen, lent)
    sound = np.concatenate([await say(client, "Where is my order?", 16_000), np.zeros(16_000, np.int16)])
    async with ears.stream() as stream:
        for start in range(0, len(sound) - 159, 160):
            stream.push_frame(rtc.AudioFrame(sound[start : start + 160].tobytes(), 16_000, 1, 160))
        stream.end_input()
        finals = [e.alternatives[0].text async for e in stream if e.type == stt.SpeechEventType.FINAL_TRANSCRIPT]
    assert finals == [endpoint.transcript]
    assert endpoint.asked[0][2]["model"] == "whisper-1"


async def test_an_endpoint_that_refuses_is_an_error_not_silence(endpoint: OpenAIServer, lent: Lent) -> None:
    """A wrong key at the endpoint reaches LiveKit as its own error."""
    endpoint.status = 401
    mind = catalog.build_llm(choice("openai", base_url=endpoint.base_url), lent)
    with pytest.raises(Exception, match="401"):
        await mind.chat(chat_ctx=llm.ChatContext.empty(), conn_options=APIConnectOptions(max_retry=0)).collect()


def test_jobs_never_load_the_models() -> None:
    """GPL Piper and half a gigabyte of weights stay in the speech process."""
    script = (
        "import sys; import agent.providers.catalog, agent.providers.local.moonshine, agent.providers.local.local_tts, "
        "agent.providers.local.supervisor; "
        "print(sorted({'hibari', 'piper', 'moonshine_voice', 'tokenizers'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "[]"


async def test_a_local_voice_is_given_the_profile_s_pronunciation(client: SpeechClient) -> None:
    """The profile's words, not only those that every profile has."""
    mouth = catalog.build_tts(ProviderChoice(name="hibari"), Lent(client, pronounce=str.upper))
    assert isinstance(mouth, LocalTTS)
    assert mouth.pronounce("acme") == "ACME"


def test_what_only_the_local_models_can_is_asked_of_whoever_was_chosen(
    lent: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One knows since when the caller is silent, and one can begin on what is likely to be said; a vendor's do not."""
    monkeypatch.setenv("DEEPGRAM_API_KEY", "none")
    monkeypatch.setenv("CARTESIA_API_KEY", "none")
    own, theirs = choice("moonshine"), choice("deepgram")
    silent_s = catalog.silence_of(own, catalog.build_stt(own, lent))
    assert silent_s is not None and silent_s() == math.inf  # between two turns
    assert catalog.silence_of(theirs, catalog.build_stt(theirs, lent)) is None
    own, theirs = choice("hibari"), choice("cartesia")
    assert catalog.prepares_with(own, catalog.build_tts(own, lent)) is not None
    assert catalog.prepares_with(theirs, catalog.build_tts(theirs, lent)) is None
