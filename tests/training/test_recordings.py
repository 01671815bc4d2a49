"""Where recordings are cut, on sound whose words and pauses are known."""

import wave
from pathlib import Path

import numpy as np
import pytest

from evals.recordings import decoded
from training.recordings import RATE, Samples, cuts
from training.scores import area


def made(*parts: float) -> Samples:
    """Speech of so many seconds where positive, the room where negative; words of 0.25 s with 0.06 s between them."""
    rng = np.random.default_rng(1)
    pieces = []
    for seconds in parts:
        samples = rng.normal(0, 10, int(abs(seconds) * RATE))
        if seconds > 0:
            in_word = (np.arange(len(samples)) / RATE) % 0.31 < 0.25
            samples += in_word * 8000 * np.sin(2 * np.pi * 180 * np.arange(len(samples)) / RATE)
        pieces.append(samples)
    return np.concatenate(pieces).astype(np.int16)


def test_a_recording_is_asked_about_at_its_end_in_its_pauses_and_between_words() -> None:
    """0.2 s behind the last sound each time."""
    found = list(cuts(made(-0.5, 1.8, -0.6, 1.8, -0.7), seed=1))
    assert [cut.where for cut in found] == ["end", "pause", "word", "word"]
    end, pause, *words = found
    assert end.at_s == pytest.approx(4.7, abs=0.1) and len(end.sound) / RATE == pytest.approx(end.at_s + 0.2)
    assert pause.at_s == pytest.approx(2.3, abs=0.1) and pause.pause_s == pytest.approx(0.6, abs=0.1)
    for cut in words:
        assert len(cut.sound) / RATE == pytest.approx(cut.at_s + 0.2)
        in_word = (cut.at_s - (0.5 if cut.at_s < 2.5 else 2.9)) % 0.31
        assert in_word > 0.2 or in_word < 0.05
        assert np.abs(cut.sound[-int(0.19 * RATE) :]).max() < 100


def test_a_click_behind_the_words_is_neither_a_pause_nor_the_end() -> None:
    """What stands alone and is shorter than a word."""
    found = list(cuts(made(-0.5, 1.8, -0.8, 0.05, -0.5), seed=1))
    assert [cut.where for cut in found] == ["end", "word", "word"]
    assert found[0].at_s == pytest.approx(2.3, abs=0.1)


def test_a_file_of_any_rate_is_read_as_mono_at_16_khz(tmp_path: Path) -> None:
    """Two channels at 44.1 kHz."""
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(np.zeros(2 * 44_100, np.int16).tobytes())
    assert len(decoded(tmp_path / "a.wav", RATE)) == pytest.approx(RATE, abs=100)


def test_the_area_is_the_chance_that_a_whole_one_is_rated_above_a_cut_one() -> None:
    """A tie counts half."""
    assert area([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert area([0.5], [0.5]) == 0.5
    assert area([0.1, 0.9], [0.5]) == 0.5
