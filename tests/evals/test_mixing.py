"""Levels, pauses and rooms: known sound in, known sound out."""

import numpy as np
import pytest

from evals.caller import FRAME, RATE, Samples, each_frame
from evals.mixing import (
    ECHO_S,
    Echo,
    RoomNoise,
    aligned_end,
    at_level,
    audible_db,
    cough,
    knock,
    with_pause,
)
from evals.onset import FLOOR_DB, levels_db


def tone(hertz: float, seconds: float, gain: float = 8000.0) -> Samples:
    """A hum of several partials, so that it has a spectrum."""
    at = np.arange(int(seconds * RATE)) / RATE
    partials = np.stack([np.sin(2 * np.pi * hertz * n * at) / n for n in range(1, 5)])
    return np.asarray(partials.sum(axis=0) * gain / 2, np.int16)


def test_level_is_that_of_what_is_audible() -> None:
    """Silence around speech does not make it louder."""
    sound = np.concatenate([np.zeros(RATE, np.int16), tone(200, 0.5), np.zeros(RATE, np.int16)])
    assert audible_db(at_level(sound, -30)) == pytest.approx(-30, abs=0.5)


def test_beginning_is_found_in_a_sentence_that_is_spoken_at_another_pace() -> None:
    """The same three sounds, the whole sentence 20 % slower: the second ends at 0.6 s."""
    whole = np.concatenate([tone(150, 0.3), tone(900, 0.3), tone(400, 0.4)])
    beginning = np.concatenate([tone(150, 0.25), tone(900, 0.25)])
    assert aligned_end(whole, beginning) / RATE == pytest.approx(0.6, abs=0.03)


def test_pause_is_as_long_as_asked_and_nothing_is_lost() -> None:
    """What was silent there already is part of the pause."""
    gap = np.zeros(int(0.2 * RATE), np.int16)
    whole = np.concatenate([tone(150, 0.3), gap, tone(900, 0.3)])
    paused = with_pause(whole, tone(150, 0.3), 1.0)
    quiet = levels_db(paused, RATE) <= FLOOR_DB
    assert np.sum(quiet) * 0.01 == pytest.approx(1.0, abs=0.03)
    assert len(paused) / RATE == pytest.approx(1.6, abs=0.04)


def test_room_noise_is_under_speech_by_its_ratio() -> None:
    """10 dB under speech of -20 dB, without end."""
    noise = np.random.default_rng(1).normal(0, 3000, RATE // 3).astype(np.int16)
    heard = each_frame(np.zeros(2 * RATE, np.int16), RoomNoise(noise, -30))
    assert audible_db(heard) == pytest.approx(-30, abs=0.5)
    assert np.sum(levels_db(heard, RATE) > FLOOR_DB) > 190


def test_echo_comes_back_late_and_soft() -> None:
    """150 ms after it was heard, 20 dB softer."""
    echo, voice = Echo(20.0), tone(300, 0.5)
    returned = []
    for at in range(0, len(voice), FRAME):
        echo.hear(voice[at : at + FRAME])
        returned.append(echo(np.zeros(FRAME, np.int16)))
    heard = np.concatenate(returned)
    first = int(np.flatnonzero(heard)[0])
    assert first / RATE == pytest.approx(ECHO_S, abs=0.011)
    assert audible_db(heard) == pytest.approx(audible_db(voice) - 20, abs=1)


@pytest.mark.parametrize("made", [cough, knock])
def test_made_noises_are_loud_short_and_the_same_for_the_same_seed(made: object) -> None:
    """Reproducible, and nobody's words: under a second."""
    assert callable(made)
    one, other = made(np.random.default_rng(3)), made(np.random.default_rng(3))
    assert np.array_equal(one, other)
    assert 0.1 < len(one) / RATE < 1.2
    assert audible_db(one) > -20
