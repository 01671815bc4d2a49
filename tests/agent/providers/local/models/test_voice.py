"""Every local voice keeps the promises of agent/providers/local/models/voice.py."""

from statistics import median

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.providers.local.models.hibari import Hibari
from agent.providers.local.models.piper import Piper
from agent.providers.local.models.voice import Voice, bounded


@pytest.fixture(scope="module", params=[Hibari, Piper])
def voice(request: pytest.FixtureRequest) -> Voice:
    """Each in turn."""
    made: Voice = request.param()
    return made


def sound(voice: Voice, clause: str) -> NDArray[np.int16]:
    """A clause's samples."""
    return np.frombuffer(voice.speak(clause), np.int16)


@pytest.mark.parametrize(
    ("clause", "pause_s"), [("Your order has shipped.", 0.24), ("If it fits,", 0.12), ("now", 0.05)]
)
def test_a_clause_begins_at_once_and_ends_in_its_pause(voice: Voice, clause: str, pause_s: float) -> None:
    """A caller waits for what stands in front, and hears the mark in what stands behind: no two are alike."""
    sounds = [sound(voice, clause) for _ in range(5)]
    audible = [np.flatnonzero(np.abs(samples) > 0.01 * 32767) for samples in sounds]
    assert max(heard[0] for heard in audible) / voice.sample_rate < 0.01
    behind = [len(samples) - heard[-1] for samples, heard in zip(sounds, audible, strict=True)]
    assert median(behind) / voice.sample_rate == pytest.approx(pause_s, abs=0.05)


def test_the_level_leaves_room_for_the_encoder(voice: Voice) -> None:
    """Loud enough for a telephone, and nothing is clipped."""
    peaks = [np.abs(sound(voice, clause)).max() / 32767 for clause in ("Goodbye.", "No.", "Thank you for calling us.")]
    assert min(peaks) > 0.3 and max(peaks) < 0.95


@pytest.mark.parametrize("clause", ["", " ", "...", "\u0416", "\U0001f389"])
def test_what_cannot_be_said_is_no_sound_or_little(voice: Voice, clause: str) -> None:
    """Never an error: text of an LLM may hold anything."""
    assert len(sound(voice, clause)) < 2 * voice.sample_rate


def test_voices_are_told_apart() -> None:
    """A phrase that one has spoken is not found by the other."""
    assert Hibari().identity != Piper().identity
    assert {Hibari.name, Piper.name} == {"hibari", "piper"}


def test_too_loud_is_full_scale_and_silence_is_nothing() -> None:
    """What goes beyond full scale does not turn over."""
    loud = np.frombuffer(bounded(np.array([0.0, 1.5, -1.5], np.float32), 100, "a"), np.int16)
    assert (loud.max(), loud.min()) == (32767, -32767)
    assert bounded(np.zeros(100, np.float32), 100, "a.") == b""
