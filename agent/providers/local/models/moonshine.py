"""Moonshine hears: one utterance of PCM in, its words out. Where an utterance begins and ends is the VAD's business."""

import math
import re
from pathlib import Path
from queue import SimpleQueue

import moonshine_voice
import numpy as np
from moonshine_voice import ModelArch, Transcriber
from moonshine_voice.moonshine_api import string_to_model_arch
from numpy.typing import NDArray

from agent.rules import domains

SAMPLE_RATE = 16_000
DEFAULT_FOLDER = Path(moonshine_voice.__file__).parent / "assets" / "tiny-en"
_LEAD_IN, _LEAD_OUT = SAMPLE_RATE * 3 // 10, SAMPLE_RATE * 3 // 20
# What tiny-en answers to noise, breath, tones and silence; no caller says one of these alone and means it.
_NOISE_ANSWERS = frozenset({"", "you", "thank you for watching", "thanks for watching"})
_LOOP = re.compile(r"\b((?:[a-z']+\W+){1,11}?[a-z']+)(?:\W+\1\b){3,}", re.IGNORECASE)
_DIGIT = "zero|oh|one|two|three|four|five|six|seven|eight|nine"
_WRITTEN = (
    (re.compile(r"\b(to)[- ](day|night|morrow)\b", re.IGNORECASE), r"\1\2"),
    (re.compile(r"\b(good)-(bye)\b", re.IGNORECASE), r"\1\2"),
    (re.compile(rf"\b({_DIGIT})-(?=(?:{_DIGIT})\b)", re.IGNORECASE), r"\1 "),  # "four-five-seven-one"
    (re.compile(r"\b(\d{3,})(?:-\1){3,}\b"), r"\1"),  # a loop: "555-555-555-555" was said once
)
# "Five five five" alone makes the model write a whole telephone number: more digits than there was time for.
_MADE_UP = (
    re.compile(r"\b((\d)\2\2)-\d{3}-\d{4}\b"),  # 555-550-5500
    re.compile(r"\b(\d{3,})(?:-\1)+\d*\b"),  # 555-555-55
)
_SOFTEST = 0.1  # of the loudest sample: a word begins and ends about there
_FASTEST = 5.0  # digits and other words a second; dictating, people say two to four


class Moonshine:
    """A Moonshine model, loaded `copies` times. `transcribe` blocks; so many threads may call it at once.

    One copy serves one thread at a time: asked by two at once, the library answers from memory that is in use. 86 of
    120 such answers were wrong, those looked at were bytes that nobody had said.
    """

    def __init__(self, folder: Path = DEFAULT_FOLDER, arch: str = "tiny", copies: int = 1) -> None:
        options = {
            "return_audio_data": "false",  # it would copy every sample back as a Python float
            "vad_threshold": "0",  # the audio comes cut by an outer VAD: do not cut it again
        }
        self._idle: SimpleQueue[Transcriber] = SimpleQueue()
        for _ in range(copies):
            self._idle.put(Transcriber(folder, _arch(arch), options=options))
        self._copies = copies

    def transcribe(self, pcm: bytes) -> str:
        """The words in PCM16 mono at 16 kHz, "" when there are none."""
        samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype=np.int16).astype(np.float32) / 32768.0
        # What touches the edge is misheard ("Goodbye" as "The bay"). Silence around it took the WER of three espeak-ng
        # voices from 26 to 14 % and Piper's from 10 to 5 %; more than this changed nothing.
        padded = np.pad(samples, (_LEAD_IN, _LEAD_OUT))
        model = self._idle.get()
        try:
            transcript = model.transcribe_without_streaming(padded.tolist(), SAMPLE_RATE)
            said = " ".join(line.text.strip() for line in transcript.lines)
            return tidy(said, sounding_s(samples))
        finally:
            self._idle.put(model)

    def warm(self) -> None:
        """One inference of each copy, so that the first caller does not wait for memory to be touched."""
        for _ in range(self._copies):  # the queue hands them out in turn
            self.transcribe(bytes(SAMPLE_RATE * 2))


def tidy(text: str, seconds: float = math.inf) -> str:
    """The text without what Moonshine makes up on noise (stock answers, loops, digits that nobody says in so many
    `seconds`), in today's spelling and with domains that there are. What it takes for other words, slips.py mends."""
    text = re.sub(r"(?:^|\s)[.,!?]+$", "", " ".join(_LOOP.sub(_without_loop, text).split()))
    for pattern, meant in _WRITTEN:
        text = pattern.sub(meant, text)
    if _spoken_units(text) > _FASTEST * seconds:
        for pattern in _MADE_UP:
            text = pattern.sub(r"\1", text)
    text = domains.as_meant(text)
    return "" if text.lower().strip(" .,!?") in _NOISE_ANSWERS else text


def sounding_s(samples: NDArray[np.float32]) -> float:
    """From the first sound to the last: what the line brought around the words is no time to say them in."""
    loud = np.flatnonzero(np.abs(samples) > _SOFTEST * np.abs(samples).max(initial=0.0))
    return float(np.ptp(loud)) / SAMPLE_RATE if loud.size else 0.0


def _spoken_units(text: str) -> int:
    """Digits, and words that are none."""
    return len(re.findall(r"\d|[a-z']+", text, re.IGNORECASE))


def _without_loop(loop: re.Match[str]) -> str:
    """Nothing where the model only looped; the phrase once behind real words; "five, five, five" as it was said."""
    if len(set(re.findall(r"[a-z']+", loop[1].lower()))) == 1:
        return loop[0]
    is_most_of_it = len(loop[0]) * 2 > len(loop.string)
    return "" if is_most_of_it else loop[1]


def _arch(name: str) -> ModelArch:
    return string_to_model_arch(name)
