"""Speech for callers of our own: Piper through the speech process, espeak-ng as a second, very different voice."""

import asyncio
import io
import wave

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from agent.providers.speech import SpeechClient
from evals.caller import RATE, Samples
from evals.onset import trimmed


async def piper(client: SpeechClient, text: str) -> Samples:
    """The sentence at 48 kHz, without silence behind it."""
    pcm = b"".join([piece async for piece in client.synthesize(text)])
    return trimmed(resampled(np.frombuffer(pcm, np.int16), client.sample_rate, RATE), RATE)


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


def resampled(pcm: NDArray[np.int16], rate: int, to: int) -> Samples:
    """The same sound at another rate, by the resampler that LiveKit uses."""
    if rate == to:
        return pcm
    resampler = rtc.AudioResampler(rate, to, quality=rtc.AudioResamplerQuality.HIGH)
    frames = [*resampler.push(bytearray(pcm.tobytes())), *resampler.flush()]
    return np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])
