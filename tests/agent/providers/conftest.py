"""A client of the run's speech process, a speech process to kill, and sound to feed them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import vad
from livekit.plugins import silero
from numpy.typing import NDArray

from agent.providers.local.local_tts import LocalTTS
from agent.providers.local.speech_client import SpeechClient
from agent.providers.local.supervisor import SpeechProcess
from tests.rig.rig import KEYS

Samples = NDArray[np.int16]


@pytest.fixture
async def client(speech_socket: Path) -> AsyncIterator[SpeechClient]:
    """A client of the speech process that the whole run shares."""
    client = SpeechClient(speech_socket)
    yield client
    await client.aclose()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a Unix socket."""
    with TemporaryDirectory(prefix="parley-") as folder:
        yield Path(folder)


@pytest.fixture
async def mortal(folder: Path) -> AsyncIterator[SpeechProcess]:
    """A ready speech process of the test's own, to be killed."""
    process = SpeechProcess(folder / "speech.sock")
    await process.start()
    await process.ready()
    yield process
    await process.aclose()


@pytest.fixture(scope="session")
def silero_vad() -> vad.VAD:
    """The real VAD, with the profile's default silence."""
    return silero.VAD.load(min_silence_duration=0.3)


async def say(client: SpeechClient, text: str, rate: int) -> Samples:
    """The local voice at the rate that a test needs."""
    frames = await LocalTTS(client).render(text)
    resampler = rtc.AudioResampler(client.sample_rate, rate, quality=rtc.AudioResamplerQuality.HIGH)
    parts = [part for frame in frames for part in resampler.push(frame)] + resampler.flush()
    return np.concatenate([np.frombuffer(part.data, np.int16) for part in parts])


@pytest.fixture
def with_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dummies, one for each vendor."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
