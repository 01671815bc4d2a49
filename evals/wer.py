"""`python -m evals.wer`: how many words the local STT gets wrong, per synthetic voice and band, and what they cost.

Each utterance is spoken by hibari and, where they are installed, by Piper and espeak-ng, at 16 kHz and as 8 kHz mu-law,
and heard twice: whole, and through the streaming STT with its VAD. Real callers are harder than any of these voices.
"""

import argparse
import asyncio
import io
import json
import re
import shutil
import tempfile
import time
import wave
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from livekit import rtc
from livekit.agents import stt
from livekit.plugins import silero
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from agent.providers.local.local_tts import LocalTTS
from agent.providers.local.moonshine import MoonshineSTT
from agent.speaking.pronounce import spoken
from evals.caller import RATE as CALLERS_RATE
from evals.servers import running_speech

RATE = 16_000
UTTERANCES = Path(__file__).with_name("utterances.txt")
ESPEAK_VOICES = ("en-us", "en-gb", "en-us+f3")
_DIGITS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905  # reads better than ten quotes
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_SHORT = {"'s": " is", "'d": " would", "'m": " am", "'ll": " will", "'re": " are", "n't": " not", "oh ": "zero "}

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One voice in one band. WER over all words; `numbers_right` counts the utterances with digits, heard whole."""

    voice: str
    band: str
    n: int
    words: int
    wer: float
    wer_streamed: float
    numbers_right: str
    rtf: float
    p50_ms: float


def words(text: str) -> list[str]:
    """The words that count: no case, marks or contractions; digits as they are said, long numbers one by one."""
    text = text.lower().replace("\u2019", "'").replace("good-bye", "goodbye").replace("good bye", "goodbye")
    for short, long in _SHORT.items():
        text = text.replace(short, long)
    return re.findall(r"[a-z]+", re.sub(r"\d+", lambda digits: f" {_said(digits[0])} ", text))


def _said(digits: str) -> str:
    if len(digits) == 2 and digits[0] == "1":
        return _TEENS[int(digits[1])]
    if len(digits) == 2 and digits[0] != "0":
        return _TENS[int(digits[0]) - 2] + (f" {_DIGITS[int(digits[1])]}" if digits[1] != "0" else "")
    return " ".join(_DIGITS[int(digit)] for digit in digits)


def errors(said: str, heard: str) -> int:
    """Words put in, left out or changed."""
    return Levenshtein.distance(words(said), words(heard))


def mu_law_8k(samples: Samples) -> Samples:
    """Through a telephone line and back: 8 kHz, mu-law's 255 steps."""
    narrow = _resample(samples, RATE, 8_000) / 32768.0
    steps = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    wide = np.sign(steps) * (np.power(256.0, np.abs(steps)) - 1) / 255
    return _resample((wide * 32767).astype(np.int16), 8_000, RATE)


def _resample(samples: Samples, rate: int, wanted: int) -> Samples:
    resampler = rtc.AudioResampler(rate, wanted, quality=rtc.AudioResamplerQuality.HIGH)
    frames = [*resampler.push(_frame(samples, rate)), *resampler.flush()]
    return np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])


def _frame(samples: Samples, rate: int = RATE) -> rtc.AudioFrame:
    return rtc.AudioFrame(samples.tobytes(), rate, 1, len(samples))


async def _spoken(voice: str, text: str, mouth: LocalTTS) -> Samples:
    from evals import voices  # which takes the telephone line from here

    if voice == "hibari":
        frames = await mouth.render(text)
        return _resample(np.concatenate([np.frombuffer(f.data, np.int16) for f in frames]), mouth.sample_rate, RATE)
    if voice == "piper":
        return _resample(await voices.piper(spoken(text)), CALLERS_RATE, RATE)
    command = ("espeak-ng", "-v", voice, "-s", "150", "--stdout", text)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    sound, _ = await process.communicate()
    with wave.open(io.BytesIO(sound)) as wav:
        return _resample(np.frombuffer(wav.readframes(wav.getnframes()), np.int16), wav.getframerate(), RATE)


async def _streamed(ears: MoonshineSTT, samples: Samples) -> str:
    """The finals of the stream, joined. Fed faster than real time, which the VAD does not mind."""
    silence = np.zeros(RATE // 2, np.int16)
    sound = np.concatenate([silence, samples, silence, silence])
    async with ears.stream() as stream:
        for start in range(0, len(sound), RATE // 50):
            stream.push_frame(_frame(sound[start : start + RATE // 50]))
        stream.end_input()
        finals = [e.alternatives[0].text async for e in stream if e.type == stt.SpeechEventType.FINAL_TRANSCRIPT]
    return " ".join(finals)


async def _measure(
    voice: str, band: str, texts: list[str], ears: MoonshineSTT, mouth: LocalTTS, *, is_verbose: bool
) -> Figures:
    wrong = wrong_streamed = total = numbers = numbers_right = 0
    took: list[float] = []
    heard_s = 0.0
    for text in texts:
        samples = await _spoken(voice, text, mouth)
        samples = mu_law_8k(samples) if band == "8k mu-law" else samples
        began = time.perf_counter()
        event = await ears.recognize([_frame(samples)])
        took.append(time.perf_counter() - began)
        heard, streamed = event.alternatives[0].text, await _streamed(ears, samples)
        heard_s += len(samples) / RATE
        total += len(words(text))
        wrong += errors(text, heard)
        wrong_streamed += errors(text, streamed)
        if digits := [word for word in words(text) if word in _DIGITS]:
            numbers += 1
            numbers_right += digits == [word for word in words(streamed) if word in _DIGITS]
        if is_verbose and errors(text, streamed):
            print(f"   {text!r} -> whole {heard!r}, streamed {streamed!r}")
    return Figures(
        voice=voice,
        band=band,
        n=len(texts),
        words=total,
        wer=round(wrong / total, 3),
        wer_streamed=round(wrong_streamed / total, 3),
        numbers_right=f"{numbers_right}/{numbers}",
        rtf=round(sum(took) / heard_s, 3),
        p50_ms=round(sorted(took)[len(took) // 2] * 1000),
    )


async def _main(texts: list[str], *, is_verbose: bool) -> list[Figures]:
    voices = [
        "hibari",
        *(["piper"] if find_spec("piper") else ()),
        *(ESPEAK_VOICES if shutil.which("espeak-ng") else ()),
    ]
    found: list[Figures] = []
    with tempfile.TemporaryDirectory() as folder:
        async with running_speech(Path(folder)) as client:
            await client.connect()
            ears, mouth = MoonshineSTT(client, silero.VAD.load(min_silence_duration=0.3)), LocalTTS(client)
            for voice in voices:
                for band in ("16k", "8k mu-law"):
                    found.append(await _measure(voice, band, texts, ears, mouth, is_verbose=is_verbose))
                    _print(found[-1:], has_head=len(found) == 1)
    return found


def _print(rows: Iterable[Figures], *, has_head: bool) -> None:
    if has_head:
        print(f"{'voice':10} {'band':10} {'n':>3} {'WER':>6} {'streamed':>8} {'numbers':>8} {'RTF':>6} {'p50':>7}")
    for row in rows:
        print(
            f"{row.voice:10} {row.band:10} {row.n:3} {row.wer:6.1%} {row.wer_streamed:8.1%} {row.numbers_right:>8} "
            f"{row.rtf:6.3f} {row.p50_ms:4.0f} ms"
        )


def main() -> None:
    """Measure and print a table, and as the last line the same as JSON."""
    parser = argparse.ArgumentParser(prog="python -m evals.wer", description=__doc__)
    parser.add_argument("--limit", type=int, default=None, help="only the first so many utterances")
    parser.add_argument("--verbose", action="store_true", help="print what was misheard")
    chosen = parser.parse_args()
    lines = UTTERANCES.read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line and not line.startswith("#")][: chosen.limit]
    found = asyncio.run(_main(texts, is_verbose=chosen.verbose))
    print(json.dumps([asdict(row) for row in found]))


if __name__ == "__main__":
    main()
