"""Where a stopped answer went on, on made-up speech that is cut by the sample."""

import numpy as np
import pytest

from evals.caller import RATE, Samples
from evals.resuming import by_sound, found_in, joined
from evals.verdicts import Span


def speech(seconds: float) -> Samples:
    """Noise in syllables of changing colour: like speech, no stretch of it is like another."""
    chance = np.random.default_rng(5)
    count = int(seconds * RATE)
    smooth = np.convolve(chance.normal(0, 1, count), np.ones(24) / 24, "same")
    syllables = np.interp(np.arange(count), np.arange(0, count, 4800), chance.uniform(0.3, 1, -(-count // 4800)))
    return (smooth * syllables * 12_000).astype(np.int16)


WHOLE = speech(5.0)


def stopped(at_s: float, lost_s: float, silence_s: float = 0.8) -> tuple[Samples, Span]:
    """The speech with a silence in it, going on `lost_s` later than where it stopped."""
    at = int(at_s * RATE)
    rest = WHOLE[at + int(lost_s * RATE) :]
    recording = np.concatenate([np.zeros(RATE, np.int16), WHOLE[:at], np.zeros(int(silence_s * RATE), np.int16), rest])
    return recording, Span(1.0 + at_s, 1.0 + at_s + silence_s)


@pytest.mark.parametrize(("lost_s", "is_ok"), [(0.0, True), (0.05, True), (0.3, False), (-0.3, False)])
def test_loss_and_repetition_are_heard_in_the_sound(lost_s: float, is_ok: bool) -> None:
    """Less than a syllable is no loss; 0.3 s is a word."""
    verdict = by_sound(WHOLE, *stopped(2.0, lost_s))
    assert verdict.is_ok is is_ok
    assert verdict.ms == pytest.approx(lost_s * 1000, abs=15)


def test_other_sound_proves_nothing() -> None:
    """An answer that was synthesized anew cannot be laid over the reference."""
    recording, silence = stopped(2.0, 0.0)
    assert by_sound(speech(5.0)[::-1].copy(), recording, silence).is_ok is None


def test_a_piece_is_found_where_it_was_taken() -> None:
    """To the millisecond, and with certainty."""
    place = found_in(WHOLE, WHOLE[RATE : 2 * RATE])
    assert place.at_s == pytest.approx(1.0, abs=0.001)
    assert place.likeness > 0.99


def test_joined_answer_has_no_silence_where_it_stopped() -> None:
    """Only the pause that a speaker would make."""
    recording, silence = stopped(2.0, 0.0)
    whole = joined(recording, Span(1.0, 6.8), silence)
    assert len(whole) / RATE == pytest.approx(5.15, abs=0.01)
