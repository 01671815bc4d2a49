"""The ear that steers a scene: when the agent began to speak, and whether it speaks now."""

import numpy as np
import pytest

from evals.caller import FRAME, RATE, Samples
from evals.playing import Ear, moved_by

LOUD, QUIET = np.full(FRAME, 8000, np.int16), np.zeros(FRAME, np.int16)


def hear(ear: Ear, began: float, frames: list[Samples]) -> None:
    """Frames of 10 ms, one after the other."""
    for number, frame in enumerate(frames):
        ear.add(began + number * 0.01, frame)


def test_speech_after_silence_is_an_onset_and_goes_on_over_short_gaps() -> None:
    """0.2 s of silence is a pause, 0.5 s ends a stretch."""
    ear = Ear()
    hear(ear, 1.0, [LOUD] * 50 + [QUIET] * 20 + [LOUD] * 50 + [QUIET] * 50 + [LOUD] * 10)
    assert ear.onsets == [pytest.approx(1.02), pytest.approx(2.72)]
    assert ear.last_loud == pytest.approx(2.79)
    assert ear.onset_after(1.5) == pytest.approx(2.72)
    assert ear.onset_after(3.0) is None


def test_a_click_is_not_heard() -> None:
    """Two loud frames are no voice."""
    ear = Ear()
    hear(ear, 0.0, [QUIET] * 10 + [LOUD] * 2 + [QUIET] * 10)
    assert ear.onsets == []


def test_listeners_get_every_frame_and_the_recording_stays_whole() -> None:
    """The echo is made of them."""
    ear, got = Ear(), list[Samples]()
    ear.listeners.append(got.append)
    hear(ear, 0.0, [LOUD] * 5)
    assert len(got) == 5
    assert np.count_nonzero(ear.rendered(0.05)) == 5 * FRAME


@pytest.mark.parametrize(("expected_s", "moved_s"), [(1.0, 0.05), (1.05, 0.0), (1.1, -0.05), (0.5, 0.0), (3.0, 0.0)])
def test_words_stand_where_the_recording_has_them(expected_s: float, moved_s: float) -> None:
    """They went out at 1.05 s; a sound far from where it should be is another one."""
    sent = np.concatenate([np.zeros(int(1.05 * RATE), np.int16), np.tile(LOUD, 50), np.zeros(2 * RATE, np.int16)])
    assert moved_by(sent, expected_s) == pytest.approx(moved_s, abs=0.011)
