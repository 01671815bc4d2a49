"""A recording: both sides at their times, without the numbers that were said, and gone when it was refused."""

import os
import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from agent.g711 import Samples
from agent.recording import AGENT, CALLER, HELD_BACK_S, RATE, Recording, expire, holds_number, write_wav

MASTER = bytes(range(32))
FRAME_S = 0.02


class Call:
    """A call in no time: both sides speak tones, frame by frame."""

    def __init__(self, path: Path) -> None:
        self.now = 100.0
        self.path = path
        self.recording = Recording(path, MASTER, lambda: self.now)

    def speak(self, seconds: float, caller: int = 0, agent: int = 0, text: str = "") -> None:
        """Both sides, each at a level, for so long; a level of 0 sends nothing where it is the agent."""
        for _ in range(round(seconds / FRAME_S)):
            self.now += FRAME_S
            self.recording.hear(CALLER, np.full(int(RATE * FRAME_S), caller, np.int16))
            if agent:
                self.recording.hear(AGENT, np.full(int(RATE * FRAME_S), agent, np.int16))
        if text:
            self.recording.spoke(text)

    def opened(self) -> Samples:
        """The whole recording, shape (n, 2)."""
        self.recording.close()
        target = self.path.with_suffix(".wav")
        write_wav(self.path, target, MASTER)
        with wave.open(str(target)) as file:
            assert (file.getnchannels(), file.getframerate()) == (2, RATE)
            return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)


def loud(sound: Samples, side: int, since_s: float, until_s: float) -> float:
    """How much of that stretch has sound in it, 0 to 1."""
    part = sound[int(since_s * RATE) : int(until_s * RATE), side]
    return float(np.mean(np.abs(part) > 500))


def test_both_sides_stand_where_they_were_said(tmp_path: Path) -> None:
    """The caller left, the agent right; a pause is a pause."""
    call = Call(tmp_path / "one.sealed")
    call.speak(2.0, caller=4000)
    call.speak(3.0, agent=6000)
    call.speak(1.0)
    call.speak(2.0, caller=4000, agent=6000)
    sound = call.opened()
    assert abs(len(sound) / RATE - 8.0) < 0.05
    assert [round(loud(sound, CALLER, at, at + 0.9), 1) for at in (0.05, 2.05, 5.05, 6.05)] == [1.0, 0.0, 0.0, 1.0]
    assert [round(loud(sound, AGENT, at, at + 0.9), 1) for at in (0.05, 2.05, 5.05, 6.05)] == [0.0, 1.0, 0.0, 1.0]


def test_a_long_call_is_written_as_it_goes_and_held_back_no_longer_than_needed(tmp_path: Path) -> None:
    """What lies on the disk grows; a crash loses half a minute."""
    call = Call(tmp_path / "one.sealed")
    call.speak(HELD_BACK_S - 1, caller=3000)
    assert call.path.stat().st_size < 1000
    call.speak(20.0, caller=3000)
    assert call.path.stat().st_size > 15 * RATE * 2
    assert abs(len(call.opened()) / RATE - (HELD_BACK_S + 19)) < 0.1


@pytest.mark.parametrize(
    "text", ["It's 4539 1488 0343 7305.", "four four one two", "March fifth nineteen eighty five", "the fifth of 1985"]
)
def test_a_number_that_may_be_somebodys_is_not_kept(text: str, tmp_path: Path) -> None:
    """Neither as the caller said it nor as the agent read it back; what was said around it stays."""
    call = Call(tmp_path / "one.sealed")
    call.speak(2.0, agent=6000, text="What is your card number?")
    call.speak(3.0, caller=4000, text=text)
    call.speak(2.0, agent=6000, text=f"So that is {text}")
    call.speak(2.0, caller=4000, text="Yes, that's right.")
    sound = call.opened()
    assert loud(sound, AGENT, 0.1, 1.9) == 1.0
    assert loud(sound, CALLER, 2.1, 4.9) == loud(sound, AGENT, 5.1, 6.9) == 0.0
    assert loud(sound, CALLER, 7.1, 8.9) == 1.0


@pytest.mark.parametrize(
    "text", ["", "Table for two, please.", "At half past seven", "I have one or two questions", "in 2 days"]
)
def test_ordinary_talk_is_kept(text: str) -> None:
    """A time, a party, a count."""
    assert not holds_number(text)


def test_a_refused_recording_is_gone(tmp_path: Path) -> None:
    """Not a byte of it stays."""
    call = Call(tmp_path / "one.sealed")
    call.speak(40.0, caller=4000)
    call.recording.discard()
    assert list(tmp_path.iterdir()) == []


def test_old_recordings_are_deleted_and_young_ones_stay(tmp_path: Path) -> None:
    """By when they were written; other files are nobody's business."""
    for name, age in (("old.sealed", 1000.0), ("young.sealed", 3000.0), ("notes.txt", 1000.0)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (age, age))
    then = datetime.fromtimestamp(2000.0, UTC)
    assert expire(tmp_path, then) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "young.sealed"]
    assert expire(tmp_path / "none", then) == 0
