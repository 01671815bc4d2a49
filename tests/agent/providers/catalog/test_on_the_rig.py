"""The real plugins against the vendors' protocols: what they send of a profile's options, what comes back, and what
they make of each fault."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError, function_tool, llm, stt, tts, vad
from livekit.agents.utils import http_context

from agent.providers import catalog
from agent.providers.catalog import Lent
from agent.providers.local.speech_client import SpeechClient
from agent.providers.surroundings import Surroundings
from tests.rig.content import Known, Rules, Wish
from tests.rig.faults import STATUS, Fault
from tests.rig.rig import KEYS, Rig, running

RATE = 16_000
ONCE = APIConnectOptions(max_retry=0, timeout=1.0)
MIND = Rules([("order", Wish("lookup_order", '{"number": "4571"}'))])


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    """All vendors, without models: what is heard is known before, what is said is a tone."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    async with running(Known(["Where is my order?"]), MIND) as rig, http_context.open():
        yield rig


@pytest.fixture
def lent(silero_vad: vad.VAD) -> Lent:
    """What a call lends."""
    return Lent(SpeechClient(Path("nowhere")), vad=silero_vad)


@function_tool
async def lookup_order(number: str) -> str:
    """Look an order up."""
    return number


async def answer(mind: llm.LLM[Any], words: str, tools: list[llm.Tool] | None = None) -> Any:
    """All of one answer."""
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="You answer for a shop.")
    context.add_message(role="user", content=words)
    return await mind.chat(chat_ctx=context, tools=list(tools or ()), conn_options=ONCE).collect()


async def speech_of(voice: tts.TTS[Any], text: str, came: list[float] | None = None) -> tuple[float, list[str]]:
    """How long it is in seconds, and the words that were given a time. `came` gets the lengths as they come."""
    pieces, words = [] if came is None else came, list[str]()
    async with voice.stream(conn_options=ONCE) as stream:
        stream.push_text(text)
        stream.end_input()
        async for piece in stream:
            pieces.append(piece.frame.duration)
            words += [str(word).strip() for word in piece.frame.userdata.get("lk.timed_transcripts", ())]
    return sum(pieces), words


async def hears(ears: stt.STT[Any], rate: int = RATE) -> list[stt.SpeechEvent]:
    """What it makes of a second of loud sound between silences, at three times the speed of life."""
    loud = (np.random.default_rng(1).standard_normal(rate) * 3000).astype(np.int16)
    sound = np.concatenate([np.zeros(rate // 2, np.int16), loud, np.zeros(rate * 3 // 2, np.int16)])
    step = rate // 50
    async with ears.stream(conn_options=ONCE) as stream:

        async def feed() -> None:
            for start in range(0, len(sound) - step + 1, step):
                stream.push_frame(rtc.AudioFrame(sound[start : start + step].tobytes(), rate, 1, step))
                await asyncio.sleep(0.006)
            await asyncio.sleep(0.3)
            stream.end_input()

        feeding = asyncio.create_task(feed())
        try:
            return [event async for event in stream]
        finally:
            feeding.cancel()


def finals(events: list[stt.SpeechEvent]) -> list[str]:
    """The final texts."""
    return [event.alternatives[0].text for event in events if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT]


@pytest.mark.parametrize("name", ["openai", "anthropic", "ollama", "vllm"])
async def test_each_llm_asks_for_a_tool_and_answers(rig: Rig, lent: Lent, name: str) -> None:
    """With its own key, and with nobody else's."""
    mind = catalog.build_llm(rig.choice("llm", name, model="a-model"), lent)
    wished, said = await answer(mind, "Where is my order?", [lookup_order]), await answer(mind, "Hello.")
    assert [(call.name, call.arguments) for call in wished.tool_calls] == [("lookup_order", '{"number": "4571"}')]
    assert said.text.strip() == "How can I help?"
    key = KEYS.get(catalog.entries("llm")[name].key, "none")
    assert {asked.key for asked in rig.of(name).asked} == {key}


@pytest.mark.parametrize(("name", "has_times"), [("cartesia", 1), ("elevenlabs", 1), ("deepgram", 0), ("openai", 0)])
async def test_each_tts_says_all_of_a_text(rig: Rig, lent: Lent, name: str, has_times: int) -> None:
    """60 ms a letter come back, and the times of the words where the catalog promises them."""
    voice = catalog.build_tts(rig.choice("tts", name), lent)
    text = "Your order is on its way. It comes tomorrow."
    length, words = await speech_of(voice, text)
    assert length == pytest.approx(0.06 * len(text), rel=0.1)
    assert catalog.entries("tts")[name].can.has_word_times == bool(has_times)
    if has_times:
        assert words == text.split()


@pytest.mark.parametrize("name", ["deepgram", "deepgram-flux", "cartesia"])
async def test_each_streaming_stt_hears_one_utterance(rig: Rig, lent: Lent, name: str) -> None:
    """Begun, told before it is over, final, ended; with an eager end where the catalog promises one."""
    events = await hears(catalog.build_stt(rig.choice("stt", name), lent))
    kinds = {event.type for event in events}
    can = catalog.entries("stt")[name].can
    assert finals(events) == ["Where is my order?"]
    assert {stt.SpeechEventType.START_OF_SPEECH, stt.SpeechEventType.END_OF_SPEECH} <= kinds
    assert (stt.SpeechEventType.INTERIM_TRANSCRIPT in kinds) == can.has_interim
    assert (stt.SpeechEventType.PREFLIGHT_TRANSCRIPT in kinds) == can.has_eager_end


async def test_nova_is_asked_as_the_profile_says_and_a_telephone_s_sound_is_sent_as_it_came(
    rig: Rig, lent: Lent
) -> None:
    """Key terms as a list, formats, the ends of utterances; mu-law at 8 kHz when the caller is on a telephone."""
    lent = replace(lent, around=Surroundings(is_phone=lambda: True))
    choice = rig.choice("stt", "deepgram", keyterm=("Acme", "Parley"), endpointing_ms=300, utterance_end_ms=1200)
    ears = catalog.build_stt(choice, lent)
    catalog.on_phone(choice, ears)
    assert finals(await hears(ears)) == ["Where is my order?"]
    query = rig.deepgram.asked[0].body
    wanted = {"model": "nova-3", "language": "en-US", "interim_results": "true", "smart_format": "true"}
    wanted |= {
        "filler_words": "true",
        "endpointing": "300",
        "utterance_end_ms": "1200",
        "sample_rate": "8000",
        "encoding": "mulaw",
    }
    assert {name: query[name] for name in wanted} == {name: [value] for name, value in wanted.items()}
    assert query["keyterm"] == ["Acme", "Parley"]


async def test_flux_on_a_telephone_is_sent_mu_law_and_in_a_browser_it_is_not(rig: Rig, lent: Lent) -> None:
    """Whoever calls, the same utterance is heard."""
    phones: list[str] = ["the first caller's"]
    for _ in range(2):
        choice = rig.choice("stt", "deepgram-flux")
        ears = catalog.build_stt(choice, replace(lent, around=Surroundings(is_phone=lambda: bool(phones))))
        if phones:
            catalog.on_phone(choice, ears)
        assert finals(await hears(ears)) == ["Where is my order?"]
        phones.clear()
    asked = [(asked.body["encoding"], asked.body["sample_rate"]) for asked in rig.deepgram.asked]
    assert asked == [(["mulaw"], ["8000"]), (["linear16"], ["16000"])]


async def test_a_voice_is_asked_for_as_the_profile_says(rig: Rig, lent: Lent) -> None:
    """Sonic's id, speed and emotion; ElevenLabs' id, stability, similarity, style and speed."""
    sonic = rig.choice("tts", "cartesia", voice="a-cloned-one", speed=1.2, emotion="Calm")
    eleven = rig.choice("tts", "elevenlabs", voice="another", stability=0.3, similarity=0.9, style=0.2, speed=1.1)
    for choice in (sonic, eleven):
        await speech_of(catalog.build_tts(choice, lent), "Hello there.")
    said = next(asked.body for asked in rig.cartesia.asked if "voice" in asked.body)
    assert said["voice"] == {"mode": "id", "id": "a-cloned-one"}
    assert said["generation_config"] == {"speed": 1.2, "emotion": "Calm"}
    settings = next(asked.body["voice_settings"] for asked in rig.elevenlabs.asked if "voice_settings" in asked.body)
    assert settings == {"stability": 0.3, "similarity_boost": 0.9, "style": 0.2, "speed": 1.1}
    assert "/text-to-speech/another/" in rig.elevenlabs.asked[0].path


FAILS_AT_ONCE = [
    fault for fault in Fault if fault not in {Fault.LATE, Fault.STALLED, Fault.HALF_OPEN, Fault.WRONG_RATE}
]


@pytest.mark.parametrize("fault", FAILS_AT_ONCE)
@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_a_fault_of_an_llm_is_an_error_and_none_is_left_when_it_is_healed(
    rig: Rig, lent: Lent, name: str, fault: Fault
) -> None:
    """With its status where it has one. The same service answers once the fault is gone."""
    await rig.of(name).fail(fault)
    mind = catalog.build_llm(rig.choice("llm", name, model="a-model"), lent)
    with pytest.raises(APIError) as caught:
        await answer(mind, "Hello.")
    if fault in STATUS:
        assert isinstance(caught.value, APIStatusError) and caught.value.status_code == STATUS[fault]
    assert KEYS[catalog.entries("llm")[name].key] not in f"{caught.value!r} {caught.value.__cause__!r}"
    await rig.of(name).fail(None)
    again = catalog.build_llm(rig.choice("llm", name, model="a-model"), lent)
    assert (await answer(again, "Hello.")).text.strip() == "How can I help?"
    await mind.aclose()
    await again.aclose()


@pytest.mark.parametrize(
    "fault", [Fault.REFUSED, Fault.RESET, Fault.UNAUTHORIZED, Fault.UNPAID, Fault.LIMITED, Fault.BROKEN]
)
@pytest.mark.parametrize("name", ["deepgram", "cartesia"])
async def test_a_fault_of_an_stt_is_an_error_that_names_no_key(rig: Rig, lent: Lent, name: str, fault: Fault) -> None:
    """A WebSocket that is refused, or breaks."""
    await rig.of(name).fail(fault)
    with pytest.raises(APIError) as caught:
        await hears(catalog.build_stt(rig.choice("stt", name), lent))
    assert KEYS[catalog.entries("stt")[name].key] not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_what_breaks_in_mid_sentence_is_heard_as_far_as_it_came(rig: Rig, lent: Lent) -> None:
    """A stall and a reset after some of the sound has passed; garbage and another rate at once."""
    text, whole = "This is a sentence of some length.", 0.06 * 34
    for fault in (Fault.STALLED, Fault.RESET):
        await rig.cartesia.fail(fault, after=60_000)
        came: list[float] = []
        with pytest.raises(APIError):
            await speech_of(catalog.build_tts(rig.choice("tts", "cartesia"), lent), text, came)
        assert 0.3 < sum(came) < whole
    await rig.cartesia.fail(Fault.WRONG_RATE)
    length, _ = await speech_of(catalog.build_tts(rig.choice("tts", "cartesia"), lent), text)
    assert length == pytest.approx(whole * 2 / 3, rel=0.1)


async def test_who_is_late_is_late_and_who_is_half_open_says_nothing(rig: Rig, lent: Lent) -> None:
    """The first byte comes after its delay; or never, and the plugin's own time limit ends it."""
    mind = catalog.build_llm(rig.choice("llm", "openai"), lent)
    await rig.openai.fail(Fault.LATE, late_s=0.5)
    began = time.monotonic()
    assert (await answer(mind, "Hello.")).text
    assert time.monotonic() - began >= 0.5
    await rig.openai.fail(Fault.HALF_OPEN)
    with pytest.raises(APIError):
        await answer(catalog.build_llm(rig.choice("llm", "openai"), lent), "Hello.")
    assert rig.openai.switch.met
