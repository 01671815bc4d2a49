"""Whether an answer that was stopped by mistake went on where it was: by its sound where the same sound is known from
another call, by its words where it is not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.caller import RATE, Samples
from evals.onset import FLOOR_DB, WINDOW_S, levels_db
from evals.verdicts import Span, Verdict
from evals.written import lost_and_doubled

TEMPLATE_S = 0.4
EDGE_S = 0.03  # at the cut itself the codec smears
WITHIN_S = 0.1  # shorter than any syllable
SURE = 0.5  # correlation above which a place is the place
_THINNED = 6  # 8 kHz is enough to find speech in speech


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of sound was found in another: its first sample in seconds, and how alike they are (0 to 1)."""

    at_s: float
    likeness: float


def found_in(whole: Samples, piece: Samples) -> Place:
    """The best place of the piece, by normalised cross-correlation."""
    long, short = (_thin(samples) for samples in (whole, piece))
    if len(short) == 0 or len(long) < len(short):
        return Place(0.0, 0.0)
    size = 1 << (len(long) + len(short)).bit_length()
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    energy = np.cumsum(np.concatenate([[0.0], long**2]))
    there = np.sqrt(energy[len(short) :] - energy[: len(long) - len(short) + 1])
    likeness = product[: len(there)] / (there * np.linalg.norm(short) + 1e-9)
    best = int(np.argmax(likeness))
    return Place(best * _THINNED / RATE, float(likeness[best]))


def lost_s(reference: Samples, recording: Samples, silence: Span) -> float | None:
    """Seconds of voice that were skipped over the silence, negative when said twice; None when nobody can tell."""
    template, edge = int(TEMPLATE_S * RATE), int(EDGE_S * RATE)
    stop, go_on = int(silence.began * RATE) - edge, int(silence.ended * RATE) + edge
    before = found_in(reference, recording[max(0, stop - template) : stop])
    after = found_in(reference, recording[go_on : go_on + template])
    if min(before.likeness, after.likeness) < SURE:
        return None
    ended = before.at_s + (stop - max(0, stop - template)) / RATE + EDGE_S
    began = after.at_s - EDGE_S
    # a pause of the speech's own may be skipped or made twice without a loss
    between = reference[int(min(began, ended) * RATE) : int(max(began, ended) * RATE)]
    voiced_s = float(np.sum(levels_db(between, RATE) > FLOOR_DB)) * WINDOW_S
    return voiced_s if began > ended else -voiced_s


def by_sound(reference: Samples, recording: Samples, silence: Span) -> Verdict:
    """Ok when less than a syllable is missing or doubled."""
    lost = lost_s(reference, recording, silence)
    if lost is None:
        return Verdict(None, "the sound is not that of the reference")
    return Verdict(abs(lost) <= WITHIN_S, f"{'lost' if lost > 0 else 'doubled'} {abs(lost) * 1000:.0f} ms", lost * 1000)


def by_words(intended: str, heard: str, cut_at: float) -> Verdict:
    """Ok when no word near the cut is missing or said twice."""
    lost, doubled = lost_and_doubled(intended, heard, cut_at)
    reason = f"{lost} words lost, {doubled} doubled" if lost or doubled else "no word lost or doubled"
    return Verdict(not (lost or doubled), reason)


def joined(recording: Samples, answer: Span, silence: Span, pause_s: float = 0.15) -> Samples:
    """The answer as it would be without the silence."""
    began, stop, go_on, ended = (int(at * RATE) for at in (answer.began, silence.began, silence.ended, answer.ended))
    return np.concatenate([recording[began:stop], np.zeros(int(pause_s * RATE), np.int16), recording[go_on:ended]])


def _thin(samples: Samples) -> NDArray[np.float64]:
    whole = samples[: len(samples) // _THINNED * _THINNED].astype(np.float64)
    thinned: NDArray[np.float64] = whole.reshape(-1, _THINNED).mean(axis=1)
    return np.asarray(thinned - thinned.mean()) if len(thinned) else thinned
