"""Voices of Debian's synthesizers speak, murmur and change their pace."""

import sys
from pathlib import Path

import pytest

from agent.providers.local.speech_client import SpeechClient
from evals.caller import RATE
from evals.mixing import SPEECH_DB, audible_db
from evals.voices import MURMURS, Engine, Voice, at_speed, espeak, flite, over_phone, present, spoken

SENTENCE = "Where is my order?"


@pytest.mark.needs("flite")
async def test_flites_voices_speak_and_murmur() -> None:
    """Each voice says the sentence its own way; "mm-hm" comes from phonemes and is not spelled."""
    said = [await flite(SENTENCE, voice) for voice in ("slt", "rms", "awb")]
    assert all(0.7 < len(sound) / RATE < 2.5 for sound in said)
    assert len({sound.tobytes() for sound in said}) == 3
    murmur = await flite(MURMURS["mm-hm"]["flite"], is_phonemes=True)
    assert 0.2 < len(murmur) / RATE < 1.3


@pytest.mark.needs("espeak-ng")
async def test_espeak_speaks_and_murmurs() -> None:
    """The same by the other synthesizer."""
    assert 0.7 < len(await espeak(SENTENCE)) / RATE < 2.5
    assert len(await espeak(MURMURS["mm-hm"]["espeak-ng"])) / RATE < 1.0


@pytest.mark.needs("espeak-ng")
async def test_faster_is_shorter_and_a_phone_keeps_length_and_level() -> None:
    """A tenth faster is a tenth shorter; a telephone line takes the treble, not the voice."""
    sound = await espeak(SENTENCE)
    assert len(at_speed(sound, 1.1)) == pytest.approx(len(sound) / 1.1, rel=0.01)
    narrow = over_phone(sound)
    assert len(narrow) == pytest.approx(len(sound), rel=0.01)
    assert audible_db(narrow) == pytest.approx(audible_db(sound), abs=3)
    assert audible_db(narrow) > SPEECH_DB - 12


def test_what_is_not_installed_has_no_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent's own voice is all that is left without Piper, which is an extra, and without any program."""
    cast = (Voice("joe", "piper"), Voice("heart", "hibari"), Voice("slt", "flite", "slt"))
    monkeypatch.setitem(sys.modules, "piper", None)
    monkeypatch.setenv("PATH", "")
    assert [voice.name for voice in present(cast)] == ["heart"]


@pytest.mark.parametrize("engine", ["hibari", "piper"])
async def test_models_speak_and_murmur(speech_socket: Path, engine: Engine) -> None:
    """The agent's voice and Piper's, at one level and without silence around it."""
    client = SpeechClient(speech_socket)
    said = await spoken(client, Voice("any", engine), SENTENCE)
    murmur = await spoken(client, Voice("any", engine), "mm-hm")
    await client.aclose()
    assert 0.7 < len(said) / RATE < 2.5 and 0.2 < len(murmur) / RATE < 1.3
    assert audible_db(said) == pytest.approx(SPEECH_DB, abs=1)
