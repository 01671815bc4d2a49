"""Speech for callers of our own: the speech process's voice, Piper's, flite's and espeak-ng's, and each of them faster
or slower, which also moves its pitch. Sound only; what is said is in scenes/."""

import asyncio
import functools
import io
import shutil
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from agent.providers.local.speech_client import SpeechClient
from agent.speaking.clauses import clauses
from evals.caller import RATE, Samples
from evals.mixing import at_level
from evals.onset import onset_s, trimmed
from evals.wer import RATE as PHONE_INPUT_RATE
from evals.wer import mu_law_8k

if TYPE_CHECKING:
    from agent.providers.local.models.piper import Piper

Engine = Literal["hibari", "piper", "flite", "espeak-ng"]
# What people murmur and no synthesizer can spell: phonemes in each one's own alphabet.
MURMURS: dict[str, dict[Engine, str]] = {  # the strokes in hibari's and Piper's are IPA's stress mark
    "mm-hm": {
        "hibari": "[mm-hm](/əmhˈəm/)",  # noqa: RUF001
        "piper": "[[əmhˈəm]]",  # noqa: RUF001
        "espeak-ng": "[[@mh'@m]]",
        "flite": "pau ah m hh ah m pau",
    },
    "mm": {
        "hibari": "[mm](/ˈəmm/)",  # noqa: RUF001
        "piper": "[[ˈəmm]]",  # noqa: RUF001
        "espeak-ng": "[['@mm]]",
        "flite": "pau ah m m pau",
    },
    "hm": {
        "hibari": "[hm](/hˈəmm/)",  # noqa: RUF001
        "piper": "[[hˈəmm]]",  # noqa: RUF001
        "espeak-ng": "[[h'@mm]]",
        "flite": "pau hh ah m m pau",
    },
}


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice. `speed` above 1 is a faster and higher one."""

    name: str
    engine: Engine
    option: str = ""
    speed: float = 1.0


CAST = (
    Voice("heart", "hibari"),
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
    """Those that can speak here: flite and espeak-ng are Debian packages, Piper an extra, hibari is always there."""
    return tuple(voice for voice in cast if _is_present(voice.engine))


def _is_present(engine: Engine) -> bool:
    match engine:
        case "hibari":
            return True
        case "piper":
            return find_spec("piper") is not None
        case program:
            return shutil.which(program) is not None


async def spoken(client: SpeechClient, voice: Voice, text: str) -> Samples:
    """The sentence at 48 kHz and SPEECH_DB, without silence around it."""
    said = MURMURS[text][voice.engine] if text in MURMURS else text
    match voice.engine:
        case "hibari":
            sound = await agents(client, said)
        case "piper":
            sound = await piper(said)
        case "flite":
            sound = await flite(said, voice.option, is_phonemes=text in MURMURS)
        case "espeak-ng":
            sound = await espeak(said, voice.option)
    began = onset_s(sound, RATE) or 0.0
    return trimmed(
        at_level(at_speed(sound[int(began * RATE) :], voice.speed)), RATE
    )  # what was just loud enough is not now


async def agents(client: SpeechClient, text: str) -> Samples:
    """The sentence at 48 kHz by the speech process's own voice, without silence behind it."""
    pcm = b"".join([piece async for piece in client.synthesize(text)])
    return trimmed(resampled(np.frombuffer(pcm, np.int16), client.sample_rate, RATE), RATE)


async def piper(text: str) -> Samples:
    """The same by Piper, which has to be installed; in this process, since the speech process has one voice."""
    voice = await asyncio.to_thread(_piper)
    pcm = b"".join([await asyncio.to_thread(voice.speak, clause) for clause in clauses(text)])
    return trimmed(resampled(np.frombuffer(pcm, np.int16), voice.sample_rate, RATE), RATE)


@functools.cache
def _piper() -> "Piper":
    from agent.providers.local.models.piper import Piper

    return Piper()


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
