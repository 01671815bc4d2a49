"""The recording of a caller of our own places sound where it was heard."""

import numpy as np
import pytest

from evals.caller import FRAME, RATE, Side
from evals.onset import end_s, onset_s, trimmed

LOUD = np.full(FRAME, 8000, np.int16)
QUIET = np.zeros(FRAME, np.int16)


def played(side: Side, arrivals: list[float], loud_from: int) -> None:
    """Frames that arrive at these seconds, loud from the nth on."""
    for number, at in enumerate(arrivals):
        side.add(at, LOUD if number >= loud_from else QUIET)


def test_frames_taken_late_do_not_move_what_follows() -> None:
    """This process slept for 0.3 s and then took 30 frames at once: the onset after it is where it was."""
    arrivals = [0.5 + 0.01 * n for n in range(100)]
    arrivals[40:70] = [1.2] * 30
    side = Side()
    played(side, arrivals, loud_from=80)
    assert onset_s(side.rendered(2.0), RATE) == pytest.approx(1.3, abs=0.011)


def test_late_first_frame_is_corrected_by_the_next() -> None:
    """The earliest arrival counts, not the first."""
    side = Side()
    played(side, [0.9, *(0.5 + 0.01 * n for n in range(1, 50))], loud_from=20)
    assert onset_s(side.rendered(2.0), RATE) == pytest.approx(0.7, abs=0.011)


def test_track_that_comes_back_is_a_stretch_of_its_own() -> None:
    """After a break of seconds the sound stands where it came back."""
    side = Side()
    played(side, [0.1 + 0.01 * n for n in range(10)], loud_from=99)
    played(side, [5.0 + 0.01 * n for n in range(10)], loud_from=0)
    assert onset_s(side.rendered(6.0), RATE) == pytest.approx(5.0, abs=0.011)


def test_what_is_sent_late_stands_where_it_was_sent() -> None:
    """A sender that slept leaves a hole: what follows is not moved into it."""
    side = Side(broken_s=0.03)
    played(side, [0.5 + 0.01 * n + (0.2 if n >= 40 else 0.0) for n in range(100)], loud_from=40)
    assert onset_s(side.rendered(2.0), RATE) == pytest.approx(1.1, abs=0.011)


@pytest.mark.parametrize("since_s", [0.0, 0.4, 0.505, 0.9, 1.3])
def test_a_part_is_the_part_of_the_whole(since_s: float) -> None:
    """From any second on, also within a frame, before the first and after the last."""
    side = Side()
    played(side, [0.5 + 0.01 * n for n in range(60)], loud_from=30)
    assert (side.rendered(1.4, since_s) == side.rendered(1.4)[int(since_s * RATE) :]).all()


def test_what_comes_later_is_no_part_of_what_was_before() -> None:
    """A window may end before a stretch begins, and between two."""
    side = Side(broken_s=0.03)
    played(side, [0.5 + 0.01 * n + (0.4 if n >= 20 else 0.0) for n in range(40)], loud_from=0)
    assert not side.rendered(0.4).any()
    assert not side.rendered(1.0, 0.75).any()


@pytest.mark.parametrize("gap_s", [0.1, 0.5, 1.25])
def test_known_gap_is_measured(gap_s: float) -> None:
    """Speech, a known silence, speech: the meter finds the silence within 20 ms."""
    speech = np.tile(LOUD, 50)
    recording = np.concatenate([speech, np.zeros(int(gap_s * RATE), np.int16), speech])
    ended = end_s(recording[: len(speech) + FRAME], RATE)
    onset = onset_s(recording, RATE, after_s=ended)
    assert onset is not None
    assert onset - ended == pytest.approx(gap_s, abs=0.02)


def test_silence_has_no_onset_and_a_click_is_none() -> None:
    """Nothing is not speech, and neither is a single loud window."""
    silence = np.zeros(RATE, np.int16)
    assert onset_s(silence, RATE) is None
    silence[1000 : 1000 + FRAME] = 8000
    assert onset_s(silence, RATE) is None


def test_silence_behind_a_stimulus_is_trimmed() -> None:
    """What the caller says ends with its last sound."""
    assert len(trimmed(np.concatenate([np.tile(LOUD, 20), np.zeros(RATE, np.int16)]), RATE)) == 20 * FRAME
