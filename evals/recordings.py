"""Recordings of people as callers of our own: read at any rate, and where in them somebody speaks.

A recording has silence, breath and noise around its words; where those end is found by loudness against the recording's
own noise (docs/latency.md).
"""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from livekit import rtc
from livekit.agents import vad
from livekit.plugins import silero

from evals.caller import RATE, Samples
from evals.mixing import faded, silence
from evals.onset import FLOOR_DB, WINDOW_S, levels_db
from evals.questions import SEED, Question, Sound
from evals.scenes import Item
from evals.servers import NotStarted
from evals.verdicts import Span
from evals.voices import over_phone

ENDINGS = frozenset({".wav", ".flac"})
BELOW_SPEECH_DB = 30.0  # under the loud tenth of the sound, as synthetic voices are judged
ABOVE_NOISE_DB = 8.0  # over the soft tenth of the sound
HEARABLE_DB = 10.0  # above the meter's floor: what is softer has no end that can be measured
JOINED_S = 0.1  # what lies closer is one stretch: a stop consonant is silent for nearly so long
SPOKEN_S = 0.05  # a stretch with less sound is a click
VOICE = 0.5  # Silero's certainty that somebody speaks
VOICE_LATE_S = 0.12  # it comes so late at most
SURELY_SPEECH_DB = 12.0  # as far under the loudest is no noise, also where a recording has no silence to show it
PAUSE_S = 0.3  # who is silent for so long between words hesitates
LEAD_S = 0.02  # kept in front of the first word
TAIL_S = 2.0  # kept behind the last word: longer than anybody waits


@dataclass(frozen=True, slots=True)
class Recording:
    """What one person said. `pause_s` is the longest silence in it, `truth` its words, if a text lies beside it."""

    name: str
    sound: Sound
    pause_s: float
    truth: str | None = None


def found(folder: Path) -> list[Path]:
    """The WAV and FLAC files in it and below, in an order without order that never changes. Raises NotStarted."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    if not files:
        raise NotStarted(f"--recordings: there is no .wav or .flac file in {folder}")
    return [files[at] for at in np.random.default_rng(SEED).permutation(len(files))]


async def recordings(folder: Path, *, is_phone: bool = False) -> AsyncIterator[Recording]:
    """Those in which somebody speaks, one after the other; of the others it says so. Raises NotStarted."""
    ears = silero.VAD.load()
    for path in found(folder):
        whole = decoded(path)
        whole = over_phone(whole) if is_phone else whole
        if spans := await voiced(ears, whole, spoken(whole)):
            yield _cut(str(path.relative_to(folder).with_suffix("")), whole, spans, _truth(path))
        else:
            print(f"left out, nobody speaks in it: {path}", flush=True)


async def first(chosen: AsyncIterable[Recording], most: int | None) -> list[Recording]:
    """So many of them, or all."""
    kept: list[Recording] = []
    async for recording in chosen:
        kept.append(recording)
        if len(kept) == most:
            break
    return kept


def decoded(path: Path, rate: int = RATE) -> Samples:
    """The file as int16 mono at that many hertz. Raises NotStarted when it is no sound."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    try:
        with av.open(str(path)) as file:
            frames = [made for frame in file.decode(audio=0) for made in resampler.resample(frame)]
    except (av.FFmpegError, IndexError) as error:
        raise NotStarted(f"--recordings: {path} cannot be read as sound: {error}") from error
    if not frames:
        raise NotStarted(f"--recordings: {path} cannot be read as sound: there is none in it")
    return np.concatenate([frame.to_ndarray()[0] for frame in (*frames, *resampler.resample(None))])


def spoken(samples: Samples) -> list[Span]:
    """The stretches in which somebody speaks, in seconds; silences under JOINED_S are part of one, clicks are none."""
    levels = levels_db(samples, RATE)
    loudest = float(np.percentile(levels[levels > FLOOR_DB], 90)) if (levels > FLOOR_DB).any() else FLOOR_DB
    if loudest < FLOOR_DB + HEARABLE_DB:
        return []
    noise = min(float(np.percentile(levels, 10)) + ABOVE_NOISE_DB, loudest - SURELY_SPEECH_DB)
    threshold = max(noise, loudest - BELOW_SPEECH_DB)
    loud = np.flatnonzero(levels > threshold)
    stretches = np.split(loud, np.flatnonzero(np.diff(loud) > JOINED_S / WINDOW_S) + 1)
    return [
        Span(float(run[0] * WINDOW_S), float((run[-1] + 1) * WINDOW_S))
        for run in stretches
        if len(run) * WINDOW_S >= SPOKEN_S
    ]


async def voiced(ears: vad.VAD, samples: Samples, spans: Sequence[Span]) -> list[Span]:
    """Those of them in which Silero hears a voice: a chair, a breath, the key that ends the recording are none."""
    stream = ears.stream()
    for sound in (samples, silence(VOICE_LATE_S)):
        stream.push_frame(rtc.AudioFrame(sound.tobytes(), RATE, 1, len(sound)))
    stream.end_input()
    certain = [
        event.timestamp
        async for event in stream
        if event.type == vad.VADEventType.INFERENCE_DONE and event.probability > VOICE
    ]
    return [span for span in spans if any(span.began <= at <= span.ended + VOICE_LATE_S for at in certain)]


def _truth(path: Path) -> str | None:
    beside = path.with_suffix(".txt")
    return " ".join(beside.read_text(encoding="utf-8").split()) or None if beside.is_file() else None


def _cut(name: str, whole: Samples, spans: Sequence[Span], truth: str | None) -> Recording:
    """From the first word on, with at most TAIL_S behind the last one."""
    began, ended = max(0.0, spans[0].began - LEAD_S), spans[-1].ended
    sound = faded(whole[int(began * RATE) : int((ended + TAIL_S) * RATE)])
    pause_s = max((after.began - before.ended for before, after in pairwise(spans)), default=0.0)
    return Recording(name, Sound(sound, ended - began), pause_s, truth)


async def hesitating(folder: Path, most: int | None = None, *, is_phone: bool = False) -> list[Item]:
    """Scenes of people who stop within what they say, as many as there are or `most`. Raises NotStarted."""
    stops = (one async for one in recordings(folder, is_phone=is_phone) if one.pause_s >= PAUSE_S)
    return [
        Item(
            kind="people",
            text=one.truth or one.name,
            voice=one.name,
            play="ask",
            judge="cut off",
            sound=one.sound.samples,
            pause_s=one.pause_s,
            rest_s=one.sound.rest_s,
        )
        for one in await first(stops, most)
    ]


class Recorded:
    """A set of questions that are recordings; each is played once before one is played again."""

    voices: tuple[str, ...] = ("people",)

    def __init__(self, chosen: Sequence[Recording]) -> None:
        self._asked = [Question(one.truth or one.name, one.name, is_known=one.truth is not None) for one in chosen]
        self._sounds = {question: one.sound for question, one in zip(self._asked, chosen, strict=True)}

    def asked(self, number: int) -> Question:
        """The recording of a turn, by its number in the run."""
        return self._asked[number % len(self._asked)]

    async def render(self, first: int, count: int) -> None:
        """Nothing: they have their sound."""

    def __getitem__(self, question: Question) -> Sound:
        """The sound of a recording."""
        return self._sounds[question]
