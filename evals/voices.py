"""Speech for callers of our own: Piper through the speech process, flite's and espeak-ng's voices, and each of them
faster or slower, which also moves its pitch. Sound only; what is said is in scenes/."""

import asyncio
import io
import shutil
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from agent.providers.speech import SpeechClient
from evals.caller import RATE, Samples
from evals.mixing import at_level
from evals.onset import onset_s, trimmed
from evals.wer import RATE as PHONE_INPUT_RATE
from evals.wer import mu_law_8k

Engine = Literal["piper", "flite", "espeak-ng"]
# What people murmur and no synthesizer can spell: phonemes in each one's own alphabet.
MURMURS: dict[str, dict[Engine, str]] = {  # the strokes in Piper's are IPA's stress mark
    "mm-hm": {"piper": "[[əmhˈəm]]", "espeak-ng": "[[@mh'@m]]", "flite": "pau ah m hh ah m pau"},  # noqa: RUF001
    "mm": {"piper": "[[ˈəmm]]", "espeak-ng": "[['@mm]]", "flite": "pau ah m m pau"},  # noqa: RUF001
    "hm": {"piper": "[[hˈəmm]]", "espeak-ng": "[[h'@mm]]", "flite": "pau hh ah m m pau"},  # noqa: RUF001
}


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice. `speed` above 1 is a faster and higher one."""

    name: str
    engine: Engine
    option: str = ""
    speed: float = 1.0


CAST = (
    Voice("joe", "piper"),
    Voice("slt", "flite", "slt"),
    Voice("joe low", "piper", speed=0.92),
    Voice("rms", "flite", "rms"),
    Voice("joe high", "piper", speed=1.1),
    Voice("awb", "flite", "awb"),
    Voice("slt high", "flite", "slt", speed=1.08),
    Voice("espeak us", "espeak-ng", "en-us"),
    Voice("espeak f3", "espeak-ng", "en-us+f3"),
)


def present(cast: Sequence[Voice] = CAST) -> tuple[Voice, ...]:
    """The voices that can speak here: flite and espeak-ng are Debian packages, Piper is always there."""
    return tuple(voice for voice in cast if voice.engine == "piper" or shutil.which(voice.engine))


async def spoken(client: SpeechClient, voice: Voice, text: str) -> Samples:
    """The sentence at 48 kHz and SPEECH_DB, without silence around it."""
    said = MURMURS[text][voice.engine] if text in MURMURS else text
    match voice.engine:
        case "piper":
            sound = await piper(client, said)
        case "flite":
            sound = await flite(said, voice.option, is_phonemes=text in MURMURS)
        case "espeak-ng":
            sound = await espeak(said, voice.option)
    began = onset_s(sound, RATE) or 0.0
    return at_level(at_speed(sound[int(began * RATE) :], voice.speed))


async def piper(client: SpeechClient, text: str) -> Samples:
    """The sentence at 48 kHz, without silence behind it."""
    pcm = b"".join([piece async for piece in client.synthesize(text)])
    return trimmed(resampled(np.frombuffer(pcm, np.int16), client.sample_rate, RATE), RATE)


async def flite(text: str, voice: str = "slt", *, is_phonemes: bool = False) -> Samples:
    """The same by flite, which has to be installed; from its phonemes if the text is made of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"  # flite writes to files only
        process = await asyncio.create_subprocess_exec(
            "flite", "-voice", voice, "-p" if is_phonemes else "-t", text, "-o", str(path)
        )
        await process.wait()
        with wave.open(str(path)) as file:
            pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            rate = file.getframerate()
    return trimmed(resampled(pcm, rate, RATE), RATE)


async def espeak(text: str, voice: str = "en-us", words_per_minute: int = 160) -> Samples:
    """The same by espeak-ng, which has to be installed."""
    process = await asyncio.create_subprocess_exec(
        "espeak-ng", "-v", voice, "-s", str(words_per_minute), "--stdout", text, stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    output, _ = await process.communicate()
    with wave.open(io.BytesIO(output)) as file:
        rate = file.getframerate()
        # espeak-ng writes to a pipe and cannot know the length it announces
        pcm = np.frombuffer(output[44:], np.int16)
    return trimmed(resampled(pcm, rate, RATE), RATE)


def at_speed(samples: Samples, speed: float) -> Samples:
    """As a tape that runs so much faster: shorter and higher."""
    return samples if speed == 1.0 else resampled(samples, round(RATE * speed), RATE)


def over_phone(samples: Samples) -> Samples:
    """Through a telephone line and back: 8 kHz mu-law."""
    narrow = mu_law_8k(resampled(samples, RATE, PHONE_INPUT_RATE))
    return resampled(narrow, PHONE_INPUT_RATE, RATE)


def resampled(pcm: NDArray[np.int16], rate: int, to: int) -> Samples:
    """The same sound at another rate, by the resampler that LiveKit uses."""
    if rate == to:
        return pcm
    resampler = rtc.AudioResampler(rate, to, quality=rtc.AudioResamplerQuality.HIGH)
    frames = [*resampler.push(bytearray(pcm.tobytes())), *resampler.flush()]
    return np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])
